import { isoInstant } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { monthlyMinor, mrrOf } from '../../domain/billing/mrr.ts'
import type { BillingStatus, BillingSubscription, PaymentProof } from '../../domain/billing/subscription.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  readRef,
  unreadable,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { failuresOf, paymentsOf, subscriptionOfForm } from './maxio-payments.ts'
import { basicAuth, callProvider, subscriptionCalls } from './provider-http.ts'
import { idsOf, instant, integer, intervalOf, type Json, list, object, text } from './provider-values.ts'
import { header, isSigned } from './webhook-signature.ts'

const statuses: Readonly<Record<string, BillingStatus>> = {
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  soft_failure: 'past_due',
  unpaid: 'past_due',
  on_hold: 'paused',
  paused: 'paused',
  suspended: 'paused',
  canceled: 'canceled',
  expired: 'expired',
  trial_ended: 'expired',
  failed_to_create: 'void',
}

/** What it ever brought; without any, an open balance or none tells that nothing came so far. */
function proofOf({ total_revenue_in_cents, balance_in_cents }: Json): PaymentProof {
  const [revenue, balance] = [integer(total_revenue_in_cents), integer(balance_in_cents)]
  if (revenue !== null && revenue > 0) return 'paid'
  return revenue === 0 || (balance !== null && balance > 0) ? 'unpaid' : 'unknown'
}

/** Components are priced apart from the product and not told here. */
function potentialOf(product: Json, price: number | null): number | null {
  const interval = intervalOf(product.interval_unit)
  if (interval === null) return null
  const count = integer(product.interval) ?? 1
  return monthlyMinor([{ unitMinor: price, quantity: 1, interval, count }])
}

/** `trial_ended` tells no time of its own: not after the last change, nor after the date the trial had. */
function endOf(subscription: Json): number | null {
  const said = instant(subscription.canceled_at) ?? instant(subscription.expires_at)
  if (said !== null || subscription.state !== 'trial_ended') return said
  const times = [instant(subscription.trial_ended_at), instant(subscription.updated_at)]
  const known = times.filter((at): at is number => at !== null)
  return known.length > 0 ? Math.min(...known) : null
}

function subscriptionOf(answer: Json): BillingSubscription {
  const subscription = object(answer.subscription)
  const customer = object(subscription.customer)
  const product = object(subscription.product)
  const status = statuses[text(subscription.state) ?? ''] ?? 'pending'
  const isOver = status === 'canceled' || status === 'expired'
  const price = integer(subscription.product_price_in_cents)
  const trialEndsAt = instant(subscription.trial_ended_at)
  return {
    ref: text(subscription.id) ?? '',
    customerRef: readRef(customer.id),
    // The customer’s reference is the merchant’s own id.
    userId: text(customer.reference),
    email: parseEmailAddress(customer.email),
    status,
    isFree: price === 0,
    proof: proofOf(subscription),
    startedAt: instant(subscription.trial_started_at) ?? instant(subscription.created_at),
    trialEndsAt,
    endedAt: isOver ? endOf(subscription) : null,
    pausedAt: instant(subscription.on_hold_at),
    activatedAt: instant(subscription.activated_at),
    cancelsAt: isOver
      ? null
      : (instant(subscription.scheduled_cancellation_at) ??
        instant(subscription.delayed_cancel_at) ??
        (subscription.cancel_at_end_of_period === true
          ? instant(subscription.current_period_ends_at)
          : null)),
    planId: text(product.handle),
    products: idsOf(product.handle, product.id, object(product.product_family).handle),
    currency: text(subscription.currency),
    mrr: mrrOf(status, potentialOf(product, price)),
    version: instant(subscription.updated_at),
  }
}

/**
 * Webhooks are form-encoded and signed without a time: a replay is stopped by the event’s id alone. The old MD5
 * signature (`X-Chargify-Webhook-Signature`) is not taken.
 */
export function createMaxio({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  const headers = { Authorization: basicAuth(apiKey, 'x') }
  return {
    shortens: true,
    async verify({ rawBody, headers: given, now }: Webhook) {
      const signature = header(given['x-chargify-webhook-signature-hmac-sha-256'])
      if (!isSigned([signature], webhookSecrets, '', rawBody))
        return unsigned('The signature does not match.')
      const form = new URLSearchParams(rawBody.toString('utf8'))
      const [eventId, type] = [text(form.get('id')), text(form.get('event'))]
      if (eventId === null || type === null) return unreadable
      const hint = {
        eventId,
        type,
        occurredAt: null,
        ref: subscriptionOfForm(form),
        customerRef: type === 'customer_update' ? readRef(form.get('payload[customer][id]')) : null,
        payments: paymentsOf(form, now),
        failures: failuresOf(form, now),
        ask: null,
      }
      return { ok: true, hint }
    },
    ...subscriptionCalls({
      headers,
      url: (ref) => `${baseUrl}/subscriptions/${ref}.json`,
      read: subscriptionOf,
      /** In trial the next bill is the trial’s end. Maxio knows no idempotency keys; the same date twice is harmless. */
      extension: (endsAt) => ({
        method: 'PUT',
        json: { subscription: { next_billing_at: isoInstant(endsAt) } },
      }),
    }),
    async fetchCustomer(ref) {
      const { customer } = await callProvider({ url: `${baseUrl}/customers/${ref}.json`, headers })
      return { userId: text(object(customer).reference), email: parseEmailAddress(object(customer).email) }
    },
    fetchPayments: nothingToFetch,
    async listTrialing(cursor, limit) {
      const page = Number(cursor ?? 1)
      const query = new URLSearchParams({ state: 'trialing', per_page: String(limit), page: String(page) })
      const found = list(await callProvider({ url: `${baseUrl}/subscriptions.json?${query}`, headers }))
      return { trials: found.map(subscriptionOf), cursor: found.length < limit ? null : String(page + 1) }
    },
  }
}
