import * as z from 'zod'
import { daySchema, instantTextSchema } from '../../../shared/dates.ts'
import { groupings } from './read-kpis.ts'

const day = daySchema.describe('UTC day.')
const part = z.string().min(1).max(80)

export const kpiQuerySchema = z.strictObject({
  from: day.optional().describe('First UTC day; 28 days up to `to` when absent.'),
  to: day.optional().describe('Last UTC day; today when absent.'),
  rule: part.optional(),
  kind: part.optional(),
  variant: z
    .string()
    .regex(/^\d{1,2}$/)
    .optional(),
  locale: part.optional(),
  by: z.enum(groupings).optional().describe('Adds the values of each group.'),
  format: z.enum(['json', 'csv']).default('json'),
})

const interval = z.object({ low: z.number(), high: z.number() }).nullable()
const figure = z.object({
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  value: z.number().nullable().describe('null: cannot be told, see `action` and `why`.'),
  interval: interval.describe('Wilson, 95 %.'),
  n: z.number(),
  quality: z.enum(['verified', 'adjusted', 'raw', 'not_measurable']),
})
const namedFigure = figure.extend({
  id: z.string(),
  name: z.string(),
  unit: z.enum(['share', 'count', 'ratio', 'money', 'score']),
})

const metricSchema = namedFigure
  .extend({
    number: z.int(),
    groups: z.array(z.enum(['acquire', 'own', 'engage'])),
    benchmark: z
      .object({ value: z.number(), better: z.enum(['above', 'below']), source: z.string() })
      .nullable(),
    why: z.string(),
    action: z.string().nullable(),
    others: z.array(namedFigure),
    breakdown: z.array(z.object({ name: z.string(), count: z.number(), share: z.number().nullable() })),
    alarm: z.string().nullable(),
    before: z.number().nullable().describe('The value of the same number of days before.'),
  })
  .meta({ id: 'Metric' })

export const kpiAnswerSchema = z.object({
  from: day,
  to: day,
  currency: z.string(),
  metrics: z.array(metricSchema),
  holdout: z
    .object({ treated: figure, heldOut: figure, lift: z.number().nullable(), interval })
    .describe('What the mails bring beyond what happens without them.'),
  series: z
    .array(
      z.object({
        key: z.string(),
        delivered: z.number(),
        values: z.record(z.string(), z.number().nullable()),
      }),
    )
    .optional(),
})

const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')

const money = {
  externalId: z.string().min(1).max(200).describe('Yours; the same again changes nothing.'),
  at: instantTextSchema,
  amountMinor: z.int().min(-1e12).max(1e12).describe('Smallest unit of the currency; refunds are negative.'),
  currency: currencyCode,
  fxToBase: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe('Smallest units of the base currency for one of this; needed when they differ.'),
}

export const revenueSchema = z
  .strictObject({
    ...money,
    type: z.enum(['new', 'expansion', 'renewal', 'refund', 'chargeback']).default('new'),
    userId: z.string().min(1).max(200).optional().describe('Who paid; or name the address.'),
    email: z.email().max(254).optional(),
  })
  .refine(({ type, amountMinor }) => !/refund|chargeback/.test(type) || amountMinor <= 0, {
    path: ['amountMinor'],
    message: 'a refund or chargeback is negative',
  })

export const costSchema = z.strictObject({
  ...money,
  category: z.enum(['staff', 'tooling', 'sending', 'list']),
  note: z.string().max(500).default(''),
})

export const ratesSchema = z
  .record(currencyCode, z.number().positive().max(1e6))
  .describe(
    'Smallest units of the base currency for one smallest unit of each: with USD as base, 1.08 for EUR (cents for a cent), 0.67 for JPY (cents for a yen).',
  )

export const moneyQuerySchema = z.strictObject({ from: day.optional(), to: day.optional() })

const storedMoney = {
  externalId: z.string(),
  at: z.iso.datetime(),
  amountMinor: z.int(),
  currency: z.string(),
  baseMinor: z.int(),
}
export const storedRevenueSchema = z.object({
  ...storedMoney,
  type: z.string(),
  userId: z.string().nullable(),
})
export const storedCostSchema = z.object({ ...storedMoney, category: z.string(), note: z.string() })
