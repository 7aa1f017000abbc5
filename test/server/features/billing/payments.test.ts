import { describe, expect, test } from 'vitest'
import { paymentsOf as ofChargebee } from '../../../../server/features/billing/chargebee-payments.ts'
import { paymentsOf as ofMaxio } from '../../../../server/features/billing/maxio-payments.ts'
import { paymentsOf as ofPaddle } from '../../../../server/features/billing/paddle-payments.ts'
import { type Payment, toMinor, typeOf } from '../../../../server/features/billing/payments.ts'
import {
  paymentsOf as ofRecurly,
  askOf as recurlyAsk,
} from '../../../../server/features/billing/recurly-payments.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { someTime } from '../../../support/build-trial.ts'

const seconds = someTime / 1000
const iso = new Date(someTime).toISOString()
const amounts = (payments: readonly Payment[]) =>
  payments.map(({ externalId, amountMinor, currency, type }) => [externalId, amountMinor, currency, type])

describe('Paddle', () => {
  const event = (event_type: string, data: object) => ({
    event_id: 'evt_1',
    event_type,
    occurred_at: '2026-01-01T00:00:00.123456Z',
    data: { currency_code: 'USD', subscription_id: 'sub_1', created_at: iso, ...data },
  })
  const transaction = (patch: object = {}, total = '2900') =>
    event('transaction.completed', {
      id: 'txn_1',
      billed_at: iso,
      billing_period: { starts_at: iso },
      details: { totals: { total: '3900', credit: '1000', grand_total: total, balance: '0' } },
      ...patch,
    })

  test.each<[string, Record<string, unknown>, unknown[]]>([
    ['what was paid after credit', transaction(), [['txn_1', 2900, 'USD', null]]],
    ['yen', transaction({ currency_code: 'JPY' }, '500'), [['txn_1', 500, 'JPY', null]]],
    ['a trial that begins', transaction({}, '0'), []],
    ['another transaction event', { ...transaction(), event_type: 'transaction.paid' }, []],
    ...(
      [
        ['refund', 'approved', [['adj_1', -2900, 'USD', 'refund']]],
        ['refund', 'pending_approval', []],
        ['refund', 'rejected', []],
        ['credit', 'approved', []],
        ['chargeback', 'approved', [['adj_1', -2900, 'USD', 'chargeback']]],
        ['chargeback', 'reversed', [['adj_1', -2900, 'USD', 'chargeback']]],
        ['chargeback_reverse', 'approved', [['adj_1', 2900, 'USD', 'chargeback']]],
        ['chargeback_warning', 'approved', []],
      ] satisfies [string, string, unknown[]][]
    ).flatMap(([action, status, expected]) =>
      ['adjustment.created', 'adjustment.updated'].map(
        (type) =>
          [
            `${type} ${action} ${status}`,
            event(type, { id: 'adj_1', action, status, totals: { total: '2900' } }),
            expected,
          ] satisfies [string, object, unknown[]],
      ),
    ),
  ])('%s', (_, given, expected) => {
    expect(amounts(ofPaddle(given))).toEqual(expected)
  })
})

describe('Chargebee', () => {
  const event = (event_type: string, transaction: object, rest: object = {}) => ({
    id: 'ev_1',
    event_type,
    occurred_at: seconds,
    content: {
      transaction: {
        id: 'txn_AzZ1',
        type: 'payment',
        status: 'success',
        amount: 2900,
        currency_code: 'USD',
        date: seconds,
        subscription_id: 'AzZ1',
        ...transaction,
      },
      ...rest,
    },
  })

  test.each([
    [
      'the first invoice',
      event('payment_succeeded', {}, { invoice: { first_invoice: true } }),
      [['txn_AzZ1', 2900, 'USD', 'new']],
    ],
    [
      'a later one, in yen',
      event(
        'payment_succeeded',
        { currency_code: 'JPY', amount: 500 },
        { invoice: { first_invoice: false } },
      ),
      [['txn_AzZ1', 500, 'JPY', 'renewal']],
    ],
    ['a refund', event('payment_refunded', { type: 'refund' }), [['txn_AzZ1', -2900, 'USD', 'refund']]],
    [
      'a chargeback',
      event('transaction_created', { type: 'payment_reversal' }),
      [['txn_AzZ1', -2900, 'USD', 'chargeback']],
    ],
    ['what another event tells better', event('transaction_created', {}), []],
    ['what is still under way', event('payment_succeeded', { status: 'in_progress' }), []],
    ['nothing', event('payment_succeeded', { amount: 0 }), []],
    ['a failure', event('payment_failed', { status: 'failure' }), []],
  ])('%s', (_, given, expected) => {
    expect(amounts(ofChargebee(given))).toEqual(expected)
    for (const { subscriptionRef, at } of ofChargebee(given))
      expect([subscriptionRef, at]).toEqual(['AzZ1', someTime])
  })
})

