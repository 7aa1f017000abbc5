import { describe, expect, test } from 'vitest'
import type { Payment } from '../../../../server/features/billing/payments.ts'
import {
  askOf,
  disputeOf,
  payerOfCharge,
  paymentOfSession,
  paymentsOf,
  refundsOf,
} from '../../../../server/features/billing/stripe-payments.ts'
import { someTime } from '../../../support/build-trial.ts'

const seconds = someTime / 1000
const amounts = (payments: readonly Payment[]) =>
  payments.map(({ externalId, amountMinor, currency, type }) => [externalId, amountMinor, currency, type])

const checkout = {
  id: 'cs_test_a1b2',
  object: 'checkout.session',
  mode: 'payment',
  payment_status: 'paid',
  invoice: null,
  payment_intent: 'pi_1',
  created: seconds,
  amount_total: 9900,
  currency: 'eur',
  customer: null,
  client_reference_id: null,
  customer_details: { email: 'Ann@Acme.example', name: 'Ann' },
  metadata: {},
}

describe('Stripe', () => {
  const invoice = (patch: object = {}) => ({
    id: 'evt_1',
    type: 'invoice.paid',
    created: seconds + 60,
    data: {
      object: {
        id: 'in_1',
        object: 'invoice',
        billing_reason: 'subscription_cycle',
        amount_paid: 2900,
        currency: 'usd',
        subscription: 'sub_1',
        status_transitions: { paid_at: seconds },
        lines: { data: [{ period: { start: seconds - 5, end: seconds + 9 }, proration: false }] },
        ...patch,
      },
    },
  })

  test('an invoice as sent before 2025-03-31', () => {
    expect(paymentsOf(invoice())).toEqual([
      {
        externalId: 'in_1',
        customerRef: null,
        userId: null,
        at: someTime,
        amountMinor: 2900,
        currency: 'USD',
        type: null,
        subscriptionRef: 'sub_1',
        paidFrom: someTime - 5000,
      },
    ])
  })

  test.each<[string, object, (string | number | null)[]]>([
    [
      'the reference where it stands since 2025-03-31',
      { subscription: undefined, parent: { subscription_details: { subscription: 'sub_1' } } },
      ['in_1', 2900, 'USD', null, 'sub_1'],
    ],
    ['an expanded subscription', { subscription: { id: 'sub_2' } }, ['in_1', 2900, 'USD', null, 'sub_2']],
    ['no subscription', { subscription: null }, ['in_1', 2900, 'USD', null, null]],
    ['yen, which have no digits', { currency: 'jpy', amount_paid: 500 }, ['in_1', 500, 'JPY', null, 'sub_1']],
    [
      'krónur, told in hundredths all the same',
      { currency: 'isk', amount_paid: 50000 },
      ['in_1', 500, 'ISK', null, 'sub_1'],
    ],
    ['dinars of a thousand', { currency: 'kwd', amount_paid: 9500 }, ['in_1', 9500, 'KWD', null, 'sub_1']],
    ['the first invoice', { billing_reason: 'subscription_create' }, ['in_1', 2900, 'USD', 'new', 'sub_1']],
    [
      'a change of plan, old',
      { billing_reason: 'subscription_update', lines: { data: [{ proration: true }] } },
      ['in_1', 2900, 'USD', 'expansion', 'sub_1'],
    ],
    [
      'a change of plan, new',
      {
        billing_reason: 'subscription_update',
        lines: { data: [{ parent: { subscription_item_details: { proration: true } } }] },
      },
      ['in_1', 2900, 'USD', 'expansion', 'sub_1'],
    ],
    ['a trial ended early', { billing_reason: 'subscription_update' }, ['in_1', 2900, 'USD', null, 'sub_1']],
  ])('%s', (_, patch, expected) => {
    const [payment] = paymentsOf(invoice(patch))
    expect([...(amounts(payment ? [payment] : [])[0] ?? []), payment?.subscriptionRef]).toEqual(expected)
  })

  test.each([
    { amount_paid: 0 },
    { amount_paid: '2900' },
    { amount_paid: 29.5 },
    { id: null },
    { currency: 'dollars' },
  ])('nothing from %j', (patch) => {
    expect(paymentsOf(invoice(patch))).toEqual([])
  })

  test.each([
    ['charge.refunded', { id: 'ch_1' }, 'charge/ch_1'],
    ['refund.created', { id: 're_1', charge: 'ch_1' }, 'charge/ch_1'],
    ['refund.updated', { id: 're_1', charge: { id: 'ch_1' } }, 'charge/ch_1'],
    ['refund.failed', { id: 're_1', charge: 'ch_1' }, 'charge/ch_1'],
    ['charge.refund.updated', { id: 're_1', charge: 'ch_1' }, 'charge/ch_1'],
    ['charge.dispute.created', { id: 'du_1', charge: 'ch_1' }, 'dispute/du_1'],
    ['charge.dispute.funds_withdrawn', { id: 'du_1' }, 'dispute/du_1'],
    ['charge.dispute.closed', { id: 'du_1' }, 'dispute/du_1'],
    ['refund.created', { id: 're_1', charge: null }, null],
    ['charge.refunded', { id: '../../v1/payouts' }, null],
    ['charge.succeeded', { id: 'ch_1' }, null],
    ['checkout.session.completed', { ...checkout, id: 'cs_1' }, 'session/cs_1'],
    ['checkout.session.async_payment_succeeded', { ...checkout, id: 'cs_1' }, 'session/cs_1'],
    ['checkout.session.completed', { ...checkout, id: 'cs_1', payment_status: 'unpaid' }, null],
    ['checkout.session.completed', { ...checkout, id: 'cs_1', invoice: 'in_1' }, null],
    ['checkout.session.completed', { ...checkout, id: 'cs_1', mode: 'subscription' }, null],
    ['invoice.paid', { id: 'in_1' }, null],
  ])('%s leads to %j', (type, object, expected) => {
    expect(askOf({ type, data: { object } })).toBe(expected)
  })

  test.each<[string, object, object]>([
    ['a guest by address', {}, { customerRef: null, userId: null, email: 'ann@acme.example' }],
    ['the id given along', { client_reference_id: 'u-1' }, { userId: 'u-1' }],
    ['an id among the metadata', { metadata: { user_id: 'u-2' } }, { userId: 'u-2' }],
    ['the customer', { customer: { id: 'cus_1' } }, { customerRef: 'cus_1' }],
  ])('a checkout that is paid once names %s', (_, patch, payer) => {
    const [payment] = paymentOfSession({ ...checkout, ...patch })
    expect(payment).toMatchObject({ externalId: 'pi_1', amountMinor: 9900, currency: 'EUR', ...payer })
  })

  test('an invoice for no subscription names its customer', () => {
    const one = {
      subscription: null,
      customer: 'cus_1',
      metadata: { userId: 'u-1' },
      billing_reason: 'manual',
    }
    expect(paymentsOf(invoice(one))).toMatchObject([
      { subscriptionRef: null, customerRef: 'cus_1', userId: 'u-1', type: null },
    ])
  })

  test('refunds count when they went through, and those that failed come to nothing', () => {
    const refund = (id: string, status: string) => ({
      id,
      status,
      amount: 500,
      currency: 'usd',
      created: seconds,
    })
    const data = [refund('re_1', 'succeeded'), refund('re_2', 'pending'), refund('re_3', 'failed')]
    expect(amounts(refundsOf({ refunds: { data } }))).toEqual([
      ['re_1', -500, 'USD', 'refund'],
      ['re_3', -500, 'USD', 'refund'],
      ['re_3:failed', 500, 'USD', 'refund'],
    ])
  })

  test.each([
    ['needs_response', [['du_1', -2900, 'USD', 'chargeback']]],
    ['lost', [['du_1', -2900, 'USD', 'chargeback']]],
    [
      'won',
      [
        ['du_1', -2900, 'USD', 'chargeback'],
        ['du_1:won', 2900, 'USD', 'chargeback'],
      ],
    ],
    ['warning_needs_response', []],
    ['warning_closed', []],
    ['prevented', []],
  ])('a dispute that is %s', (status, expected) => {
    const dispute = { id: 'du_1', status, amount: 2900, currency: 'usd', created: seconds }
    expect(amounts(disputeOf(dispute, payerOfCharge({})))).toEqual(expected)
  })
})
