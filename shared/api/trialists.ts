import * as z from 'zod'
import { parseDay, parseInstant } from '../clock.ts'
import { instantSchema, instantTextSchema } from '../dates.ts'
import { parseLocale } from '../locale.ts'
import { parseTimeZone } from '../named-zone.ts'
import { type EmailAddress, paces, parseEmailAddress, segments, trialStatuses } from '../trial.ts'
import { milestoneSchema, nextSchema, trialistSchema } from '../trialist.ts'
import type { ApiTable } from './endpoint.ts'

/** Schemas of the trialist API: what is sent, and what is answered. */

const printable = /^[^\p{Cc}\p{Cs}]*$/u

const line = (max: number) => z.string().max(max).regex(printable, 'must not contain control characters')

/** Cells of spreadsheets and CRMs hold line breaks and tabs: such a word is cleaned, not refused. */
const cleaned = (max: number) =>
  z
    .string()
    .max(2 * max)
    .transform((text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ').trim())
    .pipe(z.string().max(max))

export const userIdParams = z.strictObject({
  userId: line(255).min(1).describe('Your own id of the user, as sent with events.'),
})

const email = z
  .string()
  .max(254)
  .refine((text) => parseEmailAddress(text) !== null, 'must be one plain address such as ann@example.com')
  .transform((text) => parseEmailAddress(text) as EmailAddress)

/** A language in any spelling; one that names none is as good as absent and refuses nothing. */
const locale = z
  .string()
  .max(100)
  .transform((text) => parseLocale(text) ?? undefined)
  .describe('A language tag such as en or de-AT; POSIX names such as de_DE.UTF-8 are understood.')

const timeZone = z
  .string()
  .max(120)
  .refine((text) => parseTimeZone(text) !== null, 'must be an IANA zone such as Europe/Berlin')
  .transform((text) => parseTimeZone(text) as string)
  .describe('An IANA zone; names of Windows and Rails, single cities and offsets are understood.')

const maxTraits = 50

const traitKey = /^[A-Za-z0-9_ -]{1,64}$/

const deeperThan = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((member) => deeperThan(member, depth - 1)))

const maxTraitDepth = 3

/** Checked on the raw value: zod’s record would silently drop `__proto__`. */
const traits = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .superRefine((value, context) => {
    const keys = Object.keys(value)
    if (keys.length > maxTraits) context.addIssue({ code: 'custom', message: `at most ${maxTraits} traits` })
    for (const key of keys.slice(0, maxTraits)) {
      if (!traitKey.test(key) || key === '__proto__')
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'names have 1 to 64 letters, digits, blanks, _ or -',
        })
      else if (deeperThan(value[key], maxTraitDepth - 1))
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `nested deeper than ${maxTraitDepth} levels`,
        })
      else if (JSON.stringify(value[key]).length > 2000)
        context.addIssue({ code: 'custom', path: [key], message: 'longer than 2,000 characters' })
    }
  })
  .meta({
    type: 'object',
    additionalProperties: true,
    description: 'Facts about the person; null removes one.',
  })

const dateOrInstant = z
  .string()
  .refine(
    (text) => parseInstant(text) !== null || parseDay(text) !== null,
    'must be an instant such as 2026-03-01T12:00:00Z or a date such as 2026-03-01',
  )

/** An instant, or a date, which means the end of that day where the trialist lives; only then its zone is known. */
const end = dateOrInstant.describe(
  'Instant, or a date: then the end of that day in the zone of the trialist.',
)

const start = dateOrInstant.describe(
  'Instant, or a date: then the beginning of that day in the zone of the trialist.',
)

export const trialistPutSchema = z
  .strictObject({
    email: email.nullish(),
    name: cleaned(200).nullish(),
    locale: locale.nullish(),
    timeZone: timeZone.nullish(),
    traits: traits.optional(),
    company: cleaned(200).nullish(),
    plan: cleaned(100).nullish(),
    consent: z.strictObject({ mail: z.boolean().nullish(), tracking: z.boolean().nullish() }).optional(),
    trial: z
      .strictObject({
        startsAt: start.optional(),
        endsAt: end.nullish(),
        expectedEnd: instantSchema
          .nullish()
          .describe(
            'The end you saw: needed to take back an extension, refused with 409 when it is another now.',
          ),
      })
      .optional(),
  })
  .meta({ id: 'TrialistPut', description: 'null clears a field, an absent field keeps what it is.' })

const trialist = { description: 'The trialist as it now stands', schema: trialistSchema }

