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
const perYear = { day: 365, week: 52, month: 12, year: 1 } as const

/** Summed exactly and rounded once, half up. */
export function monthlyMinor(items: readonly RecurringItem[]): number | null {
  let sum = 0
  for (const { unitMinor, quantity, interval, count } of items) {
    const isFixed = unitMinor !== null && Number.isFinite(unitMinor) && Number.isFinite(quantity)
    if (!isFixed || !(count > 0)) return null
    sum += (unitMinor * quantity * perYear[interval]) / (12 * count)
  }
  // A hundred thousandth of a cent is what floating point leaves behind.
  const rounded = Math.floor(sum + 0.5 + 1e-7)
  return items.length > 0 && Number.isSafeInteger(rounded) ? rounded : null
}

const earning = new Set(['active', 'past_due'])

export const mrrOf = (status: string, potential: number | null): Mrr => ({
  now: earning.has(status) ? potential : 0,
  potential,
})
