import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BillingSubscription,
  isReturned,
  ledgerIds,
  type Money,
  noMoney,
  proofOf,
  withEntry,
} from '../../../../server/domain/billing/subscription.ts'

type Entry = readonly [id: string, amountMinor: number, currency?: string]

const paidFirst: Money = { ...noMoney, firstPaidAt: 1, hasPaid: true }
const moneyOf = (money: Money, entries: readonly Entry[]): Money =>
  entries.reduce(
    (sum, [id, amountMinor, currency = 'USD']) => withEntry(sum, { id, amountMinor, currency }),
    money,
  )

describe('all that was paid went back', () => {
  test.each<[string, readonly Entry[], boolean]>([
    ['nothing moved', [], false],
    ['one payment', [['p', 2900]], false],
    [
      'a full refund',
      [
        ['p', 2900],
        ['r', -2900],
      ],
      true,
    ],
    [
      'a chargeback',
      [
        ['p', 2900],
        ['d', -2900],
      ],
      true,
    ],
    [
      'the refund was heard of first',
      [
        ['r', -2900],
        ['p', 2900],
      ],
      true,
    ],
    [
      'a partial refund',
      [
        ['p', 2900],
        ['r', -2899],
      ],
      false,
    ],
    [
      'two partial refunds that make a full one',
      [
        ['p', 2900],
        ['r1', -1900],
        ['r2', -1000],
      ],
      true,
    ],
    [
      'the same refund told three times',
      [
        ['p', 2900],
        ['r', -1000],
        ['r', -1000],
        ['r', -1000],
      ],
      false,
    ],
    [
      'one of two payments',
      [
        ['p', 2900],
        ['p2', 2900],
        ['r', -2900],
      ],
      false,
    ],
    [
      'a dispute that was won',
      [
        ['p', 2900],
        ['d', -2900],
        ['d:won', 2900],
      ],
      false,
    ],
    [
      'a refund that failed',
      [
        ['p', 2900],
        ['r', -2900],
        ['r:failed', 2900],
      ],
      false,
    ],
    [
      'paid again after it',
      [
        ['p', 2900],
        ['r', -2900],
        ['p2', 2900],
      ],
      false,
    ],
    ['a refund of a payment no one heard of', [['r', -2900]], false],
    [
      'more back than was paid',
      [
        ['p', 2900],
        ['r', -3000],
      ],
      true,
    ],
    [
      'two currencies',
      [
        ['p', 2900],
        ['r', -2900, 'EUR'],
      ],
      false,
    ],
  ])('%s', (_, entries, expected) => {
    expect(isReturned(moneyOf(paidFirst, entries))).toBe(expected)
  })

  test('not of a subscription whose first payment is unknown: there were others before', () => {
    expect(
      isReturned(
        moneyOf({ ...noMoney, hasPaid: true }, [
          ['p', 2900],
          ['r', -2900],
        ]),
      ),
    ).toBe(false)
  })

  test('not of one that paid before payments were kept one by one', () => {
    const { ledger: _, ...old } = paidFirst
    const money = moneyOf(old, [
      ['p', 2900],
      ['r', -2900],
    ])
    expect(isReturned(money)).toBe(false)
    expect(ledgerIds(money)).toEqual([])
  })

  test('nor of one with more payments than are kept', () => {
    const many = Array.from({ length: 60 }, (_, index) => [`p${index}`, 1] as const)
    const money = moneyOf(paidFirst, [...many, ['r', -100]])
    expect(ledgerIds(money)).toHaveLength(50)
    expect(isReturned(money)).toBe(false)
  })

  test('neither order nor repetition matters', () => {
    const amounts = fc.array(
      fc.integer({ min: -5000, max: 5000 }).filter((amount) => amount !== 0),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(amounts, fc.infiniteStream(fc.nat()), (told, random) => {
        const entries = told.map((amount, index) => [`e${index}`, amount] as const)
        const again = [...entries, ...entries.filter((_, index) => index % 2 === 0)]
          .map((entry) => ({ entry, place: random.next().value as number }))
          .sort((a, b) => a.place - b.place)
          .map(({ entry }) => entry)
        const sum = told.reduce((total, amount) => total + amount, 0)
        const expected = sum <= 0 && told.some((amount) => amount > 0)
        expect(isReturned(moneyOf(paidFirst, entries))).toBe(expected)
        expect(isReturned(moneyOf(paidFirst, again))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

test.each<[BillingSubscription['proof'], readonly Entry[], string]>([
  ['paid', [['p', 2900]], 'paid'],
  // The invoice stays “paid” at the provider when its money is given back.
  [
    'paid',
    [
      ['p', 2900],
      ['r', -2900],
    ],
    'unpaid',
  ],
  [
    'unknown',
    [
      ['p', 2900],
      ['r', -100],
    ],
    'paid',
  ],
])('a provider that says %s, with %j, proves it %s', (proof, entries, expected) => {
  const subscription = { proof, isFree: false } as BillingSubscription
  expect(proofOf(subscription, moneyOf(paidFirst, entries))).toBe(expected)
})
