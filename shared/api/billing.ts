import * as z from 'zod'

import {
  connectionPostSchema,
  connectionPutSchema,
  connectionSchema,
  driftReportSchema,
  subscriptionRefPattern,
} from './billing-connections.ts'
import type { ApiTable } from './endpoint.ts'

export const outboxStates = ['waiting', 'sent', 'superseded', 'dead'] as const
const answer = { description: 'The connection, without its secrets', schema: connectionSchema }

const idText = z.string().min(1).max(100)

const connectionParams = z.strictObject({ id: idText })

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
