import type { IncomingHttpHeaders } from 'node:http'
import type { BillingSubscription } from '../../domain/billing.ts'
import type { Payment } from './payments.ts'

export const billingProviders = ['stripe', 'chargebee', 'maxio', 'recurly', 'paddle'] as const
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
  fetchPayments(ask: string): Promise<Payment[]>
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
  /** null: about no subscription, nothing to do. */
  readonly ref: string | null
  /** Money that moved, as far as the webhook tells. */
  readonly payments: readonly Payment[]
  /** Where to read of money that it does not tell, in the adapter’s own words. */
  readonly ask: string | null
}

export type Verdict =
  | { readonly ok: true; readonly hint: WebhookHint }
  /** `unsigned`: not from the provider. `unreadable`: from it, but not understood. */
  | { readonly ok: false; readonly reason: 'unsigned' | 'unreadable'; readonly why: string }

export const unsigned = (why: string): Verdict => ({ ok: false, reason: 'unsigned', why })
/** For providers whose webhooks tell all about payments. */
export const nothingToFetch = async (): Promise<Payment[]> => []

export const unreadable: Verdict = { ok: false, reason: 'unreadable', why: 'The event cannot be read.' }

/** What an adapter is made of; all secrets in clear. */
export interface ProviderAccount {
  readonly apiKey: string
  /** Several while one is being replaced. For Chargebee `user:password`. */
  readonly webhookSecrets: readonly string[]
  /** Where its API is, without a path. */
  readonly baseUrl: string
}

/**
 * - `transient`: may work later (network, time-out, 429, 5xx, wrong credentials that somebody may correct).
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

/** Refs become part of paths: only what cannot lead elsewhere. */
export const readRef = (value: unknown): string | null => {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^\w[\w.@:~+-]{0,99}$/.test(text) ? text : null
}
