import { createHmac } from 'node:crypto'
import Stripe from 'stripe'
import type { BillingProviderName } from '../../server/features/billing/billing-provider.ts'
import type { StandInSubscription } from './billing-stand-in.ts'

/** How each billing system writes a subscription, takes a new end, and signs a webhook. */

export const seconds = (at: number | null) => (at === null ? null : Math.floor(at / 1000))
export const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
/** Where versions are instants: one second apart. */
const changedAt = ({ startedAt, version }: StandInSubscription) => iso(startedAt + version * 1000)

type Shape = (subscription: StandInSubscription) => object

const shapes: Record<BillingProviderName, Shape> = {
  stripe: (subscription) => ({
    id: subscription.ref,
    object: 'subscription',
    status: subscription.status,
    start_date: seconds(subscription.startedAt),
    trial_end: seconds(subscription.trialEndsAt),
    ended_at: seconds(subscription.endedAt),
    cancel_at: seconds(subscription.cancelsAt),
    metadata: subscription.userId === null ? {} : { userId: subscription.userId },
    customer: { id: 'cus_1', email: subscription.email, metadata: {} },
    items: { data: [{ price: { id: 'price_team', unit_amount: 2900 } }] },
  }),
  paddle: (subscription) => ({
    data: {
      id: subscription.ref,
      status: subscription.status,
      customer_id: `ctm_${subscription.ref}`,
      custom_data: subscription.userId === null ? null : { userId: subscription.userId },
      started_at: iso(subscription.startedAt),
      next_billed_at: iso(subscription.trialEndsAt),
      canceled_at: iso(subscription.endedAt),
      first_billed_at: subscription.status === 'active' ? iso(subscription.trialEndsAt) : null,
      updated_at: changedAt(subscription),
      items: [
        {
          recurring: true,
          trial_dates: { ends_at: iso(subscription.trialEndsAt)?.replace('Z', '123Z') },
          price: { id: 'price_team', unit_price: { amount: '2900' } },
        },
        { recurring: false, trial_dates: null, price: { id: 'setup', unit_price: { amount: '0' } } },
      ],
    },
  }),
  chargebee: (subscription) => ({
    subscription: {
      id: subscription.ref,
      status: { trialing: 'in_trial', active: 'active', past_due: 'active', canceled: 'cancelled' }[
        subscription.status
      ],
      started_at: seconds(subscription.startedAt),
      trial_end: seconds(subscription.trialEndsAt),
      cancelled_at: seconds(subscription.endedAt),
      activated_at: subscription.status === 'active' ? seconds(subscription.trialEndsAt) : null,
      resource_version: subscription.version,
      subscription_items: [{ item_type: 'plan', item_price_id: 'price_team', amount: 2900 }],
      meta_data: { user_id: subscription.userId },
    },
    customer: { email: subscription.email },
  }),
  recurly: (subscription) => ({
    id: subscription.ref,
    object: 'subscription',
    state: { trialing: 'active', active: 'active', past_due: 'active', canceled: 'expired' }[
      subscription.status
    ],
    account: { code: subscription.userId, email: subscription.email },
    plan: { code: 'price_team' },
    total: 29,
    trial_started_at: iso(subscription.startedAt),
    // A subscription that was paid before its trial was over has no trial left.
    trial_ends_at:
      subscription.status === 'active' ? iso(subscription.startedAt) : iso(subscription.trialEndsAt),
    expires_at: iso(subscription.endedAt),
    updated_at: changedAt(subscription),
  }),
  maxio: (subscription) => ({
    subscription: {
      id: Number(subscription.ref),
      state: subscription.status,
      trial_started_at: iso(subscription.startedAt)?.replace('.000Z', '+00:00'),
      trial_ended_at: iso(subscription.trialEndsAt),
      canceled_at: iso(subscription.endedAt),
      updated_at: changedAt(subscription),
      product: { handle: 'price_team' },
      product_price_in_cents: 2900,
      currency: 'USD',
      customer: { reference: subscription.userId, email: subscription.email },
    },
  }),
}

