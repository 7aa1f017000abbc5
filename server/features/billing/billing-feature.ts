import type { RequestHandler } from 'express'
import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import { type Billing, type BillingParts, createBilling } from './billing.ts'
import { billingRoutes } from './billing-routes.ts'
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
  const billing = createBilling(parts)
  return {
    billing,
    webhooks: createWebhookRoutes({ billing, clock: wallClock }),
    routes: billingRoutes({ billing, audit: parts.audit, publicUrl }),
  }
}
