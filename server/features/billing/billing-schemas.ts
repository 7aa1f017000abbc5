import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import type { Versioned } from '../../storage/port.ts'
import { type OutboxRow, outboxStates } from './billing-outbox.ts'
import { billingProviders, readRef } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import type { PendingPayment } from './payment-inbox.ts'
import { billingRegions, hasSite } from './providers.ts'
import type { PendingRead } from './webhook-inbox.ts'

/** Schemas of the billing API, and how its things are shown. */

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
})

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
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingConnection' })

export const shownConnection = (connection: Connection, publicUrl: string) => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  site: connection.site,
  region: connection.region,
  webhookUrl: `${publicUrl}/webhooks/${connection.provider}/${connection.id}`,
  createdAt: isoInstant(connection.createdAt),
})

export const readPostSchema = z.strictObject({
  connectionId: idText,
  subscription: z.string().refine((text) => readRef(text) !== null, 'must be the id of a subscription'),
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

const iso = (at: number | null) => (at === null ? null : isoInstant(at))
const userIdOf = (trialId: string): string | null => /^[^:]*:u:(.*)$/s.exec(trialId)?.[1] ?? null

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
