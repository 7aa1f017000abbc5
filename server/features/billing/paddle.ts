import { isoInstant, secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  readRef,
  unreadable,
  unsigned,
  type Verdict,
  type Webhook,
} from './billing-provider.ts'
import { paymentsOf } from './paddle-payments.ts'
import { callProvider, subscriptionCalls } from './provider-http.ts'
import { instant, type Json, list, object, parseObject, text, userIdIn } from './provider-values.ts'
import { header, isFresh, isSigned } from './webhook-signature.ts'

const statuses: Readonly<Record<string, BillingStatus>> = {
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  paused: 'paused',
  canceled: 'canceled',
}

/** `ts=<s>;h1=<hex>`, several `h1` while a secret is rotated; signed is `ts:body`. */
function readSignature(value: string) {
  const pairs = value.split(';').map((pair) => pair.trim().split('=', 2) as [string, string?])
  const of = (name: string) => pairs.flatMap(([key, given]) => (key === name && given ? [given] : []))
  return { time: of('ts')[0] ?? '', signatures: of('h1') }
}

function verdictOf(rawBody: Buffer): Verdict {
  const event = parseObject(rawBody)
  const [eventId, type] = [text(event?.event_id), text(event?.event_type)]
  if (!event || eventId === null || type === null) return unreadable
  const data = object(event.data)
  const ref = type.startsWith('subscription.') ? data.id : data.subscription_id
  const occurredAt = instant(event.occurred_at)
  return {
    ok: true,
    hint: { eventId, type, occurredAt, ref: readRef(ref), payments: paymentsOf(event), ask: null },
  }
}

/** One-time items have no trial; of several recurring ones the latest end holds. */
function trialEndOf(items: readonly Json[]): number | null {
  const ends = items.flatMap((item) => instant(object(item.trial_dates).ends_at) ?? [])
  return ends.length > 0 ? Math.max(...ends) : null
}

function subscriptionOf(data: Json, customer: Json): BillingSubscription {
  const items = list(data.items)
  const recurring = items.filter((item) => item.recurring !== false)
  const price = object(recurring[0]?.price)
  const status = statuses[text(data.status) ?? ''] ?? 'pending'
  return {
    ref: text(data.id) ?? '',
    userId: userIdIn(data.custom_data) ?? userIdIn(customer.custom_data),
    email: parseEmailAddress(customer.email),
    status: status === 'canceled' && instant(data.first_billed_at) === null ? 'expired' : status,
    isFree:
      recurring.length > 0 && recurring.every((item) => object(object(item.price).unit_price).amount === '0'),
    startedAt: instant(data.started_at) ?? instant(data.created_at),
    // While trialing the first bill falls due when the trial ends.
    trialEndsAt: status === 'trialing' ? (trialEndOf(items) ?? instant(data.next_billed_at)) : null,
    endedAt: instant(data.canceled_at),
    activatedAt: instant(data.first_billed_at),
    planId: text(price.id),
    currency: text(data.currency_code),
    version: instant(data.updated_at),
  }
}

export function createPaddle({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  const headers = { Authorization: `Bearer ${apiKey}` }

  async function complete(answer: Json): Promise<BillingSubscription> {
    const data = object(answer.data)
    const customerRef = readRef(data.customer_id)
    const customer = customerRef
      ? await callProvider({ url: `${baseUrl}/customers/${customerRef}`, headers })
      : {}
    return subscriptionOf(data, object(object(customer).data))
  }

  return {
    shortens: true,
    async verify({ rawBody, headers: given, now }: Webhook) {
      const { time, signatures } = readSignature(header(given['paddle-signature']))
      if (!/^\d{1,15}$/.test(time) || !isFresh(Number(time) * secondMs, now))
        return unsigned('The signature is missing or its time is not now.')
      if (!isSigned(signatures, webhookSecrets, `${time}:`, rawBody))
        return unsigned('The signature does not match.')
      return verdictOf(rawBody)
    },
    ...subscriptionCalls({
      headers,
      url: (ref) => `${baseUrl}/subscriptions/${ref}`,
      read: complete,
      /** Paddle knows no idempotency keys; setting the same date twice is harmless. */
      extension: (endsAt) => ({
        method: 'PATCH',
        json: { next_billed_at: isoInstant(endsAt), proration_billing_mode: 'do_not_bill' },
      }),
    }),
    fetchPayments: nothingToFetch,
  }
}