describe('Recurly', () => {
  const transaction = (patch: object = {}) => ({
    id: 'rafhdbbf41mc',
    type: 'purchase',
    status: 'success',
    amount: 29.99,
    currency: 'USD',
    created_at: '2026-01-01T00:00:00Z',
    collected_at: iso,
    ...patch,
  })
  const invoice = (...transactions: object[]) => ({
    id: 'ra8fzs41jdxd',
    currency: 'USD',
    origin: 'renewal',
    subscription_ids: ['q4rt'],
    line_items: [{ start_date: iso }],
    transactions,
  })

  test.each([
    ['a payment', invoice(transaction()), [['rafhdbbf41mc', 2999, 'USD', null]]],
    ['yen', invoice(transaction({ amount: 500, currency: 'JPY' })), [['rafhdbbf41mc', 500, 'JPY', null]]],
    ['dinars', invoice(transaction({ amount: 9.5, currency: 'KWD' })), [['rafhdbbf41mc', 9500, 'KWD', null]]],
    [
      'an amount that floats',
      invoice(transaction({ amount: 1.1 + 2.2 })),
      [['rafhdbbf41mc', 330, 'USD', null]],
    ],
    [
      'a change of plan',
      { ...invoice(transaction()), origin: 'immediate_change' },
      [['rafhdbbf41mc', 2999, 'USD', 'expansion']],
    ],
    [
      'a refund',
      invoice(transaction({ type: 'refund', amount: 10 })),
      [['rafhdbbf41mc', -1000, 'USD', 'refund']],
    ],
    ['a refund that was declined', invoice(transaction({ type: 'refund', status: 'declined' })), []],
    [
      'a chargeback',
      invoice(transaction({ status: 'chargeback' })),
      [
        ['rafhdbbf41mc', 2999, 'USD', null],
        ['rafhdbbf41mc:chargeback', -2999, 'USD', 'chargeback'],
      ],
    ],
    [
      'one that was voided',
      invoice(transaction({ status: 'void' })),
      [
        ['rafhdbbf41mc', 2999, 'USD', null],
        ['rafhdbbf41mc:void', -2999, 'USD', 'refund'],
      ],
    ],
    ['a card that was only checked', invoice(transaction({ type: 'verify' })), []],
    ['a declined card', invoice(transaction({ status: 'declined' })), []],
    ['a trial that begins', invoice(), []],
  ])('%s', (_, given, expected) => {
    expect(amounts(ofRecurly(given))).toEqual(expected)
    for (const { subscriptionRef, at, paidFrom } of ofRecurly(given))
      expect([subscriptionRef, at, paidFrom]).toEqual(['q4rt', someTime, someTime])
  })

  test.each([
    ['charge_invoice', 'paid', 'invoice/ra8fzs41jdxd'],
    ['charge_invoice', 'created', null],
    ['credit_invoice', 'closed', 'invoice/ra8fzs41jdxd'],
    ['payment', 'refunded', 'transaction/ra8fzs41jdxd'],
    ['payment', 'failed', null],
    ['subscription', 'updated', null],
  ])('%s.%s leads to %j', (object_type, event_type, expected) => {
    expect(recurlyAsk({ id: 'ra8fzs41jdxd', object_type, event_type })).toBe(expected)
  })
})

describe('Maxio', () => {
  const form = (event: string, fields: Record<string, string>) => {
    const made = new URLSearchParams({ id: '1', event })
    for (const [name, value] of Object.entries(fields)) made.set(`payload${name}`, value)
    return made
  }
  const paid = (patch: Record<string, string> = {}) =>
    form('payment_success', {
      '[subscription][id]': '15100141',
      '[transaction][id]': '161537369',
      '[transaction][success]': 'true',
      '[transaction][amount_in_cents]': '6400',
      '[transaction][created_at]': '2016-11-08 16:22:20 -0500',
      ...patch,
    })

  test('a payment, at the time it names, in the currency of its subscription', () => {
    const at = Date.UTC(2016, 10, 8, 21, 22, 20)
    expect(ofMaxio(paid(), someTime)).toEqual([
      {
        externalId: 'maxio:161537369',
        customerRef: null,
        userId: null,
        at,
        amountMinor: 6400,
        currency: null,
        type: null,
        subscriptionRef: '15100141',
        paidFrom: at,
      },
    ])
  })

  test.each([
    [
      'its own currency',
      paid({ '[subscription][currency]': 'EUR' }),
      [['maxio:161537369', 6400, 'EUR', null]],
    ],
    [
      'a refund, which is told flat',
      form('refund_success', {
        '[refund_id]': '173982961',
        '[amount_in_cents]': '1600',
        '[subscription_id]': '15100141',
        '[currency]': 'USD',
      }),
      [['maxio:173982961', -1600, 'USD', 'refund']],
    ],
    ['nothing', paid({ '[transaction][amount_in_cents]': '0' }), []],
    ['what did not work', paid({ '[transaction][success]': 'false' }), []],
    ['no amount', paid({ '[transaction][amount_in_cents]': 'ten' }), []],
    ['another event', form('payment_failure', { '[transaction][id]': '1' }), []],
  ])('%s', (_, given, expected) => {
    expect(amounts(ofMaxio(given, someTime))).toEqual(expected)
    for (const { subscriptionRef } of ofMaxio(given, someTime)) expect(subscriptionRef).toBe('15100141')
  })
})

