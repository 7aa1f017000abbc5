import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

export const billingProviders = ['stripe', 'chargebee', 'maxio', 'recurly', 'paddle'] as const
export const outboxStates = ['waiting', 'sent', 'superseded', 'dead'] as const
export const truths = ['later', 'billing', 'trialpace'] as const
export const connectionStates = [
  'ok',
  'paused',
  'failing',
  'refusing',
  'stuck',
  'retrying',
  'silent',
] as const

/** Which of a provider’s installations an account is on. */
const billingRegions = ['us', 'eu', 'sandbox'] as const
export type BillingRegion = (typeof billingRegions)[number]

/** Needs the merchant’s own host name. */
const hasSite = (provider: (typeof billingProviders)[number]): boolean =>
  provider === 'chargebee' || provider === 'maxio'

/**
 * Teams choose the ids of their subscriptions at Chargebee themselves, blanks and slashes included. To be encoded
 * wherever they become part of a path.
 */
export const subscriptionRefPattern = /^\w[\x20-\x7e]{0,99}$/

const connectionSchema = z
  .object({
    id: z.string(),
    provider: z.enum(billingProviders),
    name: z.string(),
    site: z.string().nullable(),
    region: z.enum(billingRegions),
    webhookUrl: z.string().describe('Where the provider has to send its webhooks.'),
    paused: z.boolean(),
    products: z.array(z.string()),
    matchBy: z.enum(['reference', 'email']),
    truth: z.enum(truths),
    pendingRestDays: z.int(),
    status: z.object({
      state: z.enum(connectionStates),
      says: z.array(z.string()).describe('In sentences, most important first.'),
      check: z
        .object({ at: z.iso.datetime(), ok: z.boolean(), detail: z.string().nullable() })
        .nullable()
        .describe('The last API call that tested the key.'),
      lastEvent: z.object({ at: z.iso.datetime(), type: z.string(), outcome: z.string() }).nullable(),
      refused: z
        .object({ count: z.int(), at: z.iso.datetime(), why: z.string() })
        .nullable()
        .describe('Webhooks refused since the last one that was taken.'),
      stuck: z.int(),
      retrying: z.int(),
    }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingConnection' })

const name = z.string().trim().min(1).max(100)

const secret = z
  .string()
  .min(6)
  .max(500)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII characters')

const apiKey = secret
  .regex(/^\S+$/, 'must hold no blanks')
  .describe('Key for its API. Never given out again.')

const webhookSecrets = z
  .array(secret)
  .min(1)
  .max(3)
  .describe(
    'What webhooks are verified with; two while one is being replaced. For Chargebee `user:password`. Never given out again.',
  )

const productId = z.string().trim().min(1).max(200)

const settingsShape = {
  paused: z.boolean().optional().describe('Webhooks are kept, nothing is read or written back.'),
  products: z
    .array(productId)
    .max(200)
    .optional()
    .describe('Ids of the products, plans or prices that the trial is about; empty: all count.'),
  matchBy: z
    .enum(['reference', 'email'])
    .optional()
    .describe('`email`: ids given to the billing system are not the user ids here.'),
  truth: z
    .enum(truths)
    .optional()
    .describe(
      'Whose end of the trial holds. `later`: who moved last, and a granted extension is never taken back.',
    ),
  pendingRestDays: z
    .int()
    .min(0)
    .max(30)
    .optional()
    .describe('How long emails rest while a first payment is being tried; 0: they go on.'),
}

const connectionPostSchema = z
  .strictObject({
    provider: z.enum(billingProviders),
    name,
    site: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$/, 'must be the first label of your host name there')
      .optional(),
    region: z.enum(billingRegions).default('us'),
    apiKey,
    webhookSecrets,
    ...settingsShape,
  })
  .superRefine(({ provider, site, webhookSecrets: secrets }, context) => {
    if (hasSite(provider) !== (site !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['site'],
        message: hasSite(provider) ? `${provider} needs a site` : `${provider} has no site`,
      })
    if (provider === 'chargebee' && secrets.some((text) => !/^[^:]+:.{16,}$/.test(text)))
      context.addIssue({
        code: 'custom',
        path: ['webhookSecrets'],
        message: 'must be user:password, the password of at least 16 characters',
      })
  })

const answer = { description: 'The connection, without its secrets', schema: connectionSchema }

const idText = z.string().min(1).max(100)

const connectionParams = z.strictObject({ id: idText })

export const connectionPutSchema = z.strictObject({
  name: name.optional(),
  apiKey: apiKey.optional(),
  webhookSecrets: webhookSecrets.optional(),
  ...settingsShape,
})

const eventSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    subscription: z.string().nullable(),
    at: z.iso.datetime(),
    outcome: z
      .string()
      .describe('`synced`, `aside`, `unmatched`, `payment`, `ignored`, `waiting`, or why it is tried again.'),
  })
  .meta({ id: 'BillingEvent' })

