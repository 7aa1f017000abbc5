import * as z from 'zod'
import { instantSchema } from '../dates.ts'
import { playbookSchema } from '../playbook.ts'
import { decisionOutcomes, messageKinds, segments } from '../trial.ts'
import { trialistSchema } from '../trialist.ts'
import type { ApiTable } from './endpoint.ts'
import { jobSchema } from './jobs.ts'
import { trialistPutSchema } from './trialists.ts'

const versionHead = z.object({ version: z.int(), at: z.iso.datetime(), by: z.string(), note: z.string() })

const versionSchema = versionHead.extend({ playbook: playbookSchema }).meta({ id: 'PlaybookVersion' })

/** Only that it is an object: its faults are answered as `invalid-playbook`, not as a broken request. */
const anyObject = z.record(z.string(), z.unknown())

const documentOf = anyObject.meta({ description: 'A playbook, see /playbook.schema.json.' })

const draftSchema = z
  .object({
    playbook: documentOf.describe('As far as it is written; it need not be valid yet.'),
    basedOn: z.int().describe('The published version it began from.'),
    revision: z.int().describe('Rises with each save.'),
    at: z.iso.datetime(),
  })
  .meta({ id: 'PlaybookDraft', description: 'What someone has changed and not yet published.' })

const mailMoment = z.object({
  kind: z.enum(messageKinds),
  ruleId: z.string(),
  at: z.iso.datetime().nullable(),
  why: z.string(),
})

const dryRunSchema = z
  .object({
    looked: z.int().describe('Trialists looked at.'),
    complete: z.boolean().describe('false: there are more trialists than were looked at.'),
    changed: z.int(),
    segments: z.record(z.string(), z.object({ before: z.int(), after: z.int() })),
    kinds: z.record(z.string(), z.object({ before: z.int(), after: z.int() })),
    changes: z.array(
      z.object({
        userId: z.string().describe('Empty where the trial is that of a company.'),
        companyId: z.string().optional(),
        segment: z.object({ before: z.enum(segments), after: z.enum(segments) }),
        before: mailMoment.nullable(),
        after: mailMoment.nullable(),
      }),
    ),
  })
  .meta({ id: 'PlaybookDryRun', description: 'Who would now receive what.' })

const longestDays = 400

const simulateSchema = z
  .strictObject({
    userId: z.string().min(1).max(255).optional().describe('Go on from where this trialist stands.'),
    trialist: trialistPutSchema.optional().describe('Or begin with this invented one.'),
    from: instantSchema.optional().describe('Default: now.'),
    days: z.int().min(1).max(longestDays).default(30),
    events: z
      .array(
        z.strictObject({
          event: z.string().min(1).max(200),
          at: instantSchema.optional(),
          afterHours: z
            .number()
            .min(0)
            .max(longestDays * 24)
            .optional(),
        }),
      )
      .max(1000)
      .default([]),
    playbook: playbookSchema.optional().describe('Under this playbook instead of the published one.'),
  })
  .refine((body) => (body.userId === undefined) !== (body.trialist === undefined), {
    message: 'give either userId or trialist',
    path: ['userId'],
  })
  .meta({ id: 'SimulationRequest' })

const answerSchema = z
  .object({
    complete: z.boolean(),
    timeline: z.array(
      z.object({
        at: z.iso.datetime(),
        kind: z.enum(messageKinds),
        ruleId: z.string(),
        outcome: z.enum(decisionOutcomes),
        why: z.string(),
      }),
    ),
    trialist: trialistSchema,
  })
  .meta({ id: 'Simulation' })

export const playbookApi = {
  'GET /api/playbook': {
    answers: { 200: { description: 'The playbook', schema: versionSchema } },
  },
  'GET /api/playbook/versions': {
    query: z.strictObject({
      before: z.coerce.number().int().min(1).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
    answers: {
      200: {
        description: 'Versions without their content',
        schema: z.object({ versions: z.array(versionHead) }),
      },
    },
  },
  'GET /api/playbook/versions/{version}': {
    params: z.strictObject({ version: z.coerce.number().int().min(1).max(99_999_999) }),
    answers: { 200: { description: 'The version', schema: versionSchema } },
  },
  'POST /api/playbook/validate': {
    body: documentOf,
    answers: {
      200: {
        description: 'The playbook with every default filled in',
        schema: z.object({ playbook: playbookSchema }),
      },
    },
  },
  'POST /api/playbook/dry-run': {
    body: documentOf,
    answers: { 200: { description: 'The difference', schema: dryRunSchema } },
  },
  'GET /api/playbook/draft': {
    answers: {
      200: { description: 'Your draft, or null', schema: z.object({ draft: draftSchema.nullable() }) },
    },
  },
  'PUT /api/playbook/draft': {
    body: z.strictObject({
      playbook: documentOf,
      basedOn: z.int().min(1),
      revision: z.int().min(0).describe('The revision you changed; 0 when there was no draft.'),
    }),
    answers: { 200: { description: 'The draft as saved', schema: draftSchema } },
  },
  'DELETE /api/playbook/draft': { answers: { 204: { description: 'Thrown away, or there was none' } } },
  'GET /playbook.schema.json': {
    answers: { 200: { description: 'JSON Schema 2020-12', schema: anyObject } },
  },
  'PUT /api/playbook': {
    query: z.strictObject({ note: z.string().max(500).default('') }),
    body: documentOf,
    answers: {
      200: {
        description: 'The version, and the job that re-plans every trial',
        schema: versionSchema.extend({ job: jobSchema }),
      },
    },
  },
  'POST /api/simulate': {
    body: simulateSchema,
    answers: { 200: { description: 'Every decision, in order', schema: answerSchema } },
  },
  'POST /api/nudges/{nudgeId}/preview-link': {
    params: z.strictObject({ nudgeId: z.string().max(60) }),
    body: z.strictObject({
      page: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .describe('A page with the snippet in it.'),
    }),
    answers: {
      200: { description: 'The link', schema: z.object({ url: z.url(), expiresAt: z.iso.datetime() }) },
    },
  },
} satisfies ApiTable
