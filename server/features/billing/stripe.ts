import type Stripe from 'stripe'
import { secondMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import {
  BillingError,
  type BillingProvider,
  type ProviderAccount,
  readRef,
  unreadable,
  unreadableBecause,
  unsigned,
  type Verdict,
  type Webhook,
} from './billing-provider.ts'
import { callTimeoutMs, reasonOf } from './provider-http.ts'
import { type Json, list, object, parseObject, text, unixSeconds, userIdIn } from './provider-values.ts'
import { fetchMoney } from './stripe-money.ts'
import { askOf, failuresOf, paymentsOf, subscriptionOfInvoice } from './stripe-payments.ts'
import { proofOfInvoice, subscriptionOf } from './stripe-subscription.ts'
import { header, isFresh, toleranceMs } from './webhook-signature.ts'

const refOf = (type: string, subject: Json): string | null => {
  if (type.startsWith('customer.subscription.')) return readRef(subject.id)
  return type.startsWith('invoice.') ? subscriptionOfInvoice(subject) : null
}

const customerEvents = new Set(['customer.updated', 'customer.created'])

/** @throws BillingError in place of the package’s own errors. */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof BillingError) throw cause
    const { statusCode, message } = cause as { statusCode?: number; message?: string }
    if (statusCode === undefined)
      throw new BillingError('transient', 'The billing system could not be reached.', { cause })
    const words = (message ?? '').slice(0, 300)
    throw new BillingError(reasonOf(statusCode), `Stripe answered ${statusCode}. ${words}`, { cause })
  }
}

/** Loaded by anyone who has a connection to Stripe, not by every server. */
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

/** A thin event of an event destination names its object only; the kind we ask for carries it. */
const thinWords =
  'This is a thin event (v2). In Stripe’s Workbench choose snapshot payloads for this destination.'
const thin = unreadableBecause(thinWords)
const isThin = (event: Json | null): boolean => text(event?.object)?.startsWith('v2.') ?? false

function verdictOf(event: Json): Verdict {
  if (isThin(event)) return thin
  const [eventId, type] = [text(event.id), text(event.type)]
  if (eventId === null || type === null) return unreadable
  const subject = object(object(event.data).object)
  return {
    ok: true,
    hint: {
      eventId,
      type,
      occurredAt: unixSeconds(event.created),
      ref: refOf(type, subject),
      customerRef: customerEvents.has(type) ? readRef(subject.id) : null,
      payments: paymentsOf(event),
      failures: failuresOf(event),
      ask: askOf(event),
    },
  }
}

export function createStripe(account: ProviderAccount): BillingProvider {
  let loaded: Promise<Stripe> | null = null
  const client = () => {
    loaded ??= loadStripe(account)
    return loaded
  }
  const expand = ['customer']

  /** Stripe says “active” before it has tried to collect: the latest invoice tells whether money came. */
  async function withProof(raw: Json) {
    const subscription = subscriptionOf(raw)
    const { latest_invoice: invoice } = raw
    if (subscription.status !== 'active' || subscription.isFree || typeof invoice !== 'string')
      return subscription
    const { invoices } = await client()
    const read = await invoices.retrieve(invoice).catch(() => ({}))
    const startedAt = subscription.trialEndsAt ?? subscription.startedAt
    return { ...subscription, proof: proofOfInvoice(object(read), startedAt) }
  }

  return {
    shortens: true,
    async verify({ rawBody, headers, now }: Webhook): Promise<Verdict> {
      const signature = header(headers['stripe-signature'])
      // The package refuses what is too old, but takes a time that is still to come.
      const signedAt = Number(/(?:^|,)t=(\d{1,15})(?:,|$)/.exec(signature)?.[1] ?? Number.NaN) * secondMs
      const refused = (why: string): Verdict =>
        unsigned(isThin(parseObject(rawBody)) ? `${thinWords} ${why}` : why)
      if (!isFresh(signedAt, now)) return refused('The signature is missing or its time is not now.')
      const { webhooks } = await client()
      const tolerance = toleranceMs / secondMs
      for (const secret of account.webhookSecrets) {
        try {
          webhooks.signature?.verifyHeader(rawBody, signature, secret, tolerance, undefined, now)
        } catch {
          continue
        }
        const event = parseObject(rawBody)
        return event ? verdictOf(event) : unreadable
      }
      return refused('The signature does not match.')
    },

    fetchSubscription: (ref) =>
      asked(async () => {
        const { subscriptions } = await client()
        const read = await subscriptions.retrieve(ref, { expand: [...expand, 'latest_invoice'] })
        return withProof(object(read))
      }),

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

    fetchCustomer: (ref) =>
      asked(async () => {
        const { metadata, email } = object(await (await client()).customers.retrieve(ref))
        return { userId: userIdIn(metadata), email: parseEmailAddress(email) }
      }),

    fetchPayments: (ask) => asked(async () => fetchMoney(await client(), ask)),

    listTrialing: (cursor, limit) =>
      asked(async () => {
        const { subscriptions } = await client()
        const page = await subscriptions.list({
          status: 'trialing',
          limit,
          ...(cursor !== null && { starting_after: cursor }),
        })
        const trials = list(page.data).map(subscriptionOf)
        return { trials, cursor: page.has_more ? (trials.at(-1)?.ref ?? null) : null }
      }),
  }
}
