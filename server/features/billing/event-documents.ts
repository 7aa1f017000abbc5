import { createHash } from 'node:crypto'
import { dayMs } from '../../../shared/clock.ts'

/** What both inboxes, of subscriptions and of payments, keep alike. */

/** Chargebee repeats for 3 days and 7 hours, Stripe and Paddle for 3 days; replays by hand come later. */
export const keepMs = 30 * dayMs
/** A payment of someone unknown: time enough for a sign-up that is just under way, not more. */
export const unmatchedTries = 4

export const keyOf = (eventId: string): string =>
  /^[\w-]{1,100}$/.test(eventId) ? eventId : createHash('sha256').update(eventId).digest('base64url')

export const idOfEvent = (connectionId: string, eventId: string): string =>
  `${connectionId}/${keyOf(eventId)}`

export { refKey } from '../../storage/documents/billing.ts'
