import type { BillingProviderName } from '../../server/features/billing/billing-provider.ts'
import { iso, seconds, type WebhookContent } from './billing-shapes.ts'

/** Money paid once, for no subscription. */
export interface OneOff {
  readonly id: string
  readonly customer: string
  /** The id that our team gave along with the payment or the customer. */
  readonly userId: string | null
  readonly email: string
  readonly at: number
  readonly amountMinor: number
}

interface Told {
  readonly content: WebhookContent
  /** What the provider’s API then answers, by path. */
  readonly resources: Readonly<Record<string, object>>
  /** Under which it is among the revenue. */
  readonly externalId: string
}

type Tell = (paid: OneOff, eventId: string) => Told

const currency = 'USD'

const stripe: Tell = ({ id, customer, userId, email, at, amountMinor }, eventId) => ({
  externalId: `in_${id}`,
  content: {
    id: eventId,
    object: 'event',
    type: 'invoice.paid',
    created: seconds(at),
    data: {
      object: {
        id: `in_${id}`,
        object: 'invoice',
        billing_reason: 'manual',
        amount_paid: amountMinor,
        currency: 'usd',
        customer: `cus_${customer}`,
        customer_email: email,
        parent: null,
        status_transitions: { paid_at: seconds(at) },
        lines: { data: [{ amount: amountMinor, period: { start: seconds(at), end: seconds(at) } }] },
      },
    },
  },
  resources: {
    [`/v1/customers/cus_${customer}`]: {
      id: `cus_${customer}`,
      object: 'customer',
      email,
      metadata: userId === null ? {} : { userId },
    },
  },
})

const paddle: Tell = ({ id, customer, userId, email, at, amountMinor }, eventId) => ({
  externalId: `txn_${id}`,
  content: {
    event_id: eventId,
    event_type: 'transaction.completed',
    occurred_at: iso(at),
    data: {
      id: `txn_${id}`,
      status: 'completed',
      origin: 'web',
      customer_id: `ctm_${customer}`,
      subscription_id: null,
      currency_code: currency,
      custom_data: userId === null ? null : { userId },
      billed_at: iso(at),
      billing_period: null,
      details: { totals: { grand_total: String(amountMinor) } },
    },
  },
  resources: {
    [`/customers/ctm_${customer}`]: { data: { id: `ctm_${customer}`, email, custom_data: null } },
  },
})

const chargebee: Tell = ({ id, customer, userId, email, at, amountMinor }, eventId) => ({
  externalId: `txn_${id}`,
  content: {
    id: eventId,
    event_type: 'payment_succeeded',
    occurred_at: seconds(at),
    content: {
      transaction: {
        id: `txn_${id}`,
        type: 'payment',
        status: 'success',
        amount: amountMinor,
        currency_code: currency,
        date: seconds(at),
        customer_id: customer,
      },
      invoice: { id: `inv_${id}`, customer_id: customer, recurring: false, first_invoice: true },
    },
  },
  resources: {
    [`/api/v2/customers/${customer}`]: {
      customer: { id: customer, email, ...(userId !== null && { meta_data: { userId } }) },
    },
  },
})

const recurly: Tell = ({ id, customer, userId, email, at, amountMinor }) => ({
  externalId: `tra${id}`,
  content: { id: `inv${id}`, object_type: 'charge_invoice', event_type: 'paid', event_time: iso(at) },
  resources: {
    [`/invoices/inv${id}`]: {
      id: `inv${id}`,
      object: 'invoice',
      type: 'charge',
      origin: 'purchase',
      currency,
      account: { id: customer, ...(userId !== null && { code: userId }) },
      subscription_ids: [],
      line_items: [{ start_date: iso(at) }],
      transactions: [
        {
          id: `tra${id}`,
          type: 'purchase',
          status: 'success',
          amount: amountMinor / 100,
          currency,
          collected_at: iso(at),
        },
      ],
    },
    [`/accounts/${customer}`]: { id: customer, email, ...(userId !== null && { code: userId }) },
  },
})

const maxio: Tell = ({ id, customer, userId, email, amountMinor }, eventId) => {
  const form = new URLSearchParams({
    id: eventId,
    event: 'payment_success',
    'payload[transaction][id]': id,
    'payload[transaction][success]': 'true',
    'payload[transaction][amount_in_cents]': String(amountMinor),
    'payload[transaction][currency]': currency,
    'payload[customer][id]': customer,
  })
  return {
    externalId: `maxio:${id}`,
    content: form.toString(),
    resources: {
      [`/customers/${customer}.json`]: { customer: { id: Number(customer), reference: userId, email } },
    },
  }
}

/** A webhook that tells of money paid once, and what the provider’s API then says. */
export const oneOffEvent = (provider: BillingProviderName, paid: OneOff, eventId: string): Told =>
  ({ stripe, paddle, chargebee, recurly, maxio })[provider](paid, eventId)
