import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { truths } from '../../domain/billing/agreement.ts'
import type { Versioned } from '../../storage/port.ts'
import { type OutboxRow, outboxStates } from './billing-outbox.ts'
import { billingProviders, readSubscriptionRef } from './billing-provider.ts'
import { type ConnectionStatus, connectionStates } from './connection-status.ts'
import type { Connection, ConnectionSettings } from './connections.ts'
import type { LoggedWebhook } from './event-log.ts'
import type { PendingPayment } from './payment-inbox.ts'
import { billingRegions, hasSite } from './providers.ts'
import type { DriftReport } from './reconcile.ts'
import type { SubscriptionRecord } from './subscription-records.ts'
import type { UnmatchedSubscription } from './unmatched.ts'
import type { PendingRead } from './webhook-inbox.ts'

/** Schemas of the billing API, and how its things are shown. */

const iso = (at: number | null) => (at === null ? null : isoInstant(at))

const userIdOf = (trialId: string): string | null => /^[^:]*:u:(.*)$/s.exec(trialId)?.[1] ?? null

const secret = z
  .string()
  .min(6)
  .max(500)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII characters')
const name = z.string().trim().min(1).max(100)
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

export const connectionPostSchema = z
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

export const connectionPutSchema = z.strictObject({
  name: name.optional(),
  apiKey: apiKey.optional(),
  webhookSecrets: webhookSecrets.optional(),
  ...settingsShape,
})

/** Absent keeps. */
export function settingsOf({
  paused: isPaused,
  products,
  matchBy,
  truth,
  pendingRestDays,
}: z.output<typeof connectionPutSchema>): Partial<ConnectionSettings> {
  const said = { isPaused, products, matchBy, truth, pendingRestDays }
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as Partial<ConnectionSettings>
}

const idText = z.string().min(1).max(100)
export const connectionParams = z.strictObject({ id: idText })

export const connectionSchema = z
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

export const shownConnection = (connection: Connection, status: ConnectionStatus, publicUrl: string) => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  site: connection.site,
  region: connection.region,
  webhookUrl: `${publicUrl}/webhooks/${connection.provider}/${connection.id}`,
  createdAt: isoInstant(connection.createdAt),
  paused: connection.settings.isPaused,
  products: [...connection.settings.products],
  matchBy: connection.settings.matchBy,
  truth: connection.settings.truth,
  pendingRestDays: connection.settings.pendingRestDays,
  status: { ...status, says: [...status.says] },
})

export const eventSchema = z
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

export const shownEvent = ({ eventId, type, ref, at, outcome }: LoggedWebhook) => ({
  id: eventId,
  type,
  subscription: ref,
  at: isoInstant(at),
  outcome,
})

export const unmatchedSchema = z
  .object({
    connectionId: z.string(),
    subscription: z.string(),
    since: z.iso.datetime(),
    userId: z.string().nullable().describe('The id the billing system was given; nobody here has it.'),
    email: z.string().nullable().describe('Shortened.'),
    customer: z.string().nullable(),
    status: z.string().nullable(),
    plan: z.string().nullable(),
    trialEndsAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'UnmatchedSubscription', description: 'A subscription of no one here.' })

export const shownUnmatched = (
  { connectionId, ref, since }: UnmatchedSubscription,
  record: SubscriptionRecord | null,
): z.output<typeof unmatchedSchema> => ({
  connectionId,
  subscription: ref,
  since: isoInstant(since),
  userId: record?.seen?.userId ?? null,
  email: record?.seen?.emailHint ?? null,
  customer: record?.customerRef ?? null,
  status: record?.seen?.status ?? null,
  plan: record?.seen?.planId ?? null,
  trialEndsAt: iso(record?.seen?.trialEndsAt ?? null),
})

export const ownerPutSchema = z.strictObject({
  connectionId: z.string().min(1).max(100),
  subscription: z
    .string()
    .refine((text) => readSubscriptionRef(text) !== null, 'must be the id of a subscription'),
  userId: z
    .string()
    .min(1)
    .max(255)
    .nullable()
    .describe('Whose it is; null: what the billing system says holds again.'),
})

export const takeTheirsSchema = z.strictObject({ userId: z.string().min(1).max(255) })

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

export const shownDrift = ({ drifts, ...report }: DriftReport): z.output<typeof driftReportSchema> => ({
  ...report,
  startedAt: isoInstant(report.startedAt),
  finishedAt: iso(report.finishedAt),
  drifts: drifts.map(({ trialId, ...drift }) => ({
    ...drift,
    userId: trialId === null ? null : userIdOf(trialId),
  })),
})

export const readPostSchema = z.strictObject({
  connectionId: idText,
  subscription: z
    .string()
    .refine((text) => readSubscriptionRef(text) !== null, 'must be the id of a subscription'),
})

export const retryPostSchema = z.strictObject({ id: z.string().min(1).max(600) })

export const pageQuery = z.strictObject({
  cursor: z.string().min(1).max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

const userId = z.string().nullable()
const instant = z.iso.datetime().nullable()

export const outboxSchema = z
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

export const shownOutboxRow = ({ id, body }: Versioned<OutboxRow>) => ({
  id,
  userId: userIdOf(body.trialId),
  connectionId: body.connectionId,
  subscription: body.ref,
  endsAt: isoInstant(body.endsAt),
  state: body.state,
  failures: body.failures,
  nextAttemptAt: iso(body.nextAttemptAt),
  detail: body.detail,
  createdAt: isoInstant(body.createdAt),
  settledAt: iso(body.settledAt),
})

export const readSchema = z
  .object({
    connectionId: z.string(),
    subscription: z.string(),
    since: z.iso.datetime(),
    failures: z.int(),
    nextAttemptAt: instant.describe('null: given up.'),
    detail: z.string().nullable(),
  })
  .meta({ id: 'BillingRead', description: 'A subscription that has to be read from the billing system.' })

export const shownRead = ({ body }: Versioned<PendingRead>) => ({
  connectionId: body.connectionId,
  subscription: body.ref,
  since: isoInstant(body.since),
  failures: body.failures,
  nextAttemptAt: iso(body.nextAttemptAt),
  detail: body.detail,
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
  .meta({ id: 'BillingPayment', description: 'A payment on its way into the figures.' })

/** One for each payment, or one for what is still to be read. */
export function shownPayments({ body }: Versioned<PendingPayment>): z.output<typeof pendingPaymentSchema>[] {
  const { connectionId, failures, detail } = body
  const state = { since: isoInstant(body.since), failures, nextAttemptAt: iso(body.nextAttemptAt), detail }
  if (body.ask !== null)
    return [
      { connectionId, externalId: null, amountMinor: null, currency: null, subscription: null, ...state },
    ]
  return body.payments.map(({ externalId, amountMinor, currency, subscriptionRef }) => ({
    connectionId,
    externalId,
    amountMinor,
    currency,
    subscription: subscriptionRef,
    ...state,
  }))
}
