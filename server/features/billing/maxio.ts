import { isoInstant } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  unreadable,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { paymentsOf, subscriptionOfForm } from './maxio-payments.ts'
import { basicAuth, subscriptionCalls } from './provider-http.ts'
import { instant, type Json, object, text } from './provider-values.ts'
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
  failed_to_create: 'expired',
}

function subscriptionOf(answer: Json): BillingSubscription {
  const subscription = object(answer.subscription)
  const customer = object(subscription.customer)
  const status = statuses[text(subscription.state) ?? ''] ?? 'pending'
  return {
    ref: text(subscription.id) ?? '',
    // The customer’s reference is the merchant’s own id.
    userId: text(customer.reference),
    email: parseEmailAddress(customer.email),
    status,
    isFree: subscription.product_price_in_cents === 0,
    startedAt: instant(subscription.trial_started_at) ?? instant(subscription.created_at),
    trialEndsAt: status === 'trialing' ? instant(subscription.trial_ended_at) : null,
    endedAt: instant(subscription.canceled_at) ?? instant(subscription.expires_at),
    activatedAt: instant(subscription.activated_at),
    planId: text(object(subscription.product).handle),
    currency: text(subscription.currency),
    version: instant(subscription.updated_at),
  }
}

/**
 * Webhooks are form-encoded and signed without a time: a replay is stopped by the event’s id alone. The old MD5
 * signature (`X-Chargify-Webhook-Signature`) is not taken.
 */
export function createMaxio({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  return {
    shortens: true,
    async verify({ rawBody, headers: given, now }: Webhook) {
      const signature = header(given['x-chargify-webhook-signature-hmac-sha-256'])
      if (!isSigned([signature], webhookSecrets, '', rawBody))
        return unsigned('The signature does not match.')
      const form = new URLSearchParams(rawBody.toString('utf8'))
      const [eventId, type] = [text(form.get('id')), text(form.get('event'))]
      if (eventId === null || type === null) return unreadable
      const payments = paymentsOf(form, now)
      return {
        ok: true,
        hint: { eventId, type, occurredAt: null, ref: subscriptionOfForm(form), payments, ask: null },
      }
    },
    ...subscriptionCalls({
      headers: { Authorization: basicAuth(apiKey, 'x') },
      url: (ref) => `${baseUrl}/subscriptions/${ref}.json`,
      read: subscriptionOf,
      /** In trial the next bill is the trial’s end. Maxio knows no idempotency keys; the same date twice is harmless. */
      extension: (endsAt) => ({
        method: 'PUT',
        json: { subscription: { next_billing_at: isoInstant(endsAt) } },
      }),
    }),
    fetchPayments: nothingToFetch,
  }
}
