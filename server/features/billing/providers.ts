import type { BillingRegion } from '../../../shared/api/billing-connections.ts'
import type { BillingProvider, BillingProviderName, ProviderAccount } from './billing-provider.ts'
import { createChargebee } from './chargebee.ts'
import { createMaxio } from './maxio.ts'
import { createPaddle } from './paddle.ts'
import { createRecurly } from './recurly.ts'
import { createStripe } from './stripe.ts'

export const providerNames: Readonly<Record<BillingProviderName, string>> = {
  stripe: 'Stripe',
  chargebee: 'Chargebee',
  maxio: 'Maxio',
  recurly: 'Recurly',
  paddle: 'Paddle',
}

/** Where a provider’s API is. Built, never taken from a request: no one can point us at an inner host. */
export function providerUrl(
  provider: BillingProviderName,
  { site, region }: { site: string | null; region: BillingRegion },
): string {
  switch (provider) {
    case 'stripe':
      return 'https://api.stripe.com'
    case 'paddle':
      return region === 'sandbox' ? 'https://sandbox-api.paddle.com' : 'https://api.paddle.com'
    case 'recurly':
      return region === 'eu' ? 'https://v3.eu.recurly.com' : 'https://v3.recurly.com'
    case 'chargebee':
      return `https://${site}.chargebee.com`
    case 'maxio':
      return region === 'eu' ? `https://${site}.ebilling.maxio.com` : `https://${site}.chargify.com`
  }
}

export function createProvider(
  provider: BillingProviderName,
  account: ProviderAccount,
  now: () => number,
): BillingProvider {
  switch (provider) {
    case 'stripe':
      return createStripe(account)
    case 'paddle':
      return createPaddle(account)
    case 'chargebee':
      return createChargebee(account)
    case 'recurly':
      return createRecurly(account, now)
    case 'maxio':
      return createMaxio(account)
  }
}
