import { readRef } from './billing-provider.ts'
import { type Payment, readPayment } from './payments.ts'
import { type Json, object, text, unixSeconds } from './provider-values.ts'

/** Which kind of transaction each event is taken for: `transaction_created` also tells of what others tell better. */
const kinds: Readonly<Record<string, string>> = {
  payment_succeeded: 'payment',
  payment_refunded: 'refund',
  transaction_created: 'payment_reversal',
  transaction_updated: 'payment_reversal',
}

/**
 * Of payments, refunds and reversals (chargebacks) that went through. Amounts are in the currency’s smallest unit,
 * for JPY and the like in whole ones.
 */
export function paymentsOf(event: Json): Payment[] {
  const { transaction, invoice, subscription } = object(event.content)
  const { id, amount, currency_code, date, type, status, subscription_id } = object(transaction)
  if (type !== kinds[text(event.event_type) ?? ''] || status !== 'success') return []
  const isPaid = type === 'payment'
  const { first_invoice, subscription_id: invoiced } = object(invoice)
  const paid = first_invoice === true ? 'new' : 'renewal'
  return readPayment({
    id: text(id),
    at: unixSeconds(date) ?? unixSeconds(event.occurred_at),
    amountMinor: typeof amount === 'number' ? (isPaid ? amount : -amount) : Number.NaN,
    currency: text(currency_code),
    type: isPaid ? paid : type === 'refund' ? 'refund' : 'chargeback',
    subscriptionRef: readRef(object(subscription).id) ?? readRef(subscription_id) ?? readRef(invoiced),
  })
}
