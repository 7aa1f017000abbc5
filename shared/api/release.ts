import * as z from 'zod'
import { releaseGaps, sendingModes } from '../sending.ts'
import { messageKinds } from '../trial.ts'
import type { ApiTable } from './endpoint.ts'

const gapSchema = z.object({
  gap: z.enum(releaseGaps),
  needed: z.boolean().describe('false: worth knowing; the workspace can be released as it is.'),
  detail: z.string(),
  fix: z.string(),
})

const sendingSchema = z
  .object({
    releasedAt: z.iso.datetime().nullable().describe('null: no email goes to anyone yet.'),
    mode: z.enum(sendingModes),
    testAddress: z.string().nullable(),
    held: z.string().nullable().describe('Why due emails wait; null: they go.'),
    gaps: z.array(gapSchema).describe('What is missing before the first email.'),
  })
  .meta({ id: 'Sending', description: 'Whether and where the emails of the workspace go.' })

const previewSchema = z.object({
  people: z.int().describe('Who would get an email now.'),
  kinds: z.partialRecord(z.enum(messageKinds), z.int()),
  late: z.int().describe('Emails that were held and are of no more use.'),
  complete: z.boolean().describe('false: there are more trialists than were counted.'),
})

export const releaseApi = {
  'GET /api/workspace/sending': {
    answers: { 200: { description: 'As it is now', schema: sendingSchema } },
  },
  'PUT /api/workspace/sending': {
    body: z.strictObject({
      mode: z.enum(sendingModes),
      testAddress: z.email().max(254).optional().describe('Needed with `test`.'),
    }),
    answers: { 200: { description: 'As it is now', schema: sendingSchema } },
  },
  'GET /api/workspace/release': {
    answers: { 200: { description: 'Who would get an email now', schema: previewSchema } },
  },
  'POST /api/workspace/release': {
    body: z.strictObject({
      anyway: z.boolean().default(false).describe('Release it although something needed is missing.'),
    }),
    answers: { 200: { description: 'As it is now', schema: sendingSchema } },
  },
} satisfies ApiTable