describe('the first payment of a subscription is new, a later one a renewal', () => {
  const payment = (paidFrom: number, patch: Partial<Payment> = {}): Payment => ({
    externalId: 'x',
    at: paidFrom + dayMs,
    amountMinor: 1,
    currency: 'USD',
    type: null,
    subscriptionRef: 'sub_1',
    customerRef: null,
    userId: null,
    paidFrom,
    ...patch,
  })
  const began = { startedAt: someTime, trialEndsAt: someTime + 14 * dayMs, activatedAt: null }

  test.each([
    ['from the end of its trial', payment(someTime + 14 * dayMs), began, 'new'],
    ['from a month later', payment(someTime + 44 * dayMs), began, 'renewal'],
    ['from its start, without a trial', payment(someTime), { ...began, trialEndsAt: null }, 'new'],
    [
      'from the day after, without a trial',
      payment(someTime + dayMs),
      { ...began, trialEndsAt: null },
      'renewal',
    ],
    ['of one that is gone', payment(someTime), null, 'renewal'],
    ['of none', payment(someTime, { subscriptionRef: null }), null, 'new'],
    ['that says so itself', payment(someTime, { type: 'expansion' }), began, 'expansion'],
  ])('%s', (_, given, subscription, expected) => {
    expect(typeOf(given, subscription)).toBe(expected)
  })
})

test.each([
  ['29.99', 'USD', 2999],
  [0.29, 'USD', 29],
  [500, 'VND', 500],
  ['', 'USD', Number.NaN],
  [null, 'USD', Number.NaN],
  ['x', 'USD', Number.NaN],
  [1, 'dollars', Number.NaN],
  [1, null, Number.NaN],
])('%j %s is %d', (amount, currency, expected) => {
  expect(toMinor(amount, currency)).toBe(expected)
})

describe('a payment for no subscription names who paid', () => {
  const payers = (payments: readonly Payment[]) =>
    payments.map(({ subscriptionRef, customerRef, userId }) => [subscriptionRef, customerRef, userId])

  test('Paddle, by the customer and the custom data', () => {
    const data = {
      id: 'txn_01hv8wptq8987qeep44cyrewp9',
      status: 'completed',
      origin: 'web',
      customer_id: 'ctm_01hv6y1jedq4p1n0yqn5ba3ky4',
      subscription_id: null,
      currency_code: 'USD',
      custom_data: { userId: 'u-1' },
      billed_at: iso,
      billing_period: null,
      details: { totals: { grand_total: '59000' } },
    }
    const event = { event_id: 'evt_1', event_type: 'transaction.completed', occurred_at: iso, data }
    expect(payers(ofPaddle(event))).toEqual([[null, 'ctm_01hv6y1jedq4p1n0yqn5ba3ky4', 'u-1']])
  })

  test('Chargebee, by the customer', () => {
    const transaction = {
      id: 'txn_AzZlHqTrGjx1k2X',
      type: 'payment',
      status: 'success',
      amount: 9900,
      currency_code: 'EUR',
      date: seconds,
      customer_id: '169vUxTrGjpJk4Q',
    }
    const event = (content: object) => ({ event_type: 'payment_succeeded', occurred_at: seconds, content })
    const invoice = { id: '17', customer_id: '169vUxTrGjpJk4Q', recurring: false, first_invoice: false }
    const customer = { id: '169vUxTrGjpJk4Q', email: 'ann@acme.example', meta_data: { user_id: 7 } }
    expect(payers(ofChargebee(event({ transaction, invoice, customer })))).toEqual([
      [null, '169vUxTrGjpJk4Q', '7'],
    ])
    expect(payers(ofChargebee(event({ transaction, invoice })))).toEqual([[null, '169vUxTrGjpJk4Q', null]])
  })

  test('Recurly, by the account, whose code is our id', () => {
    const account = { id: 'aqxvnn2x6x4u', code: 'u-1', email: 'ann@acme.example' }
    const transaction = {
      id: 'ttxr0ohrkvrx',
      type: 'purchase',
      status: 'success',
      amount: 99,
      currency: 'USD',
      collected_at: iso,
    }
    const invoice = { account, subscription_ids: [], line_items: [], transactions: [transaction] }
    expect(payers(ofRecurly(invoice))).toEqual([[null, 'aqxvnn2x6x4u', 'u-1']])
    expect(payers(ofRecurly({ transactions: [{ ...transaction, account }] }))).toEqual([
      [null, 'aqxvnn2x6x4u', 'u-1'],
    ])
  })

  test.each([
    ['within the subscription', 'payload[subscription][customer]'],
    ['beside it', 'payload[customer]'],
  ])('Maxio, by the customer %s', (_, at) => {
    const form = new URLSearchParams({
      event: 'payment_success',
      'payload[transaction][id]': '162310',
      'payload[transaction][amount_in_cents]': '9900',
      'payload[transaction][currency]': 'USD',
      [`${at}[id]`]: '14714298',
      [`${at}[reference]`]: 'u-1',
    })
    expect(payers(ofMaxio(form, someTime))).toEqual([[null, '14714298', 'u-1']])
  })
})
