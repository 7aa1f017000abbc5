import * as z from 'zod'
import { instantTextSchema } from '../dates.ts'
import type { ApiTable } from './endpoint.ts'
import { day } from './metrics.ts'

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

const recordedSchema = z.object({ recorded: z.enum(['new', 'repeated']) })

const recordedAnswers = {
  200: { description: 'It was there already', schema: recordedSchema },
  201: { description: 'Recorded', schema: recordedSchema },
}

export const moneyQuerySchema = z.strictObject({ from: day.optional(), to: day.optional() })

const storedMoney = {
  externalId: z.string(),
  at: z.iso.datetime(),
  amountMinor: z.int(),
  currency: z.string(),
  baseMinor: z.int(),
}

const storedRevenueSchema = z.object({
  ...storedMoney,
  type: z.string(),
  userId: z.string().nullable(),
})

export const costSchema = z.strictObject({
  ...money,
  category: z.enum(['staff', 'tooling', 'sending', 'list']),
  note: z.string().max(500).default(''),
})

const storedCostSchema = z.object({ ...storedMoney, category: z.string(), note: z.string() })

const ratesSchema = z
  .record(currencyCode, z.number().positive().max(1e6))
  .describe(
    'Smallest units of the base currency for one smallest unit of each: with USD as base, 1.08 for EUR (cents for a cent), 0.67 for JPY (cents for a yen).',
  )

const ratesAnswers = {
  200: {
    description: 'The rates, and which ones payments wait for',
    schema: z.object({ currency: z.string(), rates: ratesSchema, wanted: z.array(z.string()) }),
  },
}

const cohortSchema = z
  .object({
    month: z.string().describe('In which their trials began, e.g. `2026-09`.'),
    trialists: z.int(),
    paying: z.int(),
    revenueMinor: z.int().describe('All they have paid so far, refunds taken off, in the base currency.'),
    perTrialistMinor: z.int().nullable(),
  })
  .meta({ id: 'RevenueCohort' })

export const moneyApi = {
  'GET /api/revenue/cohorts': {
    query: moneyQuerySchema,
    answers: {
      200: {
        description: 'Months, oldest first',
        schema: z.object({ currency: z.string(), cohorts: z.array(cohortSchema) }),
      },
    },
  },
  'GET /api/trialists/{userId}/revenue': {
    params: z.strictObject({ userId: z.string().min(1).max(255) }),
    answers: {
      200: {
        description: 'Their payments and the sum in the base currency',
        schema: z.object({
          currency: z.string(),
          totalMinor: z.int(),
          payments: z.array(storedRevenueSchema),
        }),
      },
    },
  },
  'GET /api/revenue/unmatched': {
    answers: {
      200: {
        description: 'The first 500',
        schema: z.object({
          revenue: z.array(
            storedRevenueSchema.extend({ email: z.string().nullable().describe('Shortened.') }),
          ),
        }),
      },
    },
  },
  'PUT /api/revenue/owners': {
    body: z.strictObject({ externalId: z.string().min(1).max(200), userId: z.string().min(1).max(255) }),
    answers: { 204: { description: 'It is theirs' } },
  },
  'POST /api/revenue': {
    body: revenueSchema,
    answers: recordedAnswers,
  },
  'GET /api/revenue': {
    query: moneyQuerySchema.extend({ format: z.enum(['json', 'csv']).default('json') }),
    answers: {
      200: {
        description: 'Entries',
        schema: z.object({ revenue: z.array(storedRevenueSchema) }),
        otherMediaTypes: ['text/csv'],
      },
    },
  },
  'POST /api/costs': {
    body: costSchema,
    answers: recordedAnswers,
  },
  'GET /api/costs': {
    query: moneyQuerySchema,
    answers: { 200: { description: 'Entries', schema: z.object({ costs: z.array(storedCostSchema) }) } },
  },
  'GET /api/rates': {
    answers: ratesAnswers,
  },
  'PUT /api/rates': {
    body: z.strictObject({ rates: ratesSchema }),
    answers: ratesAnswers,
  },
} satisfies ApiTable
