import { createHash } from 'node:crypto'
import { dayMs } from '../../../shared/clock.ts'
import type { DocumentStore, Versioned } from '../../storage/port.ts'

/** What both inboxes, of subscriptions and of payments, keep alike. */

/** Chargebee repeats for 3 days and 7 hours, Stripe and Paddle for 3 days; replays by hand come later. */
export const keepMs = 30 * dayMs
/** A subscription of somebody unknown: time enough for a sign-up that is just under way, not more. */
export const unmatchedTries = 4
const pageSize = 500

export const keyOf = (eventId: string): string =>
  /^[\w-]{1,100}$/.test(eventId) ? eventId : createHash('sha256').update(eventId).digest('base64url')

export const idOfEvent = (connectionId: string, eventId: string): string =>
  `${connectionId}/${keyOf(eventId)}`

/** All documents of a kind, read in pages. */
export async function* eachDocument<T>(documents: DocumentStore, kind: string): AsyncGenerator<Versioned<T>> {
  for (let after: string | undefined; ; ) {
    const page = await documents.list<T>(kind, { limit: pageSize, ...(after && { after }) })
    yield* page
    after = page.at(-1)?.id
    if (page.length < pageSize) return
  }
}
