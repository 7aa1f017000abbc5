import { type Page, surveyForm } from './page.ts'
import { parameter, type Visit, visitPage } from './tracking-context.ts'

const commentMaxChars = 2000

/** The answer is only chosen in the form: link scanners open every answer’s link, and none of them votes. */
function formPage({ locale, playbook, page }: Visit, chosen: string | null): Page {
  const { survey } = playbook.playbook
  const known = survey.answers.find(({ id }) => id === chosen)
  return page({
    title: locale.text(known ? 'pages.survey.title' : 'pages.survey.choose'),
    body: locale.text('pages.survey.intro'),
    form: surveyForm(locale, survey, known?.id ?? null),
  })
}

const closedPage = ({ locale, page }: Visit): Page =>
  page({ title: locale.text('pages.survey.closed_title'), body: locale.text('pages.survey.closed_body') })

export const showSurvey = visitPage((visit, _, request) =>
  visit.trial.clock.status === 'converted'
    ? closedPage(visit)
    : formPage(visit, parameter(request, 'answer')),
)

export const answerSurvey = visitPage(async (visit, { changes, signals, clock }, request) => {
  const { locale, trial, door, mail, token, page, playbook } = visit
  const { survey, product } = playbook.playbook
  const form = (request.body ?? {}) as { answer?: unknown; comment?: unknown }
  const answer = typeof form.answer === 'string' ? form.answer : parameter(request, 'answer')
  if (!survey.answers.some(({ id }) => id === answer)) return formPage(visit, null)
  const text = typeof form.comment === 'string' ? form.comment.trim().slice(0, commentMaxChars) : ''
  const comment = text === '' ? null : text
  const changed = await changes.change(door, { type: 'answerSurvey', answer, comment })
  if (!changed?.outcome.ok) return closedPage(visit)
  const at = clock.now()
  await signals.act(token, { type: 'survey', at, trialId: trial.id, key: mail.key, detail: answer })
  return page({
    title: locale.text('pages.survey.done_title'),
    body: locale.text('pages.survey.done_body', { product: product.name }),
  })
})
