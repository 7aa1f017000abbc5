import { secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  proofFrom,
  readRef,
  readSubscriptionRef,
  unreadable,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { failuresOf, paymentsOf } from './chargebee-payments.ts'
import { subscriptionOf } from './chargebee-subscription.ts'
import { basicAuth, callProvider, subscriptionCalls } from './provider-http.ts'
import { type Json, list, object, parseObject, text, unixSeconds, userIdIn } from './provider-values.ts'
import { header, isOneOf } from './webhook-signature.ts'

/**
 * Chargebee signs nothing: its webhooks carry HTTP Basic credentials, which are the webhook secret here
 * (`user:password`). A replay is stopped by the event’s id alone.
 */
export function createChargebee({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  const headers = { Authorization: basicAuth(apiKey, '') }
  const api = `${baseUrl}/api/v2`
  const get = (path: string, query: Record<string, string>) =>
    callProvider({ url: `${api}/${path}?${new URLSearchParams(query)}`, headers })

  /** Nothing is due under a coupon that takes it all, either: a paid invoice is the proof. */
  async function complete(answer: Json): Promise<BillingSubscription> {
    const subscription = subscriptionOf(answer)
    if (subscription.status !== 'active' || subscription.isFree || subscription.proof !== 'unknown')
      return subscription
    const query = { 'subscription_id[is]': subscription.ref, 'amount_paid[gt]': '0', limit: '1' }
    const proof = await proofFrom(async () => {
      const { list: found } = await get('invoices', query)
      if (!Array.isArray(found)) return 'unknown'
      return found.length > 0 ? 'paid' : 'unpaid'
    })
    return { ...subscription, proof }
  }

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
      const { subscription, customer } = object(event.content)
      const hint = {
        eventId,
        type,
        occurredAt: unixSeconds(event.occurred_at),
        ref: readSubscriptionRef(object(subscription).id),
        customerRef: type === 'customer_changed' ? readRef(object(customer).id) : null,
        payments: paymentsOf(event),
        failures: failuresOf(event),
        ask: null,
      }
      return { ok: true, hint }
    },
    ...subscriptionCalls({
      headers,
      url: (ref) => `${api}/subscriptions/${encodeURIComponent(ref)}`,
      read: complete,
      /** In trial this moves the trial’s end alone; on an active subscription it would move the billing date. */
      extension: (endsAt, idempotencyKey) => ({
        path: '/change_term_end',
        method: 'POST',
        headers: { 'chargebee-idempotency-key': idempotencyKey },
        form: { term_ends_at: String(Math.floor(endsAt / secondMs)) },
      }),
    }),
    async fetchCustomer(ref) {
      const { meta_data, email } = object(
        (await callProvider({ url: `${api}/customers/${encodeURIComponent(ref)}`, headers })).customer,
      )
      return { userId: userIdIn(meta_data), email: parseEmailAddress(email) }
    },
    fetchPayments: nothingToFetch,
    async listTrialing(cursor, limit) {
      const query = {
        'status[is]': 'in_trial',
        limit: String(limit),
        ...(cursor !== null && { offset: cursor }),
      }
      const page = await get('subscriptions', query)
      return { trials: list(page.list).map(subscriptionOf), cursor: text(page.next_offset) }
    },
  }
}
