import type { BillingProviderName } from '../../server/features/billing/billing-provider.ts'
import { iso, seconds, type WebhookContent } from './billing-shapes.ts'

/** Money that moved at a billing system. */
export interface MoneyFact {
  readonly kind: 'payment' | 'refund' | 'chargeback'
  /** Digits; each provider writes its own kind of id around it. */
  readonly id: string
  /** The payment that a refund or chargeback is about; Recurly’s chargebacks carry its id. */
  readonly of?: string
  readonly ref: string
  readonly at: number
  /** Of the period that is paid for. */
  readonly paidFrom: number
  /** The first that was ever paid for its subscription. */
  readonly isFirst: boolean
  readonly amountMinor: number
  readonly currency: string
}

interface Told {
  readonly content: WebhookContent
  /** What the provider’s API then answers, by path. */
  readonly resources: Readonly<Record<string, object>>
}

type Tell = (fact: MoneyFact, event: { eventId: string; at: number }) => Told

/** The id under which a fact is to be found among the revenue. */
export const externalIdOf = (provider: BillingProviderName, { kind, id, of }: MoneyFact): string =>
  ({
    stripe: { payment: `in_${id}`, refund: `re_${id}`, chargeback: `du_${id}` },
    paddle: { payment: `txn_${id}`, refund: `adj_${id}`, chargeback: `adj_${id}` },
    chargebee: { payment: `txn_${id}`, refund: `txn_${id}`, chargeback: `txn_${id}` },
    recurly: { payment: `tra${id}`, refund: `tra${id}`, chargeback: `tra${of}:chargeback` },
    maxio: { payment: `maxio:${id}`, refund: `maxio:${id}`, chargeback: `maxio:${id}` },
  })[provider][kind]

const stripe: Tell = (fact, { eventId, at }) => {
  const { kind, id, ref, amountMinor: amount } = fact
  const currency = fact.currency.toLowerCase()
  const event = (type: string, object: object) => ({
    id: eventId,
    object: 'event',
    api_version: '2025-03-31.basil',
    type,
    created: seconds(at),
    data: { object },
  })
  const customer = `cus_${ref}`
  const resources = { [`/v1/subscriptions?customer=${customer}`]: { object: 'list', data: [{ id: ref }] } }
  if (kind === 'payment')
    return {
      content: event('invoice.paid', {
        id: `in_${id}`,
        object: 'invoice',
        billing_reason: 'subscription_cycle',
        amount_paid: amount,
        currency,
        status_transitions: { paid_at: seconds(fact.at) },
        parent: { type: 'subscription_details', subscription_details: { subscription: ref } },
        lines: { data: [{ period: { start: seconds(fact.paidFrom), end: seconds(fact.paidFrom) } }] },
      }),
      resources,
    }
  const created = seconds(fact.at)
  if (kind === 'refund') {
    const refund = { id: `re_${id}`, object: 'refund', status: 'succeeded', amount, currency, created }
    const charge = { id: `ch_${id}`, object: 'charge', customer, refunds: { data: [refund] } }
    return {
      content: event('refund.created', { ...refund, charge: charge.id }),
      resources: { ...resources, [`/v1/charges/${charge.id}`]: charge },
    }
  }
  const dispute = { id: `du_${id}`, object: 'dispute', status: 'needs_response', amount, currency, created }
  return {
    content: event('charge.dispute.created', { ...dispute, charge: `ch_${id}` }),
    resources: { ...resources, [`/v1/disputes/du_${id}`]: { ...dispute, charge: { customer } } },
  }
}

