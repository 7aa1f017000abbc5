import { dayMs } from '../../../shared/clock.ts'
import type { Contact, Person, SuppressionReason } from './model.ts'

/** Since when an address gets no email, and why. */
export type Suppressed = NonNullable<Contact['suppressed']>

/** The more lasting, the higher: a weaker reason never takes the place of a stronger one. */
const strength: Record<SuppressionReason, number> = {
  soft_bounces: 0,
  hard_bounce: 1,
  manual: 2,
  unsubscribed: 3,
  complaint: 4,
}

/** A full or broken mailbox may be well again after 30 days; then it gets another chance. */
export const softBounceReleaseMs = 30 * dayMs

/** When it ends by itself; null: never. */
export const releaseAt = ({ reason, at }: Suppressed): number | null =>
  reason === 'soft_bounces' ? at + softBounceReleaseMs : null

/** @returns the suppression while it holds, else null. */
export function inForce<S extends Suppressed>(suppressed: S | null, now: number): S | null {
  if (suppressed === null) return null
  const until = releaseAt(suppressed)
  return until === null || until > now ? suppressed : null
}

/** Which of the two holds; the earlier one when both say the same. */
export const strongerOf = <S extends Suppressed>(before: S | null, next: S, now: number): S => {
  const standing = inForce(before, now)
  return standing && strength[standing.reason] >= strength[next.reason] ? standing : next
}

export function withSuppression(contact: Contact, next: Suppressed, now: number): Contact {
  const suppressed = strongerOf(contact.suppressed, next, now)
  return suppressed === contact.suppressed ? contact : { ...contact, suppressed }
}

export type Mailable =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'no_address' | 'suppressed' | 'no_consent'; readonly why: string }

const suppressedWhy: Record<SuppressionReason, string> = {
  unsubscribed: 'the person unsubscribed',
  hard_bounce: 'the address does not exist (hard bounce)',
  complaint: 'the person marked an email as spam',
  manual: 'the address is on the suppression list',
  soft_bounces: 'the mailbox refused several emails in a row (soft bounces)',
}

const noConsentWhy = 'the person does not want emails'
const silencedWhy = 'imported without messages; end the pause to begin'

/** Whether a decision against an email was about the person as such, see {@link mailable}. */
export const isUnmailableWhy = (why: string): boolean =>
  why === noConsentWhy || why === silencedWhy || Object.values(suppressedWhy).includes(why)

/** May this person be mailed at all, at that moment? */
export function mailable(person: Person, contact: Contact, now: number): Mailable {
  const suppressed = inForce(contact.suppressed, now)
  if (suppressed) return { ok: false, reason: 'suppressed', why: suppressedWhy[suppressed.reason] }
  if (contact.silencedAt) return { ok: false, reason: 'suppressed', why: silencedWhy }
  if (person.consent.mail === false) return { ok: false, reason: 'no_consent', why: noConsentWhy }
  if (person.email === null)
    return {
      ok: false,
      reason: 'no_address',
      why: 'no email address from your server or a signed identity yet',
    }
  return { ok: true }
}
