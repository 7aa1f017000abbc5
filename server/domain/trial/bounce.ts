import { dayMs } from '../../../shared/clock.ts'
import type { Contact } from './model.ts'
import { withSuppression } from './suppression.ts'

/**
 * - `hard`: the address does not exist; never mail it again.
 * - `policy`: the receiver refuses us or the content; says nothing about the address.
 * - `other`: permanent for this mail alone.
 * - `soft`: transient.
 */
export type BounceClass = 'hard' | 'policy' | 'soft' | 'other'

const hardCodes = /^5\.(1\.(0|1|2|3|4|5|6|10)|2\.1)$/

/** Permanent by their first digit, transient by their meaning: mailbox full, no answer, given up after days. */
const softCodes = /^5\.(2\.2|4\.4|4\.7)$/

/** Text that servers without enhanced codes use for an unknown mailbox. */
const unknownMailbox =
  /user unknown|unknown user|no such (user|mailbox|recipient)|mailbox (not found|unavailable|does not exist)|recipient (address )?rejected: user|does not exist|invalid (mailbox|recipient)/i

/**
 * @param enhancedCode RFC 3463 status such as `5.1.1`, when the server gave one
 * @param code SMTP reply code such as 550
 */
export function classifyBounce(enhancedCode: string | null, code: number | null, text = ''): BounceClass {
  const status = enhancedCode?.trim() ?? /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null
  if (status !== null) {
    if (status.startsWith('4.') || softCodes.test(status)) return 'soft'
    if (status.startsWith('5.7.')) return 'policy'
    return hardCodes.test(status) ? 'hard' : 'other'
  }
  if (code !== null && code >= 400 && code < 500) return 'soft'
  if (code === 550 || code === 551 || code === 553) return unknownMailbox.test(text) ? 'hard' : 'other'
  return 'other'
}

const softBounceLimit = 3
const softBounceSpanMs = 14 * dayMs

/** One more soft bounce; the third within 14 days suppresses the address for a while. */
export function withSoftBounce(contact: Contact, at: number): Contact {
  const softBounces = [...contact.softBounces, at]
    .sort((a, b) => a - b)
    .filter((earlier, _, all) => earlier > (all.at(-1) as number) - softBounceSpanMs)
  const counted = { ...contact, softBounces }
  return softBounces.length >= softBounceLimit
    ? withSuppression(counted, { reason: 'soft_bounces', at }, at)
    : counted
}
