import { readRef } from './billing-provider.ts'
import { andBack, type Payment, readPayment, toMinor } from './payments.ts'
import { instant, type Json, list, text } from './provider-values.ts'

/** What an event is about is read anew: its payload holds nothing but an id. */
const asks: Readonly<Record<string, string>> = {
  'charge_invoice.paid': 'invoice',
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
  const { subscription_ids } = invoice
  const subscriptionRef = Array.isArray(subscription_ids) ? readRef(subscription_ids[0]) : null
  const periods = list(invoice.line_items).flatMap(({ start_date }) => instant(start_date) ?? [])
  const paidFrom = periods.length > 0 ? Math.max(...periods) : null
  const paidAs = invoice.origin === 'immediate_change' ? 'expansion' : null
  return list(invoice.transactions).flatMap((transaction) => {
    const isRefund = transaction.type === 'refund'
    if (!isRefund && transaction.type !== 'purchase' && transaction.type !== 'capture') return []
    const currency = text(transaction.currency) ?? text(invoice.currency)
    const amountMinor = toMinor(transaction.amount, currency)
    const [moved] = readPayment({
      id: text(transaction.id),
      at: instant(transaction.collected_at) ?? instant(transaction.created_at),
      amountMinor: isRefund ? -amountMinor : amountMinor,
      currency,
      type: isRefund ? 'refund' : paidAs,
      subscriptionRef,
      paidFrom,
    })
    return moved ? settled(moved, text(transaction.status), isRefund) : []
  })
}

/** A payment that was voided or charged back went through before. */
function settled(moved: Payment, status: string | null, isRefund: boolean): Payment[] {
  if (status === 'success') return [moved]
  if (isRefund) return []
  if (status === 'void') return andBack(moved, 'void', 'refund')
  return status === 'chargeback' ? andBack(moved, 'chargeback', 'chargeback') : []
}
