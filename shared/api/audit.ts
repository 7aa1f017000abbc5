import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

const rowSchema = z
  .object({
    seq: z.int(),
    at: z.iso.datetime(),
    by: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    ip: z.string().nullable(),
    prev: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditRow' })

export const auditApi = {
  'GET /api/audit': {
    query: z.strictObject({
      before: z.coerce.number().int().min(1).max(1e12).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answers: { 200: { description: 'Rows', schema: z.object({ rows: z.array(rowSchema) }) } },
  },
  'GET /api/audit/verify': {
    answers: {
      200: {
        description: 'The verdict',
        schema: z.object({
          intact: z.boolean(),
          rows: z.int(),
          head: z.string().optional(),
          at: z.int().optional(),
          why: z.string().optional(),
        }),
      },
    },
  },
} satisfies ApiTable
