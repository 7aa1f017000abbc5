import { isoInstant, secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { monthlyMinor, mrrOf, type RecurringItem } from '../../domain/billing/mrr.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing/subscription.ts'
import {
  type BillingProvider,
  nothingToFetch,
  type ProviderAccount,
  proofFrom,
  readRef,
  unreadable,
  unsigned,
  type Verdict,
  type Webhook,
} from './billing-provider.ts'
import { failuresOf, paymentsOf } from './paddle-payments.ts'
import { callProvider, subscriptionCalls } from './provider-http.ts'
import {
  idsOf,
  instant,
  integer,
  intervalOf,
  type Json,
  list,
  object,
  parseObject,
  text,
  userIdIn,
} from './provider-values.ts'
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
  const hint = {
    eventId,
    type,
    occurredAt: instant(event.occurred_at),
    ref: readRef(ref),
    customerRef: type === 'customer.updated' ? readRef(data.id) : null,
    payments: paymentsOf(event),
    failures: failuresOf(event),
    ask: null,
  }
  return { ok: true, hint }
}

/** One-time items have no trial; of several recurring ones the latest end holds. */
function trialEndOf(items: readonly Json[]): number | null {
  const ends = items.flatMap((item) => instant(object(item.trial_dates).ends_at) ?? [])
  return ends.length > 0 ? Math.max(...ends) : null
}

const isFreeItem = (item: Json): boolean => integer(object(object(item.price).unit_price).amount) === 0

function recurringItem(item: Json): RecurringItem[] {
  const price = object(item.price)
  const cycle = object(price.billing_cycle)
  const interval = intervalOf(cycle.interval)
  if (interval === null) return []
  const unitMinor = integer(object(price.unit_price).amount)
  return [
    { unitMinor, quantity: integer(item.quantity) ?? 1, interval, count: integer(cycle.frequency) ?? 1 },
  ]
}

/** A scheduled cancellation, or a pause, which ends a trial all the same. */
const scheduledEnd = ({ scheduled_change }: Json): number | null => {
  const { action, effective_at } = object(scheduled_change)
  return action === 'cancel' || action === 'pause' ? instant(effective_at) : null
}

function subscriptionOf(data: Json, customer: Json): BillingSubscription {
  const items = list(data.items)
  const recurring = items.filter((item) => item.recurring !== false)
  const price = object(recurring[0]?.price)
  const told = statuses[text(data.status) ?? ''] ?? 'pending'
  const status = told === 'canceled' && instant(data.first_billed_at) === null ? 'expired' : told
  const isOver = told === 'canceled'
  const periodEnd = instant(object(data.current_billing_period).ends_at)
  return {
    ref: text(data.id) ?? '',
    customerRef: readRef(data.customer_id),
    userId: userIdIn(data.custom_data) ?? userIdIn(customer.custom_data),
    email: parseEmailAddress(customer.email),
    status,
    isFree: recurring.length > 0 && recurring.every(isFreeItem),
    proof: 'unknown',
    startedAt: instant(data.started_at) ?? instant(data.created_at),
    // While trialing the first bill falls due when the trial ends; with a cancellation ahead there is none.
    trialEndsAt:
      trialEndOf(items) ?? (status === 'trialing' ? (instant(data.next_billed_at) ?? periodEnd) : null),
    endedAt: isOver ? instant(data.canceled_at) : null,
    pausedAt: instant(data.paused_at),
    activatedAt: instant(data.first_billed_at),
    cancelsAt: isOver ? null : scheduledEnd(data),
    planId: text(price.id),
    products: recurring.flatMap((item) => {
      const { id, product_id } = object(item.price)
      return idsOf(id, product_id, object(item.product).id)
    }),
    currency: text(data.currency_code),
    mrr: mrrOf(status, monthlyMinor(recurring.flatMap(recurringItem))),
    version: instant(data.updated_at),
  }
}

export function createPaddle({ apiKey, webhookSecrets, baseUrl }: ProviderAccount): BillingProvider {
  const headers = { Authorization: `Bearer ${apiKey}` }

  const customerOf = async (ref: string): Promise<Json> =>
    object((await callProvider({ url: `${baseUrl}/customers/${ref}`, headers })).data)

  async function complete(answer: Json): Promise<BillingSubscription> {
    const data = object(answer.data)
    const customerRef = readRef(data.customer_id)
    const subscription = subscriptionOf(data, customerRef ? await customerOf(customerRef) : {})
    if (subscription.status !== 'active' || subscription.isFree) return subscription
    return { ...subscription, proof: await proofFrom(() => paid(subscription.ref)) }
  }

  /** It is active before the first bill is collected. */
  async function paid(ref: string) {
    const query = new URLSearchParams({ subscription_id: ref, status: 'paid,completed', per_page: '30' })
    const { data } = await callProvider({ url: `${baseUrl}/transactions?${query}`, headers })
    if (!Array.isArray(data)) return 'unknown'
    const totals = list(data).map(({ details }) => integer(object(object(details).totals).grand_total) ?? 0)
    return totals.some((total) => total > 0) ? 'paid' : 'unpaid'
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
    async fetchCustomer(ref) {
      const { custom_data, email } = await customerOf(ref)
      return { userId: userIdIn(custom_data), email: parseEmailAddress(email) }
    },
    fetchPayments: nothingToFetch,
    async listTrialing(cursor, limit) {
      const query = new URLSearchParams({
        status: 'trialing',
        per_page: String(limit),
        ...(cursor !== null && { after: cursor }),
      })
      const page = await callProvider({ url: `${baseUrl}/subscriptions?${query}`, headers })
      const trials = list(page.data).map((data) => subscriptionOf(data, {}))
      const hasMore = object(object(page.meta).pagination).has_more === true
      return { trials, cursor: hasMore ? (trials.at(-1)?.ref ?? null) : null }
    },
  }
}
