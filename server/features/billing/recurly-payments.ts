import type { PaymentProof } from '../../domain/billing/subscription.ts'
import { readRef } from './billing-provider.ts'
import {
  andBack,
  failureOf,
  type Payment,
  type PaymentFailure,
  readPayment,
  splitPayment,
  toMinor,
} from './payments.ts'
import { instant, type Json, list, object, text } from './provider-values.ts'

/** What an event is about is read again: its payload holds nothing but an id. */
const asks: Readonly<Record<string, string>> = {
  'charge_invoice.paid': 'invoice',
  'charge_invoice.past_due': 'invoice',
  'charge_invoice.failed': 'invoice',
  'credit_invoice.closed': 'invoice',
  'payment.succeeded': 'transaction',
  'payment.refunded': 'transaction',
  'payment.voided': 'transaction',
  'payment.transaction_status_updated': 'transaction',
}

/** Where to read: `invoice/<id>` or `transaction/<id>`. */
export function askOf(event: Json): string | null {
  const kind = asks[`${text(event.object_type)}.${text(event.event_type)}`]
  const id = readRef(event.id)
  return kind === undefined || id === null ? null : `${kind}/${id}`
}

/**
 * The transactions of an invoice: credits and invoices marked as paid without any move no money. Amounts are decimals
 * in whole units.
 */
export function paymentsOf(invoice: Json): Payment[] {
  const [subscriptionRef = null] = subscriptionsOf(invoice)
  const shares = sharesOf(invoice)
  const periods = list(invoice.line_items).flatMap(({ start_date }) => instant(start_date) ?? [])
  const paidFrom = periods.length > 0 ? Math.max(...periods) : null
  const paidAs = invoice.origin === 'immediate_change' ? 'expansion' : null
  return list(invoice.transactions).flatMap((transaction) => {
    const isRefund = transaction.type === 'refund'
    if (!isRefund && transaction.type !== 'purchase' && transaction.type !== 'capture') return []
    const currency = text(transaction.currency) ?? text(invoice.currency)
    const amountMinor = toMinor(transaction.amount, currency)
    const account = object(transaction.account ?? invoice.account)
    const [moved] = readPayment({
      id: text(transaction.id),
      at: instant(transaction.collected_at) ?? instant(transaction.created_at),
      amountMinor: isRefund ? -amountMinor : amountMinor,
      currency,
      type: isRefund ? 'refund' : paidAs,
      subscriptionRef,
      customerRef: readRef(account.id),
      userId: text(account.code),
      paidFrom,
    })
    const told = moved ? settled(moved, text(transaction.status), isRefund) : []
    return told.flatMap((payment) => splitPayment(payment, shares))
  })
}

const subscriptionsOf = ({ subscription_ids: ids }: Json): string[] =>
  Array.isArray(ids) ? ids.flatMap((id) => readRef(id) ?? []) : []

/** One invoice may renew several subscriptions of an account. */
function sharesOf({ line_items: lines }: Json): Map<string, number> {
  const shares = new Map<string, number>()
  for (const { subscription_id, amount, total } of list(lines)) {
    const ref = readRef(subscription_id)
    const share = typeof total === 'number' ? total : amount
    if (ref !== null && typeof share === 'number') shares.set(ref, (shares.get(ref) ?? 0) + share)
  }
  return shares
}

const openStates = new Set(['past_due', 'failed'])

export function failuresOf(invoice: Json, now: number): PaymentFailure[] {
  if (!openStates.has(text(invoice.state) ?? '')) return []
  const at = instant(invoice.due_at) ?? instant(invoice.updated_at) ?? now
  return subscriptionsOf(invoice).flatMap((ref) => failureOf(ref, at))
}

/** By the first invoices of a subscription, oldest first. */
export function proofOfInvoices({ data }: Json): PaymentProof {
  if (!Array.isArray(data)) return 'unknown'
  const charges = list(data).filter(({ type }) => type !== 'credit')
  return charges.some(({ paid }) => typeof paid === 'number' && paid > 0) ? 'paid' : 'unpaid'
}

/** A payment that was voided or charged back went through before. */
function settled(moved: Payment, status: string | null, isRefund: boolean): Payment[] {
  if (status === 'success') return [moved]
  if (isRefund) return []
  if (status === 'void') return andBack(moved, 'void', 'refund')
  return status === 'chargeback' ? andBack(moved, 'chargeback', 'chargeback') : []
}
