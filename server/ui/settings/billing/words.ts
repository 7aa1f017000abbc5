import type { Connection, Provider } from './types.ts'

interface ProviderWords {
  label: string
  /** What the first part of the merchant’s own host name stands before; null where there is none. */
  siteBefore: string | null
  /** Its installations, the usual one first; empty where there is one. */
  regions: readonly { value: Connection['region']; label: string }[]
  keyLabel: string
  keyHint: string
  /** How it calls what webhooks are verified with. */
  secretLabel: string
  /** Where in its own pages a webhook is set up. */
  place: string
  /** Its events about money; those about subscriptions are asked for in any case. */
  moneyEvents: readonly string[]
}

const worldOrEu = [
  { value: 'us', label: 'World' },
  { value: 'eu', label: 'European Union' },
] as const

export const providerWords: Record<Provider, ProviderWords> = {
  stripe: {
    label: 'Stripe',
    siteBefore: null,
    regions: [],
    keyLabel: 'Restricted key',
    keyHint:
      'Begins with rk_. It needs to read and write subscriptions, and read customers, charges, checkout sessions and disputes.',
    secretLabel: 'Signing secret, begins with whsec_',
    place: 'Developers → Webhooks',
    moneyEvents: [
      'invoice.paid',
      'checkout.session.completed',
      'charge.refunded',
      'refund.updated',
      'refund.failed',
      'charge.dispute.created',
      'charge.dispute.closed',
    ],
  },
  chargebee: {
    label: 'Chargebee',
    siteBefore: '.chargebee.com',
    regions: [],
    keyLabel: 'API key',
    keyHint: 'A full-access key, because trial end dates are written with it.',
    secretLabel: 'User and password, as user:password',
    place: 'Settings → Configure Chargebee → Webhooks',
    moneyEvents: ['payment_succeeded', 'payment_refunded', 'transaction_created'],
  },
  maxio: {
    label: 'Maxio',
    siteBefore: '.chargify.com or .ebilling.maxio.com',
    regions: worldOrEu,
    keyLabel: 'API key',
    keyHint: 'Of Advanced Billing.',
    secretLabel: 'Shared key of the site',
    place: 'Config → Settings → Webhooks',
    moneyEvents: ['payment_success', 'refund_success'],
  },
  recurly: {
    label: 'Recurly',
    siteBefore: null,
    regions: worldOrEu,
    keyLabel: 'Private API key',
    keyHint: 'It needs to read and write subscriptions.',
    secretLabel: 'Secret key of the endpoint',
    place: 'Integrations → Webhooks',
    moneyEvents: [
      'charge_invoice.paid',
      'credit_invoice.closed',
      'payment.refunded',
      'payment.voided',
      'payment.transaction_status_updated',
    ],
  },
  paddle: {
    label: 'Paddle',
    siteBefore: null,
    regions: [
      { value: 'us', label: 'Live' },
      { value: 'sandbox', label: 'Sandbox' },
    ],
    keyLabel: 'API key',
    keyHint: 'Begins with pdl_. It needs to read and write subscriptions and read customers.',
    secretLabel: 'Secret key of the destination',
    place: 'Developer tools → Notifications',
    moneyEvents: ['transaction.completed', 'adjustment.created', 'adjustment.updated'],
  },
}

const outcomes: Readonly<Record<string, string>> = {
  synced: 'read and compared with the trial',
  aside: 'not about the subscription of a trial',
  unmatched: 'its subscription belongs to no trialist here',
  payment: 'about a payment',
  ignored: 'nothing to do',
  waiting: 'to be read',
}

/** What came of a webhook; anything else is the reason why it is tried again. */
export const outcomeWords = (outcome: string): string =>
  Object.hasOwn(outcomes, outcome) ? (outcomes[outcome] as string) : outcome.replace(/\.$/, '')

export const providers = Object.keys(providerWords) as Provider[]

/** “Chargebee, acme, European Union”. */
export function whereOf({ provider, site, region }: Connection): string {
  const { label, regions } = providerWords[provider]
  return [label, site, regions.find(({ value }) => value === region)?.label].filter(Boolean).join(', ')
}
