import * as z from 'zod'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { AuditLog } from './audit-log.ts'

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

export function auditRoutes({ audit }: { audit: AuditLog }): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/audit',
      id: 'listAudit',
      tag: 'Audit',
      summary: 'Who did what, newest first; each row’s hash covers the one before',
      role: 'admin',
      query: z.strictObject({
        before: z.coerce.number().int().min(1).max(1e12).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      answers: { 200: { description: 'Rows', schema: z.object({ rows: z.array(rowSchema) }) } },
      async handle({ workspace, query }) {
        const { before, limit } = query
        return ok({
          rows: await audit.list(workspace.id, { limit, ...(before !== undefined && { before }) }),
        })
      },
    }),
    route({
      method: 'get',
      path: '/api/audit/verify',
      id: 'verifyAudit',
      tag: 'Audit',
      summary: 'Whether the chain is whole, or where it breaks',
      role: 'admin',
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
      handle: async ({ workspace }) => ok(await audit.verify(workspace.id)),
    }),
  ]
}
