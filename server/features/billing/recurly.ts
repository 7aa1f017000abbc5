import { LRUCache } from 'lru-cache'
import { isoInstant, secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { monthlyMinor, mrrOf } from '../../domain/billing/mrr.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing/subscription.ts'
import {
  type BillingProvider,
  type ProviderAccount,
  proofFrom,
  readRef,
  unreadable,
  unreadableBecause,
  unsigned,
  type Webhook,
} from './billing-provider.ts'
import { toMinor } from './payments.ts'
import { basicAuth, callProvider, subscriptionCalls } from './provider-http.ts'
import { idsOf, instant, intervalOf, type Json, list, object, parseObject, text } from './provider-values.ts'
import { askOf, failuresOf, paymentsOf, proofOfInvoices } from './recurly-payments.ts'
import { header, isFresh, isSigned } from './webhook-signature.ts'

/** Recurly knows no trial state: a subscription is active from its first day. */
function statusOf(subscription: Json, trialEndsAt: number | null, now: number): BillingStatus {
  switch (subscription.state) {
    case 'active':
    // Usable until it expires: its cancellation is a scheduled one.
    case 'canceled':
      return trialEndsAt !== null && now < trialEndsAt ? 'trialing' : 'active'
    case 'paused':
      return 'paused'
    case 'expired':
      return 'expired'
    case 'failed':
      return 'void'
    default:
      return 'pending'
  }
}

/** Its plan is billed by the month or by the day. */
function potentialOf(subscription: Json): number | null {
  const { plan, subtotal, currency } = subscription
  const { interval_unit, interval_length } = object(plan)
  const told = text(interval_unit) ?? text(subscription.interval_unit)
  const interval = intervalOf(told?.replace(/s$/, ''))
  const unitMinor = toMinor(subtotal ?? subscription.total, text(currency))
  if (interval === null || !Number.isFinite(unitMinor)) return null
  const length = interval_length ?? subscription.interval_length
  const count = typeof length === 'number' ? length : 1
  return monthlyMinor([{ unitMinor, quantity: 1, interval, count }])
}

function subscriptionOf(subscription: Json, now: number): BillingSubscription {
  const account = object(subscription.account)
  const plan = object(subscription.plan)
  const trialEndsAt = instant(subscription.trial_ends_at)
  const status = statusOf(subscription, trialEndsAt, now)
  const { state } = subscription
  const expiresAt = instant(subscription.expires_at)
  return {
    ref: text(subscription.id) ?? '',
    customerRef: readRef(account.id),
    // The account’s code is the merchant’s own id of the customer.
    userId: text(account.code),
    email: parseEmailAddress(account.email),
    status,
    isFree: subscription.total === 0,
    proof: 'unknown',
    startedAt: instant(subscription.trial_started_at) ?? instant(subscription.activated_at),
    trialEndsAt,
    endedAt: state === 'expired' ? expiresAt : null,
    pausedAt: instant(subscription.paused_at),
    activatedAt: trialEndsAt ?? instant(subscription.activated_at),
    cancelsAt: state === 'canceled' ? expiresAt : null,
    planId: text(plan.code),
    products: idsOf(plan.code, plan.id),
    currency: text(subscription.currency),
    mrr: mrrOf(status, potentialOf(subscription)),
    version: instant(subscription.updated_at),
  }
}

const xml = unreadableBecause(
  'This endpoint sends XML. In Recurly set its format to JSON: XML webhooks are not signed and leave out what is needed.',
)

/** `<time>,<hex>[,<hex>]`; documented in milliseconds, shown in seconds: both are read. Signed is `time.body`. */
function readSignature(value: string) {
  const [time = '', ...signatures] = value.split(',').map((part) => part.trim())
  const number = /^\d{1,15}$/.test(time) ? Number(time) : Number.NaN
  return { time, signedAt: number < 1e12 ? number * secondMs : number, signatures }
}

const maxPlans = 200

export function createRecurly(
  { apiKey, webhookSecrets, baseUrl }: ProviderAccount,
  now: () => number,
): BillingProvider {
  const headers = {
    Accept: 'application/vnd.recurly.v2021-02-25',
    Authorization: basicAuth(apiKey, ''),
  }
  const get = (path: string) => callProvider({ url: `${baseUrl}/${path}`, headers })

  const intervals = new LRUCache<string, Json>({ max: maxPlans })

  /** How often a plan is billed is told with the plan alone. */
  async function intervalOfPlan({ id }: Json): Promise<Json> {
    const ref = readRef(id)
    if (ref === null) return {}
    const known = intervals.get(ref)
    if (known) return known
    const { interval_unit, interval_length } = await get(`plans/${ref}`).catch(() => ({}) as Json)
    if (interval_unit !== undefined) intervals.set(ref, { interval_unit, interval_length })
    return { interval_unit, interval_length }
  }

  /** It stays active in dunning; its invoices tell whether money came. */
  async function complete(answer: Json): Promise<BillingSubscription> {
    const plan = object(answer.plan)
    const subscription = subscriptionOf(
      { ...answer, plan: { ...plan, ...(await intervalOfPlan(plan)) } },
      now(),
    )
    if (subscription.status !== 'active' || subscription.isFree) return subscription
    const path = `subscriptions/${encodeURIComponent(subscription.ref)}/invoices?limit=20&order=asc`
    const proof = await proofFrom(async () => proofOfInvoices(await get(path)))
    return { ...subscription, proof }
  }

  return {
    // That an earlier date is taken in trial is not documented.
    shortens: false,
    async verify({ rawBody, headers: given, now: receivedAt }: Webhook) {
      // XML comes without a signature: the advice is due before one is asked for.
      if (rawBody.subarray(0, 200).toString('latin1').trimStart().startsWith('<')) return xml
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
      const customerRef = type === 'account.updated' ? readRef(event.id) : null
      const hint = {
        eventId,
        type,
        occurredAt,
        ref,
        customerRef,
        payments: [],
        failures: [],
        ask: askOf(event),
      }
      return { ok: true, hint }
    },
    ...subscriptionCalls({
      headers,
      url: (ref) => `${baseUrl}/subscriptions/${encodeURIComponent(ref)}`,
      read: complete,
      extension: (endsAt, idempotencyKey) => ({
        method: 'PUT',
        headers: { 'Idempotency-Key': idempotencyKey },
        json: { next_bill_date: isoInstant(endsAt) },
      }),
    }),
    async fetchCustomer(ref) {
      const { code, email } = await get(`accounts/${encodeURIComponent(ref)}`)
      return { userId: text(code), email: parseEmailAddress(email) }
    },
    /** Always by way of the invoice: it alone tells for what the money was. */
    async fetchPayments(ask) {
      const answer = await get(ask.replace('/', 's/'))
      const invoice = ask.startsWith('invoice/') ? null : readRef(object(answer.invoice).id)
      const isAlone = invoice === null && !ask.startsWith('invoice/')
      const told =
        invoice !== null ? await get(`invoices/${invoice}`) : isAlone ? { transactions: [answer] } : answer
      return { payments: paymentsOf(told), failures: failuresOf(told, now()) }
    },
    async listTrialing(cursor, limit) {
      const page = await get(cursor ?? `subscriptions?state=in_trial&limit=${limit}`)
      const trials = list(page.data).map((one) => subscriptionOf(one, now()))
      const next = text(page.next)?.replace(/^\/+/, '') ?? null
      const isOurs = next !== null && /^subscriptions\?[\w=&%.:+-]{1,500}$/.test(next)
      return { trials, cursor: page.has_more === true && isOurs ? next : null }
    },
  }
}
