import { parseEmailAddress } from '../../../shared/trial.ts'
import { readRef } from './billing-provider.ts'
import {
  andBack,
  failureOf,
  type Payment,
  type PaymentFailure,
  readPayment,
  splitPayment,
} from './payments.ts'
import { type Json, list, object, text, unixSeconds, userIdIn } from './provider-values.ts'

/**
 * Where Stripe’s smallest unit is not the one of ISO 4217: it keeps two digits for króna and Ugandan shilling, which
 * have none, and none for the ariary, which has two. See docs.stripe.com/currencies, “special cases” and
 * “zero-decimal currencies”.
 */
const factors: Readonly<Record<string, number>> = { ISK: 1 / 100, UGX: 1 / 100, MGA: 100 }

export const amountOf = (amount: unknown, currency: unknown): number => {
  if (typeof amount !== 'number') return Number.NaN
  const factor = factors[String(currency).toUpperCase()] ?? 1
  return factor < 1 ? Math.round(amount * factor) : amount * factor
}

const idOf = (value: unknown): string | null => readRef(typeof value === 'string' ? value : object(value).id)

/** On invoices it moved in API version 2025-03-31; an endpoint keeps the version it was made with. */
export const subscriptionOfInvoice = (invoice: Json): string | null => {
  const details = object(object(invoice.parent).subscription_details)
  return idOf(invoice.subscription ?? details.subscription)
}

/** What each subscription has on an invoice, by its lines: one invoice may be for several. */
export function sharesOfInvoice(invoice: Json): Map<string, number> {
  const shares = new Map<string, number>()
  for (const line of list(object(invoice.lines).data)) {
    const details = object(object(line.parent).subscription_item_details)
    const ref = idOf(line.subscription ?? details.subscription)
    if (ref !== null && typeof line.amount === 'number') shares.set(ref, (shares.get(ref) ?? 0) + line.amount)
  }
  return shares
}

/** Each payment parted among the subscriptions that it was for. */
export const withShares = (payments: readonly Payment[], shares: ReadonlyMap<string, number>): Payment[] =>
  payments.flatMap((payment) => splitPayment(payment, shares))

const isProrated = (line: Json): boolean =>
  line.proration === true || object(object(line.parent).subscription_item_details).proration === true

/** A change of plan that was charged at once is told by its prorated lines; ending a trial early has none. */
function typeOfInvoice(invoice: Json, lines: readonly Json[]): Payment['type'] {
  if (invoice.billing_reason === 'subscription_create') return 'new'
  return invoice.billing_reason === 'subscription_update' && lines.some(isProrated) ? 'expansion' : null
}

const eventsOfInvoice = new Set(['invoice.paid', 'invoice.payment_succeeded'])

/** Of `invoice.paid` (also when paid outside of Stripe). Refunds and disputes do not say whose they are: {@link askOf}. */
export function paymentsOf(event: Json): Payment[] {
  if (!eventsOfInvoice.has(text(event.type) ?? '')) return []
  const invoice = object(object(event.data).object)
  const lines = list(object(invoice.lines).data)
  const periods = lines.flatMap((line) => unixSeconds(object(line.period).start) ?? [])
  const told = readPayment({
    id: text(invoice.id),
    at: unixSeconds(object(invoice.status_transitions).paid_at) ?? unixSeconds(event.created),
    amountMinor: amountOf(invoice.amount_paid, invoice.currency),
    currency: text(invoice.currency),
    type: typeOfInvoice(invoice, lines),
    subscriptionRef: subscriptionOfInvoice(invoice),
    customerRef: idOf(invoice.customer),
    userId: userIdIn(invoice.metadata),
    paidFrom: periods.length > 0 ? Math.max(...periods) : null,
  })
  return withShares(told, sharesOfInvoice(invoice))
}

const failedEvents = new Set([
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.marked_uncollectible',
])

export function failuresOf(event: Json): PaymentFailure[] {
  if (!failedEvents.has(text(event.type) ?? '')) return []
  return failureOf(subscriptionOfInvoice(object(object(event.data).object)), unixSeconds(event.created))
}

const asked = (kind: string, id: string | null): string | null => (id === null ? null : `${kind}/${id}`)

const checkoutEvents = new Set(['checkout.session.completed', 'checkout.session.async_payment_succeeded'])

/** A checkout that was paid once and for all; one that makes an invoice is told by that. */
const isPaidOnce = ({ mode, payment_status, invoice }: Json): boolean =>
  mode === 'payment' && payment_status === 'paid' && idOf(invoice) === null

/** Where the rest is to be read: `charge/<id>`, `dispute/<id>` or `session/<id>`. */
export function askOf(event: Json): string | null {
  const type = text(event.type) ?? ''
  const subject = object(object(event.data).object)
  if (checkoutEvents.has(type)) return isPaidOnce(subject) ? asked('session', readRef(subject.id)) : null
  if (type.startsWith('charge.dispute.')) return asked('dispute', readRef(subject.id))
  if (type === 'charge.refunded') return asked('charge', readRef(subject.id))
  return /^(charge\.)?refund\./.test(type) ? asked('charge', idOf(subject.charge)) : null
}

type Payer = Pick<Payment, 'subscriptionRef' | 'customerRef' | 'userId' | 'email'>

/** Of a checkout without an invoice. A guest has no customer. */
export const paymentOfSession = (session: Json): Payment[] =>
  isPaidOnce(session)
    ? readPayment({
        id: idOf(session.payment_intent) ?? idOf(session),
        at: unixSeconds(session.created),
        amountMinor: amountOf(session.amount_total, session.currency),
        currency: text(session.currency),
        type: null,
        subscriptionRef: null,
        customerRef: idOf(session.customer),
        userId: text(session.client_reference_id) ?? userIdIn(session.metadata),
        email: parseEmailAddress(object(session.customer_details).email ?? session.customer_email),
      })
    : []

/** Who was charged. */
export const payerOfCharge = (charge: Json): Payer => ({
  subscriptionRef: null,
  customerRef: idOf(charge.customer),
  userId: userIdIn(charge.metadata),
  email: parseEmailAddress(object(charge.billing_details).email ?? charge.receipt_email),
})

/** Of what sends money back to the payer. */
const returnedBy = (subject: Json, type: 'refund' | 'chargeback', payer: Payer): Payment[] =>
  readPayment({
    id: text(subject.id),
    at: unixSeconds(subject.created),
    amountMinor: -amountOf(subject.amount, subject.currency),
    currency: text(subject.currency),
    type,
    ...payer,
  })

/** Those that went through, and those that came back because the payer’s bank would not take them. */
export const refundsOf = (charge: Json): Payment[] =>
  list(object(charge.refunds).data).flatMap((refund) => {
    const [paid] = returnedBy(refund, 'refund', payerOfCharge(charge))
    if (!paid) return []
    if (refund.status === 'succeeded') return [paid]
    return refund.status === 'failed' ? andBack(paid, 'failed') : []
  })

/** Nothing is withdrawn for a mere inquiry (`warning_…`) or a dispute that was prevented. */
export function disputeOf(dispute: Json, payer: Payer): Payment[] {
  const status = text(dispute.status) ?? ''
  if (status.startsWith('warning_') || status === 'prevented') return []
  const [taken] = returnedBy(dispute, 'chargeback', payer)
  if (!taken) return []
  return status === 'won' ? andBack(taken, 'won') : [taken]
}