const paddle: Tell = ({ kind, id, ref, ...fact }, { eventId, at }) => {
  const common = { subscription_id: ref, currency_code: fact.currency, created_at: iso(fact.at) }
  const amount = String(fact.amountMinor)
  const event = (event_type: string, data: object) => ({
    event_id: eventId,
    event_type,
    occurred_at: iso(at),
    data: { ...common, ...data },
  })
  const content =
    kind === 'payment'
      ? event('transaction.completed', {
          id: `txn_${id}`,
          status: 'completed',
          origin: 'subscription_recurring',
          billed_at: iso(fact.at),
          billing_period: { starts_at: iso(fact.paidFrom) },
          details: { totals: { total: amount, grand_total: amount, balance: '0' } },
        })
      : event('adjustment.updated', {
          id: `adj_${id}`,
          action: kind,
          status: 'approved',
          totals: { total: amount },
        })
  return { content, resources: {} }
}

const chargebee: Tell = ({ kind, id, ref, ...fact }, { eventId, at }) => {
  const transaction = {
    id: `txn_${id}`,
    type: { payment: 'payment', refund: 'refund', chargeback: 'payment_reversal' }[kind],
    status: 'success',
    amount: fact.amountMinor,
    currency_code: fact.currency,
    date: seconds(fact.at),
    subscription_id: ref,
  }
  const event_type = {
    payment: 'payment_succeeded',
    refund: 'payment_refunded',
    chargeback: 'transaction_created',
  }[kind]
  const invoice = { id: `inv_${id}`, first_invoice: fact.isFirst }
  const content =
    kind === 'chargeback' ? { transaction } : { transaction, invoice, subscription: { id: ref } }
  return { content: { id: eventId, event_type, occurred_at: seconds(at), content }, resources: {} }
}

const recurly: Tell = ({ kind, id, of = '', ref, ...fact }, { at }) => {
  const event = (object_type: string, event_type: string, about: string) => ({
    id: about,
    object_type,
    event_type,
    event_time: iso(at),
  })
  const number = kind === 'chargeback' ? of : id
  const transaction = {
    id: `tra${number}`,
    object: 'transaction',
    type: kind === 'refund' ? 'refund' : 'purchase',
    status: kind === 'chargeback' ? 'chargeback' : 'success',
    amount: fact.amountMinor / 100,
    currency: fact.currency,
    collected_at: iso(fact.at),
  }
  const invoice = {
    id: `inv${number}`,
    object: 'invoice',
    type: kind === 'refund' ? 'credit' : 'charge',
    origin: kind === 'refund' ? 'refund' : 'renewal',
    currency: fact.currency,
    subscription_ids: [ref],
    line_items: [{ start_date: iso(fact.paidFrom) }],
    transactions: [transaction],
  }
  const resources = {
    [`/invoices/${invoice.id}`]: invoice,
    [`/transactions/${transaction.id}`]: { ...transaction, invoice: { id: invoice.id } },
  }
  const content = {
    payment: event('charge_invoice', 'paid', invoice.id),
    refund: event('credit_invoice', 'closed', invoice.id),
    chargeback: event('payment', 'transaction_status_updated', transaction.id),
  }[kind]
  return { content, resources }
}

/** Maxio tells nothing of chargebacks. */
const maxio: Tell = ({ kind, id, ref, ...fact }, { eventId }) => {
  const time = iso(fact.at)?.replace('T', ' ').replace('.000Z', ' +0000')
  const fields =
    kind === 'payment'
      ? {
          'payload[subscription][id]': ref,
          'payload[transaction][id]': id,
          'payload[transaction][success]': 'true',
          'payload[transaction][amount_in_cents]': fact.amountMinor,
          'payload[transaction][created_at]': time,
        }
      : {
          'payload[subscription_id]': ref,
          'payload[refund_id]': id,
          'payload[amount_in_cents]': fact.amountMinor,
          'payload[currency]': fact.currency,
          'payload[timestamp]': time,
        }
  const form = new URLSearchParams({
    id: eventId,
    event: kind === 'payment' ? 'payment_success' : 'refund_success',
  })
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value))
  return { content: form.toString(), resources: {} }
}

/** A webhook that tells of money, and what the provider’s API then says. */
export const moneyEvent = (
  provider: BillingProviderName,
  fact: MoneyFact,
  event: { eventId: string; at: number },
): Told => ({ stripe, paddle, chargebee, recurly, maxio })[provider](fact, event)