export const renderSubscription = (
  provider: BillingProviderName,
  subscription: StandInSubscription,
): object => shapes[provider](subscription)

/** @throws when the request is not what the provider documents. */
export function readNewEnd(provider: BillingProviderName, body: string): number {
  const json = () => JSON.parse(body)
  const read = {
    stripe: () => Number(new URLSearchParams(body).get('trial_end')) * 1000,
    chargebee: () => Number(new URLSearchParams(body).get('term_ends_at')) * 1000,
    paddle: () => Date.parse(json().next_billed_at),
    recurly: () => Date.parse(json().next_bill_date),
    maxio: () => Date.parse(json().subscription.next_billing_at),
  }[provider]()
  if (!Number.isFinite(read) || read <= 0) throw new Error(`no new end in ${body}`)
  return read
}

export interface SignedWebhook {
  readonly body: string
  readonly headers: Record<string, string>
}

export interface WebhookOptions {
  readonly eventId: string
  readonly ref: string
  readonly at: number
}

export const webhookSecretOf = (provider: BillingProviderName): string =>
  provider === 'chargebee' ? 'hook:correct horse battery' : `whsec_${provider}_0123456789abcdef`

const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex')

/** What a webhook says: an object, or the text of a form. */
export type WebhookContent = object | string

/** That a subscription has changed. */
function aboutSubscription(
  provider: BillingProviderName,
  { eventId, ref, at }: WebhookOptions,
): WebhookContent {
  switch (provider) {
    case 'stripe':
      return {
        id: eventId,
        type: 'customer.subscription.updated',
        created: seconds(at),
        data: { object: { id: ref } },
      }
    case 'paddle':
      return {
        event_id: eventId,
        event_type: 'subscription.updated',
        occurred_at: iso(at),
        data: { id: ref },
      }
    case 'recurly':
      return { id: ref, object_type: 'subscription', event_type: 'updated', event_time: iso(at) }
    case 'chargebee':
      return {
        id: eventId,
        event_type: 'subscription_changed',
        occurred_at: seconds(at),
        content: { subscription: { id: ref } },
      }
    case 'maxio': {
      const name = encodeURIComponent('Ünal’s +1')
      return `id=${eventId}&event=billing_date_change&payload[subscription][id]=${ref}&payload[subscription][customer][first_name]=${name}&x=1&x=2`
    }
  }
}

/** As its provider sends it; every signature but Stripe’s is computed here from the vendor’s description. */
export function signContent(
  provider: BillingProviderName,
  content: WebhookContent,
  { eventId, at }: Pick<WebhookOptions, 'eventId' | 'at'>,
  secret = webhookSecretOf(provider),
): SignedWebhook {
  // Two blanks: anyone who parses and writes it again gets other bytes.
  const body = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  const time = Math.floor(at / 1000)
  const headers: Record<BillingProviderName, () => Record<string, string>> = {
    stripe: () => ({
      'Stripe-Signature': Stripe.webhooks.generateTestHeaderString({
        payload: body,
        secret,
        timestamp: time,
      }),
    }),
    paddle: () => ({ 'Paddle-Signature': `ts=${time};h1=${hmac(secret, `${time}:${body}`)}` }),
    recurly: () => ({
      'recurly-signature': `${at},${hmac(secret, `${at}.${body}`)}`,
      'recurly-notification-id': eventId,
    }),
    chargebee: () => ({ Authorization: `Basic ${Buffer.from(secret).toString('base64')}` }),
    maxio: () => ({ 'X-Chargify-Webhook-Signature-Hmac-Sha-256': hmac(secret, body) }),
  }
  const type = provider === 'maxio' ? 'application/x-www-form-urlencoded' : 'application/json'
  return { body, headers: { 'Content-Type': type, ...headers[provider]() } }
}

export const signWebhook = (
  provider: BillingProviderName,
  options: WebhookOptions,
  secret = webhookSecretOf(provider),
): SignedWebhook => signContent(provider, aboutSubscription(provider, options), options, secret)
