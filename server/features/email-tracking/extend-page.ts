import type { Request } from 'express'
import { reduce } from '../../domain/reducer/reduce.ts'
import type { Command, Outcome } from '../../domain/trial/command.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { writeDate } from '../../locales/write.ts'
import { buttonForm, type Page } from './page.ts'
import { type Visit, visitPage } from './tracking-context.ts'

/** One email gives one extension: its id makes a second press, a second tab or a retry the same one. */
const extensionId = (token: string): string => `mail/${token}`

const extendCommand = ({ token, playbook }: Visit, expectedEnd?: number): Command => ({
  type: 'extend',
  id: extensionId(token),
  days: playbook.playbook.extensions.selfServe.days,
  reason: 'self_serve',
  note: '',
  by: { kind: 'trialist', name: 'link in an email' },
  ...(expectedEnd === undefined ? {} : { expectedEnd }),
})

const tookIt = ({ token, trial }: Visit): boolean =>
  trial.clock.extensions.some(({ id, undoneAt }) => id === extensionId(token) && undoneAt === null)

const write = ({ locale, timeZone }: Visit, at: number, now: number): string =>
  writeDate(at, 'time', { locale: locale.tag, timeZone, now })

function refusalPage(visit: Visit, trial: Trial, now: number): Page {
  const { locale, page } = visit
  const { endsAt, status } = trial.clock
  const text = (name: string, params = {}) => ({
    title: locale.text(`pages.extend.${name}_title`),
    body: locale.text(`pages.extend.${name}_body`, params),
  })
  if (status === 'converted') return page(text('customer'))
  if (endsAt === null) return page(text('no_end'))
  const date = write(visit, endsAt, now)
  if (tookIt({ ...visit, trial })) return page(text('already', { date }))
  const body =
    endsAt > now
      ? locale.text('pages.extend.limit_body', { date })
      : locale.text('pages.extend.limit_body_ended')
  return page({ title: locale.text('pages.extend.limit_title'), body })
}

/** Says what pressing the button would do, by trying it on a copy; nothing is changed. */
function offerPage(visit: Visit, now: number): Page {
  const { trial, playbook, locale, page, timeZone } = visit
  const { endsAt } = trial.clock
  const { outcome } = reduce(trial, extendCommand(visit), playbook, now)
  if (tookIt(visit) || endsAt === null || !outcome.ok || !outcome.extension)
    return refusalPage(visit, trial, now)
  const { after, days } = outcome.extension
  const slots = { before: write(visit, endsAt, now), after: write(visit, after, now) }
  const short = writeDate(after, 'short', { locale: locale.tag, timeZone, now })
  return page({
    title: locale.text('pages.extend.title', { days, product: playbook.playbook.product.name }),
    body: locale.text(endsAt > now ? 'pages.extend.body' : 'pages.extend.body_ended', slots),
    form: buttonForm(locale.text('pages.extend.button', { after: short }), { end: String(endsAt) }),
  })
}

/** The end the page named; one that is missing or no number is not compared. */
function expectedEndOf(request: Request): number | undefined {
  const { end } = (request.body ?? {}) as { end?: unknown }
  return typeof end === 'string' && /^\d{1,15}$/.test(end) ? Number(end) : undefined
}

export const showExtend = visitPage((visit, { clock }) => offerPage(visit, clock.now()))

export const extend = visitPage(async (visit, { changes, clock, signals }, request) => {
  const now = clock.now()
  if (tookIt(visit)) return refusalPage(visit, visit.trial, now)
  const changed = await changes.change(visit.door, extendCommand(visit, expectedEndOf(request)))
  const outcome: Outcome = changed?.outcome ?? { ok: false, reason: 'not_found', detail: '' }
  const trial = changed?.trial ?? visit.trial
  // The end has moved since the page was shown: show what pressing would do now.
  if (!outcome.ok && outcome.reason === 'conflict') return offerPage({ ...visit, trial }, now)
  if (!outcome.ok || !outcome.extension) return refusalPage(visit, trial, now)
  const { days, after } = outcome.extension
  const { token, mail, locale, page } = visit
  await signals.act(token, {
    type: 'extend',
    at: now,
    trialId: trial.id,
    key: mail.key,
    detail: `${days} days`,
  })
  return page({
    title: locale.text('pages.extend.done_title'),
    body: locale.text('pages.extend.done_body', { date: write(visit, after, now) }),
  })
})
