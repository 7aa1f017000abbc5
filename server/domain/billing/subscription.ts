import type { EmailAddress } from '../../../shared/trial.ts'
import type { Mrr } from './mrr.ts'

/**
 * `pending`: not begun, or in the middle of something; `void`: never became anything (a checkout that was left).
 * Neither says anything about a trial.
 */
export const billingStatuses = [
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

/** One payment, refund or chargeback. */
interface MoneyEntry {
  readonly id: string
  /** What went back to the payer is negative. */
  readonly amountMinor: number
  readonly currency: string | null
}

/** What events have told of a subscription’s money. */
export interface Money {
  /** When the first payment came; null where only later ones are known, or none. */
  readonly firstPaidAt: number | null
  readonly hasPaid: boolean
  /** The last attempt that failed, after the last payment. */
  readonly failedAt: number | null
  /** Each once, the latest {@link maxLedger}; absent where some came before it was kept. */
  readonly ledger?: readonly MoneyEntry[]
  /** There was more than the ledger holds. */
  readonly isCut?: true
}

export const noMoney: Money = { firstPaidAt: null, hasPaid: false, failedAt: null, ledger: [] }

export const ledgerIds = ({ ledger = [] }: Money): string[] => ledger.map(({ id }) => id)

/** After so many payments no refund undoes them all. */
const maxLedger = 50

/** The money with one more payment, refund or chargeback; the same object when it is known already. */
export function withEntry(money: Money, { id, amountMinor, currency }: MoneyEntry): Money {
  const ledger = money.ledger ?? (money.hasPaid ? null : [])
  if (!ledger || ledger.some((entry) => entry.id === id)) return money
  const all = [...ledger, { id, amountMinor, currency }]
  return { ...money, ledger: all.slice(-maxLedger), ...(all.length > maxLedger && { isCut: true as const }) }
}

/**
 * All that was paid went back to the payer. Only where the first payment is known: of a subscription that is older
 * than its connection, the one payment heard of may be one of many.
 */
export function isReturned({ firstPaidAt, ledger, isCut }: Money): boolean {
  if (isCut || firstPaidAt === null || !ledger?.some(({ amountMinor }) => amountMinor > 0)) return false
  const isOneCurrency = new Set(ledger.map(({ currency }) => currency)).size === 1
  return isOneCurrency && ledger.reduce((sum, { amountMinor }) => sum + amountMinor, 0) <= 0
}

export function proofOf({ proof, isFree }: BillingSubscription, money: Money): PaymentProof {
  if (isReturned(money)) return 'unpaid'
  if (money.hasPaid || proof === 'paid') return 'paid'
  return isFree || proof === 'unpaid' || money.failedAt !== null ? 'unpaid' : 'unknown'
}
