import type { EmailAddress } from '../../../shared/trial.ts'
import type { Mrr } from './mrr.ts'

/**
 * `pending`: not begun, or in the middle of something; `void`: never became anything (a checkout that was left).
 * Neither says anything about a trial.
 */
const billingStatuses = [
  'pending',
  'void',
  'trialing',
  'active',
  'past_due',
  'paused',
  'canceled',
  'expired',
] as const
export type BillingStatus = (typeof billingStatuses)[number]

/** What the billing system itself says of money: `unpaid` is its word that none came, `unknown` that it does not tell. */
export type PaymentProof = 'paid' | 'unpaid' | 'unknown'

/** A subscription as any billing system tells it. */
export interface BillingSubscription {
  readonly ref: string
  /** Its customer there, by the billing system’s own id. */
  readonly customerRef: string | null
  /** The merchant’s own id of the user, as far as the billing system was told. */
  readonly userId: string | null
  readonly email: EmailAddress | null
  readonly status: BillingStatus
  /** All that is charged again and again is 0, or a discount takes all of it: being active is no conversion. */
  readonly isFree: boolean
  readonly proof: PaymentProof
  readonly startedAt: number | null
  readonly trialEndsAt: number | null
  /** When it was canceled or ran out. */
  readonly endedAt: number | null
  readonly pausedAt: number | null
  /** First paid period. */
  readonly activatedAt: number | null
  /** A cancellation that is scheduled; null when there is none. */
  readonly cancelsAt: number | null
  readonly planId: string | null
  /** Ids of all its prices, plans and products: any of them may be named by the team as one that counts. */
  readonly products: readonly string[]
  /** ISO 4217, in either case. */
  readonly currency: string | null
  readonly mrr: Mrr
  /** Rises with each change of the subscription, where the provider says so. */
  readonly version: number | null
}

/** What is known of a subscription between two reads. */
export interface Candidate {
  readonly connectionId: string
  readonly ref: string
  readonly status: BillingStatus
  readonly startedAt: number | null
}

const ranks: readonly BillingStatus[] = ['trialing', 'active', 'past_due', 'paused', 'canceled', 'expired']

/** One that has not begun, or never became anything, is no one’s trial. */
export const isClaimable = ({ status }: Pick<BillingSubscription, 'status'>): boolean =>
  ranks.includes(status)

/**
 * Which of one person’s subscriptions is the trial’s: the most alive one, of equals the one that began last. So a
 * duplicate that is canceled gives way to the one still running, whichever came first.
 */
export function mainCandidate(candidates: readonly Candidate[]): Candidate | null {
  const rank = ({ status }: Candidate) => ranks.indexOf(status)
  const sorted = candidates
    .filter(isClaimable)
    .toSorted((a, b) => rank(a) - rank(b) || (b.startedAt ?? 0) - (a.startedAt ?? 0))
  return sorted[0] ?? null
}

/** @param counted ids of products, plans or prices; empty: all count. */
export const counts = ({ products }: Pick<BillingSubscription, 'products'>, counted: readonly string[]) =>
  counted.length === 0 || products.some((id) => counted.includes(id))

/** What events have told of a subscription’s money. */
export interface Money {
  /** When the first payment came; null where only later ones are known, or none. */
  readonly firstPaidAt: number | null
  readonly hasPaid: boolean
  /** The last attempt that failed, after the last payment. */
  readonly failedAt: number | null
}

export const noMoney: Money = { firstPaidAt: null, hasPaid: false, failedAt: null }

export function proofOf({ proof, isFree }: BillingSubscription, money: Money): PaymentProof {
  if (money.hasPaid || proof === 'paid') return 'paid'
  return isFree || proof === 'unpaid' || money.failedAt !== null ? 'unpaid' : 'unknown'
}
