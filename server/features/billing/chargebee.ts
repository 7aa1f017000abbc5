import { secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  readRef,
  unreadable,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { paymentsOf } from './chargebee-payments.ts'
import { basicAuth, subscriptionCalls } from './provider-http.ts'
import { type Json, list, object, parseObject, text, unixSeconds, userIdIn } from './provider-values.ts'
import { header, isOneOf } from './webhook-signature.ts'

const statuses: Readonly<Record<string, BillingStatus>> = {
  future: 'pending',
  in_trial: 'trialing',
  active: 'active',
  non_renewing: 'active',
  paused: 'paused',
  cancelled: 'canceled',
}

function subscriptionOf(answer: Json): BillingSubscription {
  const subscription = object(answer.subscription)
  const customer = object(answer.customer)
  const plan = list(subscription.subscription_items).find((item) => item.item_type === 'plan')
  const status = statuses[text(subscription.status) ?? ''] ?? 'pending'
  const activatedAt = unixSeconds(subscription.activated_at)
  return {
    ref: text(subscription.id) ?? '',
    userId: userIdIn(subscription.meta_data) ?? userIdIn(customer.meta_data),
    email: parseEmailAddress(customer.email),
    status: status === 'canceled' && activatedAt === null ? 'expired' : status,
    isFree: plan?.amount === 0,
    startedAt: unixSeconds(subscription.started_at) ?? unixSeconds(subscription.created_at),
    trialEndsAt: unixSeconds(subscription.trial_end),
    endedAt: unixSeconds(subscription.cancelled_at),
    activatedAt,
    planId: text(plan?.item_price_id) ?? text(subscription.plan_id),
    currency: text(subscription.currency_code),
    version: typeof subscription.resource_version === 'number' ? subscription.resource_version : null,
  }
}

/**
 * Chargebee signs nothing: its webhooks carry HTTP Basic credentials, which are the webhook secret here
 * (`user:password`). A replay is stopped by the event’s id alone.
 */
export function createChargebee({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  return {
    shortens: true,
    async verify({ rawBody, headers: given }: Webhook) {
      const encoded = /^Basic ([A-Za-z0-9+/=]{1,1000})$/i.exec(header(given.authorization))?.[1]
      const credentials = Buffer.from(encoded ?? '', 'base64').toString('utf8')
      if (!encoded || !isOneOf(credentials, webhookSecrets))
        return unsigned('User or password does not match.')
      const event = parseObject(rawBody)
      const [eventId, type] = [text(event?.id), text(event?.event_type)]
      if (!event || eventId === null || type === null) return unreadable
      const ref = readRef(object(object(event.content).subscription).id)
      const occurredAt = unixSeconds(event.occurred_at)
      return { ok: true, hint: { eventId, type, occurredAt, ref, payments: paymentsOf(event), ask: null } }
    },
    ...subscriptionCalls({
      headers: { Authorization: basicAuth(apiKey, '') },
      url: (ref) => `${baseUrl}/api/v2/subscriptions/${ref}`,
      read: subscriptionOf,
      /** In trial this moves the trial’s end alone; on an active subscription it would move the billing date. */
      extension: (endsAt, idempotencyKey) => ({
        path: '/change_term_end',
        method: 'POST',
        headers: { 'chargebee-idempotency-key': idempotencyKey },
        form: { term_ends_at: String(Math.floor(endsAt / secondMs)) },
      }),
    }),
    fetchPayments: nothingToFetch,
  }
}
