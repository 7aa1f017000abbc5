import type { Request, Response } from 'express'
import { buttonForm, sendPage } from './page.ts'
import { type TrackingDependencies, visitOf } from './tracking-context.ts'

export async function showUnsubscribe(
  request: Request,
  response: Response,
  dependencies: TrackingDependencies,
): Promise<void> {
  const visit = await visitOf(request, response, dependencies)
  if (!visit) return
  const { locale, page, playbook } = visit
  sendPage(
    response,
    200,
    page({
      title: locale.text('pages.unsubscribe.title'),
      body: locale.text('pages.unsubscribe.body', { product: playbook.playbook.product.name }),
      form: buttonForm(locale.text('pages.unsubscribe.button')),
    }),
  )
}

/**
 * RFC 8058 §3.2: the mailbox provider posts here for the person, with neither cookie nor context; 200 at once, also
 * when it was done before. The page’s own button does the same.
 */
export async function unsubscribe(
  request: Request,
  response: Response,
  dependencies: TrackingDependencies,
): Promise<void> {
  const visit = await visitOf(request, response, dependencies)
  if (!visit) return
  const { locale, page, playbook, trial, token, mail } = visit
  const { mailStop, signals, clock } = dependencies
  const before = trial.contact.suppressed?.reason
  const isNew = before !== 'unsubscribed' && before !== 'complaint'
  await mailStop.stop({ workspaceId: trial.workspaceId, trialId: trial.id, reason: 'unsubscribed' })
  if (isNew)
    await signals.act(token, {
      type: 'unsubscribe',
      at: clock.now(),
      trialId: trial.id,
      key: mail.key,
      detail: 'by link',
    })
  sendPage(
    response,
    200,
    page({
      title: locale.text('pages.unsubscribe.done_title'),
      body: locale.text('pages.unsubscribe.done_body', { product: playbook.playbook.product.name }),
    }),
  )
}
