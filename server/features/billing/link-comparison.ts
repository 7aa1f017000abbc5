import { dayMs, hourMs } from '../../../shared/clock.ts'
import { openRequest, type Truth } from '../../domain/billing/agreement.ts'
import type { Clock } from '../../ports.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { BillingOutbox } from './billing-outbox.ts'
import type { SubscriptionLink, SubscriptionLinks } from './subscription-links.ts'
import type { WebhookInbox } from './webhook-inbox.ts'

const compareEveryMs = hourMs
/** Webhooks get lost (Maxio gives up after five minutes), so each running trial is read once a day. */
const readEveryMs = dayMs
const pageSize = 500
/** In one turn of the chore: what waits in the outbox is not to wait for a million links. */
const pagesAtOnce = 10
/** `active` only once it has paid: until then it is read again each day. */
const settledStatuses: ReadonlySet<string | null> = new Set(['active', 'canceled', 'expired'])

/**
 * Finds ends that no one has sent and subscriptions that no one has read for a day. Each call looks at a part of all
 * links, the next goes on behind it, and a round begins at most once an hour.
 */
export function createLinkComparison({
  links,
  trials,
  truthOf,
  outbox,
  inbox,
  clock,
}: {
  links: Pick<SubscriptionLinks, 'scan'>
  trials: Pick<TrialStore, 'get'>
  truthOf: (connectionId: string) => Promise<Truth>
  outbox: Pick<BillingOutbox, 'review'>
  inbox: Pick<WebhookInbox, 'request'>
  clock: Clock
}): (signal: AbortSignal | undefined) => Promise<void> {
  let compareAt = 0
  let comparedUpTo: string | null = null

  async function compareOne({ trialId, connectionId, ref, readAt, status, agreement }: SubscriptionLink) {
    const trial = await trials.get(trialId)
    if (!trial) return
    if (openRequest(trial, agreement, await truthOf(connectionId)) !== null) await outbox.review(trialId)
    const isStale = readAt === null || clock.now() - readAt >= readEveryMs
    const isSettled = settledStatuses.has(status) && trial.clock.status === 'converted'
    const isOver = status === 'canceled' || status === 'expired'
    if (isStale && ((!isSettled && !isOver) || agreement.isProvisional))
      await inbox.request({ id: connectionId, workspaceId: trial.workspaceId }, ref, 'daily')
  }

  return async (signal) => {
    if (comparedUpTo === null && clock.now() < compareAt) return
    if (comparedUpTo === null) compareAt = clock.now() + compareEveryMs
    for (let pages = 0; pages < pagesAtOnce; pages++) {
      const page = await links.scan(comparedUpTo, pageSize)
      for (const link of page) {
        if (signal?.aborted) return
        await compareOne(link)
      }
      comparedUpTo = page.length < pageSize ? null : (page.at(-1)?.trialId ?? null)
      if (comparedUpTo === null) return
    }
  }
}
