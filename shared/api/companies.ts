import * as z from 'zod'
import { paces, segments, trialStatuses } from '../trial.ts'
import { nextSchema, trialistSchema } from '../trialist.ts'
import type { ApiTable } from './endpoint.ts'
import {
  anything,
  conversionPostSchema,
  exportedLists,
  extensionPostSchema,
  pausePostSchema,
  retryPostSchema,
  skipPostSchema,
  trialistPutSchema,
  userIdParams,
} from './trialists.ts'

/** Schemas of the companies API, for workspaces in which everyone of a company shares one trial. */

const at = z.iso.datetime()
const { userId: id } = userIdParams.shape
const { company: _, plan: __, trial: ___, ...ofPerson } = trialistPutSchema.shape
const { traits, plan, trial, timeZone, locale } = trialistPutSchema.shape

const companyIdParams = z.strictObject({
  companyId: id.describe('Your own id of the company, as sent with group calls.'),
})

const memberPutSchema = z
  .strictObject({
    userId: id,
    ...ofPerson,
    role: z
      .string()
      .max(100)
      .nullish()
      .describe('Such as owner or member; short for the trait of that name.'),
  })
  .meta({ id: 'MemberPut' })

const companyPutSchema = z
  .strictObject({
    name: trialistPutSchema.shape.name,
    plan,
    traits,
    timeZone,
    locale,
    trial,
    members: z
      .array(memberPutSchema)
      .max(200)
      .optional()
      .describe('People who belong to it from now on; who is not named stays as they are.'),
  })
  .meta({ id: 'CompanyPut', description: 'null clears a field, an absent field keeps what it is.' })

const memberSchema = z
  .object({
    userId: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    role: z.string().nullable(),
    isChampion: z.boolean(),
    canBuy: z.boolean(),
    traits: z.record(z.string(), z.unknown()),
    joinedAt: at.nullable(),
    lastSeenAt: at.nullable(),
    leftAt: at.nullable().describe('Belongs here no more; what they did stays.'),
    events: z.int(),
    activeDays: z.int(),
    milestones: z.array(z.object({ name: z.string(), count: z.int() })),
    suppressed: trialistSchema.shape.suppressed,
    repliedAt: at.nullable(),
    survey: trialistSchema.shape.survey,
  })
  .meta({ id: 'CompanyMember' })

const {
  userId: ____,
  anonymousId: _____,
  email: ______,
  consent: _______,
  company: ________,
  companyId: _________,
  ...shared
} = trialistSchema.shape

const companySchema = z
  .object({
    companyId: z.string(),
    ...shared,
    members: z.array(memberSchema),
    beyond: z.int().describe('People for whom there was no room in the list; what they do counts.'),
    otherEvents: z.int().describe('Done by people who are not in the list.'),
  })
  .meta({ id: 'Company', description: 'A company with one trial for all its people.' })

export type CompanyAnswer = z.output<typeof companySchema>

const companySummarySchema = z
  .object({
    companyId: z.string(),
    name: z.string().nullable(),
    segment: z.enum(segments),
    pace: z.enum(paces),
    score: z.number(),
    members: z.int(),
    champion: z.string().nullable().describe('User id.'),
    trial: z.object({ startsAt: at, endsAt: at.nullable(), status: z.enum(trialStatuses) }),
    next: nextSchema.nullable(),
    lastSeenAt: at.nullable(),
  })
  .meta({ id: 'CompanySummary' })

const company = { description: 'The company as it now stands', schema: companySchema }

export const companiesApi = {
  'GET /api/companies': {
    query: z.strictObject({
      q: z
        .string()
        .max(200)
        .optional()
        .describe('Part of the name or id, or of a member’s name, email or id.'),
      email: z.string().max(254).optional().describe('Exact address of a member.'),
      cursor: z.string().max(1000).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answers: {
      200: {
        description: 'A page; ask again with `cursor` until it is null',
        schema: z.object({ companies: z.array(companySummarySchema), cursor: z.string().nullable() }),
      },
    },
  },
  'PUT /api/companies/{companyId}': {
    params: companyIdParams,
    body: companyPutSchema,
    answers: { 200: company, 201: { ...company, description: 'The company was made' } },
  },
  'GET /api/companies/{companyId}': { params: companyIdParams, answers: { 200: company } },
  'GET /api/companies/{companyId}/members': {
    params: companyIdParams,
    answers: {
      200: {
        description: 'Its people, the champion first',
        schema: z.object({ members: z.array(memberSchema), beyond: z.int() }),
      },
    },
  },
  'POST /api/companies/{companyId}/extensions': {
    params: companyIdParams,
    body: extensionPostSchema,
    answers: { 201: company },
  },
  'DELETE /api/companies/{companyId}/extensions/{id}': {
    params: companyIdParams.extend({ id: z.string().min(1).max(100) }),
    answers: { 200: company },
  },
  'POST /api/companies/{companyId}/conversion': {
    params: companyIdParams,
    body: conversionPostSchema,
    answers: { 200: company },
  },
  'POST /api/companies/{companyId}/pause': {
    params: companyIdParams,
    body: pausePostSchema,
    answers: { 200: company },
  },
  'POST /api/companies/{companyId}/skip': {
    params: companyIdParams,
    body: skipPostSchema,
    answers: { 200: company },
  },
  'POST /api/companies/{companyId}/retries': {
    params: companyIdParams,
    body: retryPostSchema,
    answers: { 200: company },
  },
  'GET /api/companies/{companyId}/export': {
    params: companyIdParams,
    answers: {
      200: {
        description: 'One JSON document; what its people have of their own is in the export of each',
        schema: z.object({
          exportedAt: at,
          company: companySchema,
          stored: anything,
          events: z.array(anything),
          ...exportedLists,
        }),
      },
    },
  },
  'DELETE /api/companies/{companyId}': {
    params: companyIdParams,
    answers: {
      200: {
        description: 'What was removed',
        schema: z.object({ erased: z.literal(true), members: z.int(), events: z.int(), mails: z.int() }),
      },
    },
  },
} satisfies ApiTable
