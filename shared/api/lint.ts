import * as z from 'zod'
import { messageKinds } from '../trial.ts'
import type { ApiTable } from './endpoint.ts'
import { jobSchema } from './jobs.ts'

/** Situations in which an email must still be well-formed and true. */
export const fixtureNames = [
  'normal',
  'zero',
  'one',
  'huge',
  'long_name',
  'rtl',
  'missing_name',
  'hostile_name',
] as const
export type FixtureName = (typeof fixtureNames)[number]

const templatesSchema = z.object({
  templates: z.array(
    z.object({
      kind: z.enum(messageKinds),
      rules: z.array(z.object({ id: z.string(), subjects: z.array(z.string()), enabled: z.boolean() })),
    }),
  ),
  locales: z.array(z.string()),
  fixtures: z.array(z.enum(fixtureNames)),
})

export const findingSchema = z
  .object({ level: z.enum(['error', 'warning']), check: z.string(), detail: z.string() })
  .meta({ id: 'Finding', description: 'A failed check of an email.' })

const placedFinding = findingSchema.extend({
  kind: z.enum(messageKinds),
  rule: z.string().nullable(),
  locale: z.string(),
  fixture: z.enum(fixtureNames),
  variant: z.int().describe('Index into the subjects of the rule.'),
})

const reportSchema = z
  .object({
    at: z.iso.datetime(),
    playbookVersion: z.int(),
    mails: z.int(),
    errors: z.int(),
    warnings: z.int(),
    spam: z.union([
      z.object({
        state: z.literal('checked'),
        worst: z.number(),
        kind: z.enum(messageKinds),
        locale: z.string(),
      }),
      z.object({ state: z.enum(['not_set_up', 'unreachable']) }),
    ]),
    findings: z.array(placedFinding).describe('Errors first, at most 500.'),
    omitted: z.int().describe('How many findings there are beyond these.'),
  })
  .meta({ id: 'LintReport', description: 'The latest completed check of all emails.' })

export const spamCheckSchema = z
  .union([
    z.object({
      state: z.literal('checked'),
      score: z.number().describe('0 to 10, 10 is best.'),
      rules: z.array(z.object({ name: z.string(), points: z.number() })),
    }),
    z.object({ state: z.enum(['not_asked', 'not_set_up', 'unreachable']) }),
  ])
  .meta({ id: 'SpamCheck', description: 'SpamAssassin’s result for one email.' })

export const lintApi = {
  'GET /api/templates': {
    answers: { 200: { description: 'The kinds', schema: templatesSchema } },
  },
  'POST /api/lint': {
    answers: { 202: { description: 'The job; one that runs already is given back', schema: jobSchema } },
  },
  'GET /api/lint': {
    answers: {
      200: { description: 'The report', schema: z.object({ report: reportSchema.nullable() }) },
    },
  },
} satisfies ApiTable
