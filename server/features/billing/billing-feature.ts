import type { RequestHandler } from 'express'
import type { Route } from '../../http/app-route.ts'
import { isLoopbackUrl } from '../../http/post-json.ts'
import type { Clock } from '../../ports.ts'
import { type Billing, type BillingParts, createBilling } from './billing.ts'
import { billingRoutes } from './billing-routes.ts'
import { createTrialCallback } from './callback.ts'
import { callbackRoutes } from './callback-routes.ts'
import { createWebhookRoutes } from './webhook-routes.ts'

export interface BillingFeature {
  readonly billing: Billing
  readonly webhooks: RequestHandler
  readonly routes: Route[]
}

/** Billing systems: what they tell us by webhook, what we tell them, and the connections between. */
export function createBillingFeature({
  publicUrl,
  wallClock,
  ...parts
}: BillingParts & {
  publicUrl: string
  /** Real time, by which providers sign. */
  wallClock: Clock
}): BillingFeature {
  const inner = createBilling(parts)
  // In development the product and its callback are on the same machine; a public server reaches no inner host.
  const allowsLoopback = isLoopbackUrl(new URL(publicUrl))
  const { links } = inner
  const callback = createTrialCallback({ ...parts, links, allowsLoopback })
  let isRenewed = false
  const billing: Billing = {
    ...inner,
    async work(signal) {
      if (!isRenewed) {
        await inner.connections.renewSecrets()
        await callback.renewSecrets()
        isRenewed = true
      }
      await inner.work(signal)
      await callback.work()
    },
    async purge() {
      await inner.purge()
    },
    async idle() {
      await inner.idle()
      await callback.idle()
    },
  }
  return {
    billing,
    webhooks: createWebhookRoutes({ billing, clock: wallClock }),
    routes: [
      ...billingRoutes({ billing, audit: parts.audit, publicUrl }),
      ...callbackRoutes({ callback, audit: parts.audit, allowsLoopback }),
    ],
  }
}
