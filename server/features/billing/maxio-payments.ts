import { readRef } from './billing-provider.ts'
import { failureOf, type Payment, type PaymentFailure, readPayment } from './payments.ts'
import { instant } from './provider-values.ts'

/** `2016-11-08 16:22:20 -0500` beside ISO 8601. */
const timeOf = (value: string | null): number | null =>
  instant(value?.replace(/^(\S{10}) (\S{8}) ([+-]\d{4})$/, '$1T$2$3'))

/** Maxio’s ids are plain numbers, which others could have given, too. */
const idOf = (value: string | null): string | null =>
  value && /^\d{1,20}$/.test(value) ? `maxio:${value}` : null

const cents = (value: string | null): number =>
  value !== null && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN

/** On refunds, unlike everywhere else, it stands outside of the subscription. */
export const subscriptionOfForm = (form: URLSearchParams): string | null =>
  readRef(form.get('payload[subscription][id]')) ?? readRef(form.get('payload[subscription_id]'))

/** The customer and the merchant’s own id of them stand within the subscription, or beside it. */
const payerOfForm = (form: URLSearchParams) => {
  const of = (name: string) =>
    form.get(`payload[subscription][customer]${name}`) || form.get(`payload[customer]${name}`) || null
  return { customerRef: readRef(of('[id]') ?? form.get('payload[customer_id]')), userId: of('[reference]') }
}

const failedEvents = new Set(['payment_failure', 'renewal_failure', 'signup_failure'])

/** Tells no time. */
export const failuresOf = (form: URLSearchParams, receivedAt: number): PaymentFailure[] =>
  failedEvents.has(form.get('event') ?? '') ? failureOf(subscriptionOfForm(form), receivedAt) : []

/**
 * Of `payment_success` and `refund_success`. The first names its currency in new installations only, else it is that
 * of the subscription.
 * @param receivedAt for what tells no time.
 */
export function paymentsOf(form: URLSearchParams, receivedAt: number): Payment[] {
  const subscriptionRef = subscriptionOfForm(form)
  const of = (path: string) => form.get(`payload${path}`) || null
  if (form.get('event') === 'payment_success' && of('[transaction][success]') !== 'false')
    return readPayment({
      id: idOf(of('[transaction][id]')),
      at: timeOf(of('[transaction][created_at]')) ?? receivedAt,
      amountMinor: cents(of('[transaction][amount_in_cents]')),
      currency: of('[transaction][currency]') ?? of('[subscription][currency]'),
      type: null,
      subscriptionRef,
      ...payerOfForm(form),
    })
  if (form.get('event') !== 'refund_success') return []
  return readPayment({
    id: idOf(of('[refund_id]')),
    at: timeOf(of('[timestamp]')) ?? receivedAt,
    amountMinor: -cents(of('[amount_in_cents]')),
    currency: of('[currency]'),
    type: 'refund',
    subscriptionRef,
    ...payerOfForm(form),
  })
}
