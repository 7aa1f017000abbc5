import * as z from 'zod'

export const billingProviders = ['stripe', 'chargebee', 'maxio', 'recurly', 'paddle'] as const
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
