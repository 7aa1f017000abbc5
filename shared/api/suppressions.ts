import * as z from 'zod'
import { parseEmailAddress, suppressionReasons } from '../trial.ts'
import type { ApiTable } from './endpoint.ts'

const address = z
  .string()
  .max(320)
  .transform((value, context) => {
    const parsed = parseEmailAddress(value)
    if (parsed) return parsed
    context.addIssue({ code: 'custom', message: 'must be an email address' })
    return z.NEVER
  })

const reason = z.enum(suppressionReasons)

export const cursorPattern = /^(\d{1,16})\.([0-9a-f]{40})$/

const listQuery = z.strictObject({
  address: address.optional().describe('Only this address.'),
  reason: reason.optional(),
  cursor: z.string().regex(cursorPattern, 'must be a cursor of an earlier answer').optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const suppressionSchema = z
  .object({
    id: z.string().describe('Keyed hash of the address: the list holds no addresses.'),
    address: z.string().nullable().describe('Known while someone who has it is here.'),
    reason,
    since: z.iso.datetime(),
    until: z.iso.datetime().nullable().describe('When it ends by itself.'),
    liftedBy: z.enum(['rep', 'admin']).describe('The least role that may remove it.'),
    trialists: z
      .array(
        z.object({
          userId: z.string().nullable(),
          name: z.string().nullable(),
          email: z.string().nullable(),
        }),
      )
      .describe('Whom it concerns; the address may have changed since.'),
  })
  .meta({ id: 'Suppression', description: 'An address on the suppression list.' })

export const suppressionsApi = {
  'GET /api/suppressions': {
    query: listQuery,
    answers: {
      200: {
        description: 'Entries, and how many there are for each reason',
        schema: z.object({
          suppressions: z.array(suppressionSchema),
          counts: z.partialRecord(reason, z.int()),
          cursor: z.string().nullable(),
        }),
      },
    },
  },
  'POST /api/suppressions': {
    body: z.strictObject({
      address,
      reason: reason.default('manual'),
    }),
    answers: {
      200: {
        description: 'It was on the list already, for the same or a stronger reason',
        schema: suppressionSchema,
      },
      201: { description: 'It is on the list now', schema: suppressionSchema },
    },
  },
  'DELETE /api/suppressions/{id}': {
    params: z.strictObject({ id: z.string().min(1).max(320).describe('Id of the entry, or the address.') }),
    query: z.strictObject({
      note: z.string().trim().min(1).max(500).optional().describe('Why; goes into the audit log.'),
    }),
    answers: { 204: { description: 'Removed' } },
  },
} satisfies ApiTable
