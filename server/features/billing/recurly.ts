import { isoInstant, secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { type BillingStatus, type BillingSubscription, driftMs } from '../../domain/billing.ts'
import {
  type BillingProvider,
  type ProviderAccount,
  readRef,
  unreadable,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { basicAuth, callProvider, subscriptionCalls } from './provider-http.ts'
import { instant, type Json, object, parseObject, text } from './provider-values.ts'
import { askOf, paymentsOf } from './recurly-payments.ts'
import { header, isFresh, isSigned } from './webhook-signature.ts'

/** Recurly knows no trial state: a subscription is active from its first day. */
function statusOf(subscription: Json, trialEndsAt: number | null, now: number): BillingStatus {
  switch (subscription.state) {
    case 'active':
      return trialEndsAt !== null && now < trialEndsAt ? 'trialing' : 'active'
    case 'canceled':
      // Usable until it expires. When that is the end of its trial, nothing was or will be paid.
      return trialEndsAt !== null && (instant(subscription.expires_at) ?? 0) <= trialEndsAt + driftMs
        ? 'canceled'
        : 'active'
    case 'paused':
      return 'paused'
    case 'expired':
    case 'failed':
      return 'expired'
    default:
      return 'pending'
  }
}

function subscriptionOf(subscription: Json, now: number): BillingSubscription {
  const account = object(subscription.account)
  const trialEndsAt = instant(subscription.trial_ends_at)
  return {
    ref: text(subscription.id) ?? '',
    // The account’s code is the merchant’s own id of the customer.
    userId: text(account.code),
    email: parseEmailAddress(account.email),
    status: statusOf(subscription, trialEndsAt, now),
    isFree: subscription.total === 0,
    startedAt: instant(subscription.trial_started_at) ?? instant(subscription.activated_at),
    trialEndsAt,
    // A canceled one can be used until it expires.
    endedAt: instant(subscription.expires_at),
    activatedAt: trialEndsAt ?? instant(subscription.activated_at),
    planId: text(object(subscription.plan).code),
    currency: text(subscription.currency),
    version: instant(subscription.updated_at),
  }
}

/** `<time>,<hex>[,<hex>]`; documented in milliseconds, shown in seconds: both are read. Signed is `time.body`. */
function readSignature(value: string) {
  const [time = '', ...signatures] = value.split(',').map((part) => part.trim())
  const number = /^\d{1,15}$/.test(time) ? Number(time) : Number.NaN
  return { time, signedAt: number < 1e12 ? number * secondMs : number, signatures }
}

export function createRecurly(
  { apiKey, webhookSecrets, baseUrl }: ProviderAccount,
  now: () => number,
): BillingProvider {
  const headers = {
    Accept: 'application/vnd.recurly.v2021-02-25',
    Authorization: basicAuth(apiKey, ''),
  }
  const get = (path: string) => callProvider({ url: `${baseUrl}/${path}`, headers })

  return {
    // That an earlier date is taken in trial is not documented.
    shortens: false,
    async verify({ rawBody, headers: given, now: receivedAt }: Webhook) {
      const { time, signedAt, signatures } = readSignature(header(given['recurly-signature']))
      if (!isFresh(signedAt, receivedAt)) return unsigned('The signature is missing or its time is not now.')
      if (!isSigned(signatures, webhookSecrets, `${time}.`, rawBody))
        return unsigned('The signature does not match.')
      const event = parseObject(rawBody)
      const eventId = header(given['recurly-notification-id'])
      const [subject, change] = [text(event?.object_type), text(event?.event_type)]
      if (!event || eventId === '' || subject === null || change === null) return unreadable
      const ref = subject === 'subscription' ? readRef(event.id) : null
      const occurredAt = instant(event.event_time)
      const type = `${subject}.${change}`
      return { ok: true, hint: { eventId, type, occurredAt, ref, payments: [], ask: askOf(event) } }
    },
    ...subscriptionCalls({
      headers,
      url: (ref) => `${baseUrl}/subscriptions/${ref}`,
      read: (answer) => subscriptionOf(answer, now()),
      extension: (endsAt, idempotencyKey) => ({
        method: 'PUT',
        headers: { 'Idempotency-Key': idempotencyKey },
        json: { next_bill_date: isoInstant(endsAt) },
      }),
    }),
    /** Always by way of the invoice: it alone tells for what the money was. */
    async fetchPayments(ask) {
      const answer = await get(ask.replace('/', 's/'))
      if (ask.startsWith('invoice/')) return paymentsOf(answer)
      const invoice = readRef(object(answer.invoice).id)
      return invoice === null
        ? paymentsOf({ transactions: [answer] })
        : paymentsOf(await get(`invoices/${invoice}`))
    },
  }
}
