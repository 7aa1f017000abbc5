/** Monthly recurring revenue, in the smallest unit of the subscription’s currency, taxes left out. */
export interface Mrr {
  /** What it brings a month now: 0 while in trial, paused or over. null: a price is not fixed (tiers, metered usage). */
  readonly now: number | null
  /** What it brings, or would bring, when it is paid. */
  readonly potential: number | null
}

export const unknownMrr: Mrr = { now: null, potential: null }

export interface RecurringItem {
  /** Price of one; null: not fixed. */
  readonly unitMinor: number | null
  readonly quantity: number
  readonly interval: 'day' | 'week' | 'month' | 'year'
  /** Every so many intervals. */
  readonly count: number
}

/** A year has 12 months, 52 weeks and 365 days: other calculators take 4 weeks or 30 days for a month. */
const perYear = { day: 365n, week: 52n, month: 12n, year: 1n } as const

/** Prices may have fractions of a cent, quantities fractions of a piece. */
const scale = 1_000_000
const scaled = (value: number): bigint =>
  Number.isSafeInteger(value) ? BigInt(value) * BigInt(scale) : BigInt(Math.round(value * scale))

/** Half up, below zero too. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const [doubled, divisor] = [2n * numerator + denominator, 2n * denominator]
  const quotient = doubled / divisor
  return doubled < 0n && quotient * divisor !== doubled ? quotient - 1n : quotient
}

/** In whole numbers, because floating point loses cents in large sums; rounded once. */
export function monthlyMinor(items: readonly RecurringItem[]): number | null {
  let [numerator, denominator] = [0n, 1n]
  for (const { unitMinor, quantity, interval, count } of items) {
    const isFixed = unitMinor !== null && Number.isFinite(unitMinor) && Number.isFinite(quantity)
    if (!isFixed || !Number.isInteger(count) || count < 1) return null
    const months = 12n * BigInt(count)
    numerator = numerator * months + scaled(unitMinor) * scaled(quantity) * perYear[interval] * denominator
    denominator *= months
  }
  const sum = Number(rounded(numerator, denominator * BigInt(scale) ** 2n))
  return items.length > 0 && Number.isSafeInteger(sum) ? sum : null
}

const earning = new Set(['active', 'past_due'])

export const mrrOf = (status: string, potential: number | null): Mrr => ({
  now: earning.has(status) ? potential : 0,
  potential,
})
