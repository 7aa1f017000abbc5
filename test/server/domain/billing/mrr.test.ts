import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { monthlyMinor, mrrOf, type RecurringItem } from '../../../../server/domain/billing/mrr.ts'

const item = (patch: Partial<RecurringItem>): RecurringItem => ({
  unitMinor: 2900,
  quantity: 1,
  interval: 'month',
  count: 1,
  ...patch,
})

test.each<[string, readonly RecurringItem[], number | null]>([
  ['a month', [item({})], 2900],
  ['ten seats', [item({ quantity: 10 })], 29_000],
  ['a year', [item({ unitMinor: 12_000, interval: 'year' })], 1000],
  ['a year that does not divide: half up', [item({ unitMinor: 10_006, interval: 'year' })], 834],
  ['a year that does not divide: down', [item({ unitMinor: 10_000, interval: 'year' })], 833],
  ['two years', [item({ unitMinor: 24_000, interval: 'year', count: 2 })], 1000],
  ['a quarter', [item({ unitMinor: 9000, count: 3 })], 3000],
  ['a week is 52 in a year, not 48', [item({ unitMinor: 300, interval: 'week' })], 1300],
  ['a day is 365 in a year, not 360', [item({ unitMinor: 12, interval: 'day' })], 365],
  ['thirty days', [item({ unitMinor: 3000, interval: 'day', count: 30 })], 3042],
  ['a plan and an add-on', [item({}), item({ unitMinor: 600, quantity: 3 })], 4700],
  [
    'thirds of cents are rounded once, not thrice',
    [1, 2, 3].map(() => item({ unitMinor: 100, count: 3 })),
    100,
  ],
  ['a discount as an item', [item({}), item({ unitMinor: -900 })], 2000],
  ['free', [item({ unitMinor: 0 })], 0],
  ['metered or in tiers', [item({}), item({ unitMinor: null })], null],
  ['no items', [], null],
  ['a broken interval', [item({ count: 0 })], null],
  ['not a number', [item({ quantity: Number.NaN })], null],
  ['fractions of a cent', [item({ unitMinor: 0.5, quantity: 5001 })], 2501],
  ['a fraction of a piece', [item({ quantity: 1.5 })], 4350],
  ['more than can be counted', [item({ unitMinor: 1e15, quantity: 1e6 })], null],
])('monthly revenue of %s', (_, items, expected) => {
  expect(monthlyMinor(items)).toBe(expected)
})

test.each([
  ['trialing', 0],
  ['active', 2900],
  ['past_due', 2900],
  ['paused', 0],
  ['canceled', 0],
  ['expired', 0],
])('while it is %s it brings %i a month', (status, now) => {
  expect(mrrOf(status, 2900)).toEqual({ now, potential: 2900 })
})

test('what is not fixed is unknown only while it is paid', () => {
  expect([mrrOf('active', null).now, mrrOf('trialing', null).now]).toEqual([null, 0])
})

/** Exactly, in whole numbers: twelve times the sum, over a common denominator. */
function exact(items: readonly RecurringItem[]): number {
  const perYear = { day: 365n, week: 52n, month: 12n, year: 1n }
  const common = items.reduce((product, { count }) => product * BigInt(count), 12n)
  const sum = items.reduce(
    (total, { unitMinor, quantity, interval, count }) =>
      total +
      (BigInt(unitMinor ?? 0) * BigInt(quantity) * perYear[interval] * common) / (12n * BigInt(count)),
    0n,
  )
  // Half up, also below zero: floor(x + 1/2).
  const [numerator, denominator] = [2n * sum + common, 2n * common]
  const quotient = numerator / denominator
  return Number(numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient)
}

describe('for any prices', () => {
  const items = fc.array(
    fc.record({
      unitMinor: fc.integer({ min: 0, max: 5_000_000 }),
      quantity: fc.integer({ min: 1, max: 500 }),
      interval: fc.constantFrom('day', 'week', 'month', 'year' as const),
      count: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 4 },
  )

  test('it is what exact arithmetic says', () => {
    fc.assert(
      fc.property(items, (some) => {
        expect(monthlyMinor(some)).toBe(exact(some))
      }),
      { numRuns: 2000 },
    )
  })

  test('the order of items does not matter, and a year of months is a year', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 1_000_000 }), (some, unitMinor) => {
        expect(monthlyMinor(some.toReversed())).toBe(monthlyMinor(some))
        expect(monthlyMinor([item({ unitMinor: unitMinor * 12, interval: 'year' })])).toBe(unitMinor)
        expect(monthlyMinor([item({ unitMinor: unitMinor * 3, count: 3 })])).toBe(unitMinor)
      }),
      { numRuns: 500 },
    )
  })
})