export const driftReportSchema = z
  .object({
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    seen: z.int().describe('Subscriptions in trial there.'),
    agreed: z.int(),
    drifted: z.int(),
    drifts: z.array(
      z.object({
        what: z.enum(['unknown', 'unmatched', 'end', 'gone']),
        subscription: z.string(),
        userId: z.string().nullable(),
        theirs: z.iso.datetime().nullable(),
        ours: z.iso.datetime().nullable(),
      }),
    ),
    error: z.string().nullable(),
  })
  .meta({ id: 'BillingDriftReport', description: 'All trials there, compared with ours.' })

const pageQuery = z.strictObject({
  cursor: z.string().min(1).max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

const userId = z.string().nullable()

const instant = z.iso.datetime().nullable()

const outboxSchema = z
  .object({
    id: z.string(),
    userId,
    connectionId: z.string(),
    subscription: z.string(),
    endsAt: z.iso.datetime(),
    state: z.enum(outboxStates),
    failures: z.int(),
    nextAttemptAt: instant,
    detail: z.string().nullable(),
    createdAt: z.iso.datetime(),
    settledAt: instant,
  })
  .meta({ id: 'BillingOutboxRow', description: 'A new end of a trial, told to the billing system.' })

const retryPostSchema = z.strictObject({ id: z.string().min(1).max(600) })

const readSchema = z
  .object({
    connectionId: z.string(),
    subscription: z.string(),
    since: z.iso.datetime(),
    failures: z.int(),
    nextAttemptAt: instant.describe('null: given up.'),
    detail: z.string().nullable(),
  })
  .meta({ id: 'BillingRead', description: 'A subscription that has to be read from the billing system.' })

const readPostSchema = z.strictObject({
  connectionId: idText,
  subscription: z.string().regex(subscriptionRefPattern, 'must be the id of a subscription'),
})

export const pendingPaymentSchema = z
  .object({
    connectionId: z.string(),
    externalId: z.string().nullable().describe('null: it has to be read from the billing system first.'),
    amountMinor: z.int().nullable(),
    currency: z.string().nullable(),
    subscription: z.string().nullable(),
    since: z.iso.datetime(),
    failures: z.int(),
    nextAttemptAt: instant.describe('null: given up.'),
    detail: z.string().nullable(),
  })
  .meta({ id: 'BillingPayment', description: 'A payment on its way into the metrics.' })

export const unmatchedSchema = z
  .object({
    connectionId: z.string(),
    subscription: z.string(),
    since: z.iso.datetime(),
    userId: z.string().nullable().describe('The id the billing system was given; no one here has it.'),
    email: z.string().nullable().describe('Shortened.'),
    customer: z.string().nullable(),
    status: z.string().nullable(),
    plan: z.string().nullable(),
    trialEndsAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'UnmatchedSubscription', description: 'A subscription of no one here.' })

const ownerPutSchema = z.strictObject({
  connectionId: z.string().min(1).max(100),
  subscription: z.string().regex(subscriptionRefPattern, 'must be the id of a subscription'),
  userId: z
    .string()
    .min(1)
    .max(255)
    .nullable()
    .describe('Whose it is; null: what the billing system says holds again.'),
})

const takeTheirsSchema = z.strictObject({ userId: z.string().min(1).max(255) })

const callbackDeliverySchema = z
  .object({
    userId: z.string().nullable(),
    endsAt: z.iso.datetime(),
    state: z.enum(['waiting', 'sent', 'superseded', 'dead']),
    failures: z.int(),
    nextAttemptAt: z.iso.datetime().nullable(),
    detail: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'CallbackDelivery', description: 'A new end of a trial, on its way to your product.' })

export const billingApi = {
  'GET /api/billing/callback': {
    answers: {
      200: {
        description: 'The address and at most 200 deliveries',
        schema: z.object({
          url: z.string().nullable(),
          paused: z.boolean(),
          deliveries: z.array(callbackDeliverySchema),
        }),
      },
    },
  },
  'PUT /api/billing/callback': {
    body: z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2000) }),
    answers: {
      200: {
        description: 'Deliveries are signed by the Standard Webhooks specification',
        schema: z.object({ url: z.string(), secret: z.string() }),
      },
    },
  },
  'POST /api/billing/callback/tests': {
    answers: {
      200: {
        description: 'Whether your product took it',
        schema: z.object({ taken: z.boolean(), detail: z.string().nullable() }),
      },
    },
  },
  'POST /api/billing/callback/pause': {
    body: z.strictObject({ paused: z.boolean() }),
    answers: { 200: { description: 'As it is now', schema: z.object({ paused: z.boolean() }) } },
  },
  'DELETE /api/billing/callback': { answers: { 204: { description: 'Removed' } } },
  'GET /api/billing/connections': {
    answers: {
      200: { description: 'Connections', schema: z.object({ connections: z.array(connectionSchema) }) },
    },
  },
  'POST /api/billing/connections': {
    body: connectionPostSchema,
    answers: { 201: answer },
  },
  'PUT /api/billing/connections/{id}': {
    params: connectionParams,
    body: connectionPutSchema,
    answers: { 200: answer },
  },
  'DELETE /api/billing/connections/{id}': {
    params: connectionParams,
    answers: { 204: { description: 'Disconnected' } },
  },
  'POST /api/billing/connections/{id}/tests': {
    params: connectionParams,
    answers: { 200: answer },
  },
  'GET /api/billing/connections/{id}/events': {
    params: connectionParams,
    answers: {
      200: {
        description: 'At most 100, of the last seven days',
        schema: z.object({ events: z.array(eventSchema) }),
      },
    },
  },
  'POST /api/billing/connections/{id}/reconciliations': {
    params: connectionParams,
    answers: { 202: { description: 'It is being compared; read the report' } },
  },
  'GET /api/billing/connections/{id}/drift': {
    params: connectionParams,
    answers: {
      200: { description: 'The report', schema: z.object({ report: driftReportSchema.nullable() }) },
    },
  },
  'GET /api/billing/outbox': {
    query: pageQuery,
    answers: {
      200: {
        description: 'A page; ask again with `cursor` until it is null',
        schema: z.object({ rows: z.array(outboxSchema), cursor: z.string().nullable() }),
      },
    },
  },
  'POST /api/billing/outbox/retries': {
    body: retryPostSchema,
    answers: { 202: { description: 'It is being tried' } },
  },
  'GET /api/billing/reads': {
    answers: { 200: { description: 'The first 500', schema: z.object({ reads: z.array(readSchema) }) } },
  },
  'POST /api/billing/reads': {
    body: readPostSchema,
    answers: { 202: { description: 'It is being read' } },
  },
  'GET /api/billing/payments': {
    answers: {
      200: {
        description: 'Of the first 500 events',
        schema: z.object({ payments: z.array(pendingPaymentSchema) }),
      },
    },
  },
  'GET /api/billing/unmatched': {
    answers: {
      200: { description: 'The first 500', schema: z.object({ subscriptions: z.array(unmatchedSchema) }) },
    },
  },
  'PUT /api/billing/owners': {
    body: ownerPutSchema,
    answers: { 202: { description: 'It is being read again' } },
  },
  'POST /api/billing/accepted-ends': {
    body: takeTheirsSchema,
    answers: { 202: { description: 'Its date holds' } },
  },
} satisfies ApiTable
