import { auditApi } from '../../../shared/api/audit.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { AuditLog } from './audit-log.ts'

export function auditRoutes({ audit }: { audit: AuditLog }): Route[] {
  return [
    route(auditApi, 'GET /api/audit', {
      id: 'listAudit',
      tag: 'Audit',
      summary: 'List who did what, newest first; each row’s hash covers the row before',
      role: 'admin',
      async handle({ workspace, query }) {
        const { before, limit } = query
        return ok({
          rows: await audit.list(workspace.id, { limit, ...(before !== undefined && { before }) }),
        })
      },
    }),
    route(auditApi, 'GET /api/audit/verify', {
      id: 'verifyAudit',
      tag: 'Audit',
      summary: 'Verify the hash chain: whether it is intact, or where it breaks',
      role: 'admin',
      handle: async ({ workspace }) => ok(await audit.verify(workspace.id)),
    }),
  ]
}