const listQuerySchema = z.strictObject({
  segment: z.enum(segments).optional(),
  pace: z.enum(paces).optional(),
  status: z.enum(trialStatuses).optional(),
  q: line(200).optional().describe('Part of email, name, company or user id.'),
  email: z.string().max(254).optional().describe('Exact address.'),
  sort: z
    .enum(['endsAt', '-endsAt', 'score', '-score', 'lastSeenAt', '-lastSeenAt', 'createdAt', '-createdAt'])
    .default('-lastSeenAt'),
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const at = z.iso.datetime()

const trialistSummarySchema = z
  .object({
    userId: z.string().describe('Empty where the trial is that of a company, see `companyId`.'),
    companyId: z.string().optional().describe('This is a company with one trial for all its people.'),
    members: z.int().optional().describe('How many people the company has.'),
    email: z.string().nullable(),
    name: z.string().nullable().describe('Of a company: that of its champion.'),
    company: z.string().nullable(),
    segment: z.enum(segments),
    pace: z.enum(paces),
    score: z.number(),
    reasons: z.array(z.string()),
    milestones: z.array(milestoneSchema),
    trial: z.object({ startsAt: at, endsAt: at.nullable(), status: z.enum(trialStatuses) }),
    next: nextSchema.nullable(),
    lastSeenAt: at.nullable(),
  })
  .meta({ id: 'TrialistSummary' })

export const extensionPostSchema = z
  .strictObject({
    days: z.int().min(1).max(730).optional(),
    until: end.optional(),
    reason: line(200).min(1),
    note: z.string().max(2000).default(''),
    expectedEnd: instantTextSchema
      .nullish()
      .describe('The end you saw; the request is refused with 409 when it is another one now.'),
  })
  .refine((body) => (body.days === undefined) !== (body.until === undefined), {
    message: 'give either days or until',
    path: ['days'],
  })
  .meta({ id: 'ExtensionPost' })

export const conversionPostSchema = z
  .strictObject({ plan: line(100).nullish(), at: instantSchema.optional() })
  .meta({ id: 'ConversionPost' })

export const pausePostSchema = z
  .strictObject({ until: instantSchema.nullable().describe('null ends the pause.') })
  .meta({ id: 'PausePost' })

export const skipPostSchema = z
  .strictObject({ ruleId: line(60).min(1).describe('The rule whose next email is not to go.') })
  .meta({ id: 'SkipPost' })

export const retryPostSchema = z
  .strictObject({ key: line(400).min(1).describe('Of the blocked email.') })
  .meta({ id: 'RetryPost' })

/** As it is stored: other releases may store it otherwise. */
export const anything = z
  .custom<object>((value) => typeof value === 'object' && value !== null)
  .meta({ type: 'object' })

const stored = z.array(z.unknown())
/** What an export lists beside the trial and its events; one for each kind of document that is about a person. */
export const exportedLists = {
  notes: stored,
  replyLabels: stored,
  owner: stored,
  erasure: stored,
  mails: stored,
  signals: stored,
  suppressions: stored,
  measures: stored,
  payments: stored,
  subscriptions: stored,
  billingLink: stored,
  billingOutbox: stored,
  billingReads: stored,
  callbackDeliveries: stored,
  unmatchedSubscriptions: stored,
}
export type ExportedList = keyof typeof exportedLists

export const trialistsApi = {
  'PUT /api/trialists/{userId}': {
    params: userIdParams,
    body: trialistPutSchema,
    answers: { 200: trialist, 201: { ...trialist, description: 'The trialist was made' } },
  },
  'GET /api/trialists': {
    query: listQuerySchema,
    answers: {
      200: {
        description: 'A page; ask again with `cursor` until it is null',
        schema: z.object({ trialists: z.array(trialistSummarySchema), cursor: z.string().nullable() }),
      },
    },
  },
  'GET /api/segments': {
    answers: {
      200: {
        description: 'Counts',
        schema: z.object({ segments: z.record(z.enum(segments), z.int()), total: z.int() }),
      },
    },
  },
  'GET /api/trialists/{userId}': {
    params: userIdParams,
    answers: { 200: trialist },
  },
  'POST /api/trialists/{userId}/extensions': {
    params: userIdParams,
    body: extensionPostSchema,
    answers: { 201: trialist },
  },
  'DELETE /api/trialists/{userId}/extensions/{id}': {
    params: userIdParams.extend({ id: z.string().min(1).max(100) }),
    answers: { 200: trialist },
  },
  'POST /api/trialists/{userId}/conversion': {
    params: userIdParams,
    body: conversionPostSchema,
    answers: { 200: trialist },
  },
  'POST /api/trialists/{userId}/pause': {
    params: userIdParams,
    body: pausePostSchema,
    answers: { 200: trialist },
  },
  'POST /api/trialists/{userId}/skip': {
    params: userIdParams,
    body: skipPostSchema,
    answers: { 200: trialist },
  },
  'POST /api/trialists/{userId}/retries': {
    params: userIdParams,
    body: retryPostSchema,
    answers: { 200: trialist },
  },
  'DELETE /api/trialists/{userId}': {
    params: userIdParams,
    answers: {
      200: {
        description: 'What was removed',
        schema: z.object({ erased: z.literal(true), events: z.int(), mails: z.int() }),
      },
    },
  },
  'GET /api/trialists/{userId}/export': {
    params: userIdParams,
    answers: {
      200: {
        description: 'One JSON document',
        schema: z.object({
          exportedAt: z.iso.datetime(),
          trialist: trialistSchema,
          stored: anything,
          events: z.array(anything),
          ...exportedLists,
        }),
      },
    },
  },
} satisfies ApiTable
