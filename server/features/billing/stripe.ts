import type Stripe from 'stripe'
import { secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { BillingStatus, BillingSubscription } from '../../domain/billing.ts'
import {
  BillingError,
  type BillingProvider,
  type ProviderAccount,
  readRef,
  unreadable,
  unsigned,
  type Verdict,
  type Webhook,
} from './billing-provider.ts'
import type { Payment } from './payments.ts'
import { callTimeoutMs, reasonOf } from './provider-http.ts'
import { type Json, list, object, text, unixSeconds, userIdIn } from './provider-values.ts'
import { askOf, disputeOf, paymentsOf, refundsOf, subscriptionOfInvoice } from './stripe-payments.ts'
import { header, isFresh, toleranceMs } from './webhook-signature.ts'

const statuses: Readonly<Record<string, BillingStatus>> = {
  incomplete: 'pending',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  unpaid: 'past_due',
  paused: 'paused',
  canceled: 'canceled',
  incomplete_expired: 'expired',
}

const refOf = (type: string, subject: Json): string | null => {
  if (type.startsWith('customer.subscription.')) return readRef(subject.id)
  return type.startsWith('invoice.') ? subscriptionOfInvoice(subject) : null
}

function subscriptionOf(raw: unknown): BillingSubscription {
  const subscription = object(raw)
  const customer = object(subscription.customer)
  const items = list(object(subscription.items).data)
  const prices = items.map((item) => object(item.price))
  return {
    ref: text(subscription.id) ?? '',
    userId: userIdIn(subscription.metadata) ?? userIdIn(customer.metadata),
    email: parseEmailAddress(customer.email),
    status: statuses[text(subscription.status) ?? ''] ?? 'pending',
    isFree: prices.length > 0 && prices.every((price) => price.unit_amount === 0),
    startedAt: unixSeconds(subscription.start_date),
    trialEndsAt: unixSeconds(subscription.trial_end),
    endedAt: unixSeconds(subscription.ended_at) ?? unixSeconds(subscription.canceled_at),
    activatedAt: null,
    planId: text(prices[0]?.id),
    currency: text(subscription.currency),
    version: null,
  }
}

/** @throws BillingError in place of the package’s own errors. */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    const { statusCode, message } = cause as { statusCode?: number; message?: string }
    if (statusCode === undefined)
      throw new BillingError('transient', 'The billing system could not be reached.', { cause })
    const words = (message ?? '').slice(0, 300)
    throw new BillingError(reasonOf(statusCode), `Stripe answered ${statusCode}. ${words}`, { cause })
  }
}

/**
 * All refunds of a charge, or what became of a dispute. Neither says which subscription was paid: that is the latest
 * of the charge’s customer.
 */
async function fetchMoney({ charges, disputes, subscriptions }: Stripe, ask: string): Promise<Payment[]> {
  const [kind, id = ''] = ask.split('/')
  const dispute = kind === 'dispute' ? object(await disputes.retrieve(id, { expand: ['charge'] })) : null
  const charge = dispute
    ? object(dispute.charge)
    : object(await charges.retrieve(id, { expand: ['refunds'] }))
  const customer = text(charge.customer) ?? text(object(charge.customer).id)
  const found = customer && (await subscriptions.list({ customer, status: 'all', limit: 1 }))
  const ref = readRef(object(found ? found.data[0] : null).id)
  return dispute ? disputeOf(dispute, ref) : refundsOf(charge, ref)
}

/** Loaded by whoever has a connection to Stripe, not by every server. */
async function loadStripe({ apiKey, baseUrl }: ProviderAccount): Promise<Stripe> {
  const { default: Client } = await import('stripe')
  const { hostname, port, protocol } = new URL(baseUrl)
  return new Client(apiKey, {
    host: hostname,
    ...(port && { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    // Retries are ours: each is visible in the outbox, and re-reads before it writes.
    maxNetworkRetries: 0,
    timeout: callTimeoutMs,
    telemetry: false,
  })
}

export function createStripe(account: ProviderAccount): BillingProvider {
  let loaded: Promise<Stripe> | null = null
  const client = () => {
    loaded ??= loadStripe(account)
    return loaded
  }
  const expand = ['customer']

  return {
    shortens: true,
    async verify({ rawBody, headers, now }: Webhook): Promise<Verdict> {
      const signature = header(headers['stripe-signature'])
      // The package refuses what is too old, but takes a time that is still to come.
      const signedAt = Number(/(?:^|,)t=(\d{1,15})(?:,|$)/.exec(signature)?.[1] ?? Number.NaN) * secondMs
      if (!isFresh(signedAt, now)) return unsigned('The signature is missing or its time is not now.')
      const { webhooks } = await client()
      for (const secret of account.webhookSecrets) {
        let event: Json
        try {
          const tolerance = toleranceMs / secondMs
          event = object(webhooks.constructEvent(rawBody, signature, secret, tolerance, undefined, now))
        } catch (error) {
          if (error instanceof SyntaxError) return unreadable
          continue
        }
        const [eventId, type] = [text(event.id), text(event.type)]
        if (eventId === null || type === null) return unreadable
        const ref = refOf(type, object(object(event.data).object))
        const occurredAt = unixSeconds(event.created)
        const money = { payments: paymentsOf(event), ask: askOf(event) }
        return { ok: true, hint: { eventId, type, occurredAt, ref, ...money } }
      }
      return unsigned('The signature does not match.')
    },

    fetchSubscription: (ref) =>
      asked(async () => subscriptionOf(await (await client()).subscriptions.retrieve(ref, { expand }))),

    extendTrial: (ref, endsAt, idempotencyKey) =>
      asked(async () => {
        const { subscriptions } = await client()
        const update = {
          trial_end: Math.floor(endsAt / secondMs),
          proration_behavior: 'none' as const,
          expand,
        }
        return subscriptionOf(await subscriptions.update(ref, update, { idempotencyKey }))
      }),

    fetchPayments: (ask) => asked(async () => fetchMoney(await client(), ask)),
  }
}
