import { hourMs } from '../../../shared/clock.ts'
import { minorDigits } from '../../../shared/currency.ts'
import type { EmailAddress } from '../../../shared/trial.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'

export type PaymentType = 'new' | 'expansion' | 'renewal' | 'refund' | 'chargeback'

/** Money that moved, as a billing system tells it. Names no one. */
export interface Payment {
  /** The provider’s id of the invoice, transaction, refund or dispute: however often it is told, it counts once. */
  readonly externalId: string
  readonly at: number
  /** As paid, taxes included, in the smallest unit of the currency (ISO 4217); what went back to the payer is negative. */
  readonly amountMinor: number
  /** null: the one its subscription is in. */
  readonly currency: string | null
  /** null: the first of its subscription is `new`, a later one a `renewal`; `paidFrom` tells which. */
  readonly type: PaymentType | null
  readonly subscriptionRef: string | null
  /** Who paid, for what is for no subscription: by the provider’s id of the customer, or the id our team gave along. */
  readonly customerRef: string | null
  readonly userId: string | null
  /** Of what is read at the provider; never stored. */
  readonly email?: EmailAddress | null
  /** When the period begins that was paid for; where that is not told, when it was paid. */
  readonly paidFrom: number
}

/** An attempt to collect that did not work, or an invoice that is still open after it. */
export interface PaymentFailure {
  readonly subscriptionRef: string
  readonly at: number
}

export interface MoneyNews {
  readonly payments: readonly Payment[]
  readonly failures: readonly PaymentFailure[]
}

export const failureOf = (subscriptionRef: string | null, at: number | null): PaymentFailure[] =>
  subscriptionRef === null || at === null ? [] : [{ subscriptionRef, at }]

interface ToldPayment {
  readonly id: string | null
  readonly at: number | null
  readonly amountMinor: number
  readonly currency: string | null
  readonly type: PaymentType | null
  readonly subscriptionRef: string | null
  readonly customerRef?: string | null
  readonly userId?: string | null
  readonly email?: EmailAddress | null
  readonly paidFrom?: number | null
}

const maxUserIdChars = 255
const idPattern = /^[\x21-\x7e]{1,190}$/
const currencyPattern = /^[A-Z]{3}$/

/** Takes it when all is there and any money moved: trials begin with invoices over nothing. */
export function readPayment({
  id,
  at,
  amountMinor,
  currency,
  paidFrom,
  customerRef = null,
  userId = null,
  ...rest
}: ToldPayment): Payment[] {
  const code = currency?.toUpperCase() ?? null
  if (id === null || !idPattern.test(id) || at === null) return []
  if (!Number.isSafeInteger(amountMinor) || amountMinor === 0) return []
  if (code !== null && !currencyPattern.test(code)) return []
  const payer = { customerRef, userId: userId !== null && userId.length <= maxUserIdChars ? userId : null }
  return [{ externalId: id, at, amountMinor, currency: code, paidFrom: paidFrom ?? at, ...payer, ...rest }]
}

/**
 * One payment for several subscriptions, by what each has on the invoice. Rounding goes to the largest, so that the
 * parts are the whole.
 * @param shares by subscription, in whatever unit.
 */
export function splitPayment(payment: Payment, shares: ReadonlyMap<string, number>): Payment[] {
  const parts = [...shares].filter(([, share]) => share > 0).sort(([, a], [, b]) => b - a)
  const total = parts.reduce((sum, [, share]) => sum + share, 0)
  const [first, ...rest] = parts
  if (!first) return [payment]
  if (rest.length === 0) return [{ ...payment, subscriptionRef: first[0] }]
  const others = rest.map(([subscriptionRef, share]) => ({
    ...payment,
    externalId: `${payment.externalId}:${subscriptionRef}`,
    amountMinor: Math.round((payment.amountMinor * share) / total),
    subscriptionRef,
  }))
  const taken = others.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const largest = { ...payment, amountMinor: payment.amountMinor - taken, subscriptionRef: first[0] }
  return [largest, ...others].filter(({ amountMinor }) => amountMinor !== 0)
}

/** Both that it went and that it came back, so that it does not matter which of the two is heard of, or when. */
export const andBack = (payment: Payment, why: string, type = payment.type): Payment[] => [
  payment,
  { ...payment, externalId: `${payment.externalId}:${why}`, amountMinor: -payment.amountMinor, type },
]

/** An amount told in whole units, e.g. dollars; NaN when it is none. */
export function toMinor(amount: unknown, currency: string | null): number {
  const number = typeof amount === 'string' && amount.trim() !== '' ? Number(amount) : amount
  if (typeof number !== 'number' || currency === null || !/^[A-Za-z]{3}$/.test(currency)) return Number.NaN
  return Math.round(number * 10 ** minorDigits(currency))
}

/** Periods are at least a day long, clocks and payment runs differ by hours. */
const slackMs = 12 * hourMs

/** @param subscription null where it cannot be read any more, or there is none. */
export function typeOf(
  { type, paidFrom, subscriptionRef }: Payment,
  subscription: Pick<BillingSubscription, 'activatedAt' | 'trialEndsAt' | 'startedAt'> | null,
): PaymentType {
  if (type !== null) return type
  if (subscriptionRef === null) return 'new'
  const firstAt = subscription?.activatedAt ?? subscription?.trialEndsAt ?? subscription?.startedAt ?? null
  return firstAt !== null && paidFrom <= firstAt + slackMs ? 'new' : 'renewal'
}
