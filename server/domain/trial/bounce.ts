import { dayMs } from '../../../shared/clock.ts'
import type { Contact } from './model.ts'
import { withSuppression } from './suppression.ts'

/**
 * - `hard`: the address does not exist; never email it again.
 * - `policy`: the receiver refuses us or the content; says nothing about the address.
 * - `other`: permanent for this email alone.
 * - `soft`: transient.
 */
export type BounceClass = 'hard' | 'policy' | 'soft' | 'other'

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
