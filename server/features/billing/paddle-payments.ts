import { readRef } from './billing-provider.ts'
import { failureOf, type Payment, type PaymentFailure, type PaymentType, readPayment } from './payments.ts'
import { instant, type Json, object, text, userIdIn } from './provider-values.ts'

/** Amounts are texts in the currency’s smallest unit, without digits after the point for JPY and the like. */
const amountOf = (value: unknown): number =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN

/** What moves money, in which direction. Credits stay with Paddle and lower a later transaction; warnings move nothing. */
const actions: Readonly<Record<string, readonly [PaymentType, -1 | 1]>> = {
  refund: ['refund', -1],
  chargeback: ['chargeback', -1],
  chargeback_reverse: ['chargeback', 1],
}
/** `reversed`: it took place, and another adjustment takes it back. */
const tookPlace = new Set(['approved', 'reversed'])

const failedEvents = new Set(['transaction.payment_failed', 'transaction.past_due', 'subscription.past_due'])

export function failuresOf({ event_type, occurred_at, data: subject }: Json): PaymentFailure[] {
  const type = text(event_type) ?? ''
  if (!failedEvents.has(type)) return []
  const { id, subscription_id } = object(subject)
  return failureOf(readRef(type.startsWith('subscription.') ? id : subscription_id), instant(occurred_at))
}

/** Of `transaction.completed`, and of adjustments once they are approved. */
export function paymentsOf(event: Json): Payment[] {
  const data = object(event.data)
  const common = {
    id: text(data.id),
    currency: text(data.currency_code),
    subscriptionRef: readRef(data.subscription_id),
    customerRef: readRef(data.customer_id),
    userId: userIdIn(data.custom_data),
  }
  switch (event.event_type) {
    case 'transaction.completed':
      return readPayment({
        ...common,
        at: instant(data.billed_at) ?? instant(event.occurred_at),
        amountMinor: amountOf(object(object(data.details).totals).grand_total),
        type: null,
        paidFrom: instant(object(data.billing_period).starts_at),
      })
    case 'adjustment.created':
    case 'adjustment.updated': {
      const [type, sign] = actions[text(data.action) ?? ''] ?? []
      if (!type || !sign || !tookPlace.has(text(data.status) ?? '')) return []
      const amountMinor = sign * amountOf(object(data.totals).total)
      return readPayment({ ...common, at: instant(data.created_at), amountMinor, type })
    }
    default:
      return []
  }
}
