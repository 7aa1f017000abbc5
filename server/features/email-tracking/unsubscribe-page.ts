import { buttonForm } from './page.ts'
import { visitPage } from './tracking-context.ts'

export const showUnsubscribe = visitPage(({ locale, page, playbook }) =>
  page({
    title: locale.text('pages.unsubscribe.title'),
    body: locale.text('pages.unsubscribe.body', { product: playbook.playbook.product.name }),
    form: buttonForm(locale.text('pages.unsubscribe.button')),
  }),
)

/**
 * RFC 8058 §3.2: the mailbox provider posts here for the person, with neither cookie nor context; 200 at once, also
 * when it was done before. The page’s own button does the same.
 */
export const unsubscribe = visitPage(async (visit, { mailStop, signals, clock }) => {
  const { locale, page, playbook, trial, door, token, mail } = visit
  const before = trial.contact.suppressed?.reason
  const isNew = before !== 'unsubscribed' && before !== 'complaint'
  await mailStop.stop({ workspaceId: trial.workspaceId, trialId: door, reason: 'unsubscribed' })
  if (isNew)
    await signals.act(token, {
      type: 'unsubscribe',
      at: clock.now(),
      trialId: trial.id,
      key: mail.key,
      detail: 'by link',
    })
  return page({
    title: locale.text('pages.unsubscribe.done_title'),
    body: locale.text('pages.unsubscribe.done_body', { product: playbook.playbook.product.name }),
  })
})
