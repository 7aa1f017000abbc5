import * as z from 'zod'
import { parseDay } from '../clock.ts'
import type { ApiTable } from './endpoint.ts'
import { jobSchema } from './jobs.ts'

/** How much one upload may hold; larger files are sent in several. */
export const importMaxBytes = 8 * 1024 * 1024
export const importMaxRows = 50_000

const importSchema = z
  .object({
    id: z.string(),
    job: jobSchema,
    rows: z.int().describe('In the upload, faulty ones included.'),
    imported: z.int(),
    rejected: z.int(),
    quiet: z.boolean(),
    dryRun: z.boolean().describe('true: nothing is stored or sent; the counts say what would be.'),
    encoding: z
      .literal('windows-1252')
      .nullable()
      .describe('The file was not UTF-8 and is read as this: look at a few names.'),
    created: z.int().describe('Of the imported: people who were not known before.'),
    updated: z.int(),
    rehearsal: z
      .object({
        emailNow: z
          .int()
          .describe('People who would be emailed at once, decided as the sending loop decides.'),
        emailWithinDay: z
          .int()
          .describe('People who would be emailed within the next 24 hours, those left out.'),
        kinds: z.record(z.string(), z.int()).describe('How many emails of each kind would leave at once.'),
        undated: z
          .int()
          .describe(
            'New people without `trial.startsAt`, `trial.endsAt` or `createdAt`, as long as `undated` does not name their start.',
          ),
        held: z
          .object({ people: z.int(), why: z.string() })
          .nullable()
          .describe(
            'Sending is paused or not released: `people` would be emailed once it goes on, no one now.',
          ),
      })
      .nullable()
      .describe('Of a dry run.'),
  })
  .meta({ id: 'Import', description: 'An upload of people, worked off as a job.' })

const params = z.strictObject({ id: z.string().min(1).max(100) })

export const importsApi = {
  'POST /api/imports': {
    query: z.strictObject({
      format: z.enum(['csv', 'ndjson']),
      quiet: z
        .enum(['true', 'false'])
        .default('false')
        .describe('true: nothing is sent to these people until someone ends their pause.'),
      undated: z
        .string()
        .refine(
          (text) => text === 'today' || parseDay(text) !== null,
          'must be today or a date such as 2026-03-01',
        )
        .optional()
        .describe(
          'When new people without any date began: `today` (they are welcomed), or the day since when they are here. Needed where there are such people, unless `quiet`.',
        ),
      dryRun: z
        .enum(['true', 'false'])
        .default('false')
        .describe('true: only says what the import would do, and whom it would email; stores no one.'),
    }),
    body: z.instanceof(Uint8Array).refine((raw) => raw.length > 0, 'must hold at least one row'),
    answers: { 202: { description: 'Stored; the job imports it', schema: importSchema } },
  },
  'GET /api/imports/{id}': {
    params,
    answers: { 200: { description: 'The import as it stands', schema: importSchema } },
  },
  'GET /api/imports/{id}/rejected': {
    params,
    answers: {
      200: {
        description: 'Rows that were not imported, with the reason; to be corrected and sent again',
        schema: z.object({
          rows: z.array(z.object({ line: z.int(), userId: z.string().nullable(), why: z.string() })),
        }),
      },
    },
  },
} satisfies ApiTable
