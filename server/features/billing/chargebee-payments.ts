import { readRef, readSubscriptionRef } from './billing-provider.ts'
import { failureOf, type Payment, type PaymentFailure, readPayment, splitPayment } from './payments.ts'
import { type Json, list, object, text, unixSeconds, userIdIn } from './provider-values.ts'

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
  const { transaction, invoice, subscription, customer } = object(event.content)
  const { id, amount, currency_code, date, type, status, subscription_id, customer_id } = object(transaction)
  if (type !== kinds[text(event.event_type) ?? ''] || status !== 'success') return []
  const isPaid = type === 'payment'
  const { first_invoice, subscription_id: invoiced } = object(invoice)
  const paid = first_invoice === true ? 'new' : 'renewal'
  const told = readPayment({
    id: text(id),
    at: unixSeconds(date) ?? unixSeconds(event.occurred_at),
    amountMinor: typeof amount === 'number' ? (isPaid ? amount : -amount) : Number.NaN,
    currency: text(currency_code),
    type: isPaid ? paid : type === 'refund' ? 'refund' : 'chargeback',
    subscriptionRef:
      readSubscriptionRef(object(subscription).id) ??
      readSubscriptionRef(subscription_id) ??
      readSubscriptionRef(invoiced),
    customerRef: readRef(object(customer).id ?? customer_id ?? object(invoice).customer_id),
    userId: userIdIn(object(customer).meta_data),
  })
  return told.flatMap((payment) => splitPayment(payment, sharesOf(object(invoice))))
}

/** Consolidated invoices are for several subscriptions of one customer. */
function sharesOf(invoice: Json): Map<string, number> {
  const shares = new Map<string, number>()
  for (const line of list(invoice.line_items)) {
    const ref = readSubscriptionRef(line.subscription_id)
    if (ref !== null && typeof line.amount === 'number') shares.set(ref, (shares.get(ref) ?? 0) + line.amount)
  }
  return shares
}

export function failuresOf(event: Json): PaymentFailure[] {
  if (event.event_type !== 'payment_failed') return []
  const { transaction, invoice, subscription } = object(event.content)
  const ref =
    readSubscriptionRef(object(subscription).id) ??
    readSubscriptionRef(object(transaction).subscription_id) ??
    readSubscriptionRef(object(invoice).subscription_id)
  return failureOf(ref, unixSeconds(event.occurred_at))
}
