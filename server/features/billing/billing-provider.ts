import type { IncomingHttpHeaders } from 'node:http'
import { type billingProviders, subscriptionRefPattern } from '../../../shared/api/billing-connections.ts'
import type { BillingSubscription, PaymentProof } from '../../domain/billing/subscription.ts'
import type { MoneyNews, Payment, PaymentFailure } from './payments.ts'

export type BillingProviderName = (typeof billingProviders)[number]

/** One billing system as we need it. Adapters hold no state; each speaks for one account there. */
export interface BillingProvider {
  /** Whether a trial can also be made shorter. */
  readonly shortens: boolean
  /** Constant-time; where the provider signs a time, it may differ from `now` by 300 s at most. */
  verify(webhook: Webhook): Promise<Verdict>
  /** @throws BillingError */
  fetchSubscription(ref: string): Promise<BillingSubscription>
  /**
   * Moves the end of a running trial. Only for subscriptions just read as trialing.
   * @param idempotencyKey the same one again changes nothing more, where the provider knows such keys.
   * @returns the subscription as it is now.
   * @throws BillingError
   */
  extendTrial(ref: string, endsAt: number, idempotencyKey: string): Promise<BillingSubscription>
  /**
   * Payments that a webhook only pointed at (`ask` of its hint).
   * @throws BillingError
   */
  fetchPayments(ask: string): Promise<MoneyNews>
  /**
   * Who a customer is.
   * @throws BillingError
   */
  fetchCustomer(ref: string): Promise<BillingCustomer>
  /**
   * Subscriptions in trial, a page at a time; also tells whether the key works.
   * @param cursor of the page before; null: the first one.
   * @throws BillingError
   */
  listTrialing(cursor: string | null, limit: number): Promise<TrialingPage>
}

export type BillingCustomer = Pick<BillingSubscription, 'userId' | 'email'>

interface TrialingPage {
  readonly trials: readonly { readonly ref: string; readonly trialEndsAt: number | null }[]
  readonly cursor: string | null
}

export interface Webhook {
  readonly rawBody: Buffer
  readonly headers: IncomingHttpHeaders
  readonly now: number
}

/** That something happened, and to which subscription; what that is now is asked of the provider. */
export interface WebhookHint {
  readonly eventId: string
  readonly type: string
  readonly occurredAt: number | null
  /** null: about no subscription. */
  readonly ref: string | null
  /** A customer that has changed: whose its subscriptions are may have changed with it. */
  readonly customerRef: string | null
  /** Money that moved, as far as the webhook tells. */
  readonly payments: readonly Payment[]
  /** Money that should have come and did not. */
  readonly failures: readonly PaymentFailure[]
  /** Where to read of money that it does not tell, in the adapter’s own words. */
  readonly ask: string | null
}

export type Verdict =
  | { readonly ok: true; readonly hint: WebhookHint }
  /** `unsigned`: not from the provider. `unreadable`: from it, but not understood. */
  | { readonly ok: false; readonly reason: 'unsigned' | 'unreadable'; readonly why: string }

export const unsigned = (why: string): Verdict => ({ ok: false, reason: 'unsigned', why })
/** For providers whose webhooks tell all about payments. */
export const nothingToFetch = async (): Promise<MoneyNews> => ({ payments: [], failures: [] })

export const unreadable: Verdict = { ok: false, reason: 'unreadable', why: 'The event cannot be read.' }
export const unreadableBecause = (why: string): Verdict => ({ ok: false, reason: 'unreadable', why })

/** What an adapter is made of; all secrets in clear. */
export interface ProviderAccount {
  readonly apiKey: string
  /** Several while one is being replaced. For Chargebee `user:password`. */
  readonly webhookSecrets: readonly string[]
  /** Where its API is, without a path. */
  readonly baseUrl: string
}

/** Where a provider does not say in the subscription whether it was paid; what cannot be read is not known. */
export async function proofFrom(read: () => Promise<PaymentProof>): Promise<PaymentProof> {
  try {
    return await read()
  } catch {
    return 'unknown'
  }
}

/**
 * - `transient`: may work later (network, time-out, 429, 5xx, wrong credentials that someone may correct).
 * - `refused`: the provider will not do it.
 * - `not_found`: it has no such subscription.
 */
export class BillingError extends Error {
  override readonly name = 'BillingError'
  readonly reason: 'transient' | 'refused' | 'not_found'

  constructor(reason: BillingError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/**
 * Teams choose the ids of their subscriptions at Chargebee themselves, blanks and slashes included. To be encoded
 * wherever they become part of a path.
 */
export const readSubscriptionRef = (value: unknown): string | null => {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && subscriptionRefPattern.test(text) ? text : null
}

/** Refs become part of paths: only what cannot lead elsewhere. */
export const readRef = (value: unknown): string | null => {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^\w[\w.@:~+-]{0,99}$/.test(text) ? text : null
}
