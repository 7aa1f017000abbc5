import type { Contact, Person, SuppressionReason } from './model.ts'

export type Mailable =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'no_address' | 'suppressed' | 'no_consent'; readonly why: string }

const suppressedWhy: Record<SuppressionReason, string> = {
  unsubscribed: 'the person unsubscribed',
  hard_bounce: 'the address does not exist (hard bounce)',
  complaint: 'the person marked a mail as spam',
  manual: 'the address is on the suppression list',
  soft_bounces: 'the mailbox refused several mails in a row (soft bounces)',
}

const noConsentWhy = 'the person does not want mail'

/** Whether a decision against a mail was about the person as such, see {@link mailable}. */
export const isUnmailableWhy = (why: string): boolean =>
  why === noConsentWhy || Object.values(suppressedWhy).includes(why)

/** May this person be mailed at all? */
export function mailable(person: Person, contact: Contact): Mailable {
  if (contact.suppressed)
    return { ok: false, reason: 'suppressed', why: suppressedWhy[contact.suppressed.reason] }
  if (person.consent.mail === false) return { ok: false, reason: 'no_consent', why: noConsentWhy }
  if (person.email === null)
    return {
      ok: false,
      reason: 'no_address',
      why: 'no e-mail address from your server or a signed identity yet',
    }
  return { ok: true }
}
