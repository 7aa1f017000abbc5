import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { type IdentityFault, identityCheckSchema } from '../../../shared/identity-check.ts'
import { identityModes } from '../../domain/workspace.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { WorkspaceService } from './workspace-service.ts'

const tag = 'Workspace'
const mode = z.enum(identityModes)

/** How far a browser is believed that says who its user is. */
export function identityRoutes({
  workspaces,
  audit,
  documents,
}: {
  workspaces: WorkspaceService
  audit: AuditLog
  documents: DocumentStore
}): Route[] {
  return [
    route({
      method: 'put',
      path: '/api/workspace/identity',
      id: 'setIdentity',
      tag,
      summary: 'Whether users must be signed (`required`), or unsigned usage counts too (`trusting`)',
      role: 'admin',
      body: z.strictObject({ identity: mode }),
      answers: { 200: { description: 'As it is now', schema: z.object({ identity: mode }) } },
      async handle({ workspace, principal, body: { identity }, ip }) {
        if (identity !== workspace.identity) {
          await workspaces.setIdentity(workspace.id, identity)
          await audit.write(workspace.id, {
            by: principal.id,
            action: 'workspace.identity',
            before: { identity: workspace.identity },
            after: { identity },
            ip,
          })
        }
        return ok({ identity })
      },
    }),
    route({
      method: 'get',
      path: '/api/workspace/identity',
      id: 'getIdentity',
      tag,
      summary: 'How users are believed, and whether the last identify call of a browser was signed',
      role: 'rep',
      answers: {
        200: {
          description: 'The setting; `last` is null before the first call',
          schema: z.object({ identity: mode, last: identityCheckSchema.nullable() }),
        },
      },
      async handle({ workspace }) {
        const found = await documents.get<{ at: number; fault: IdentityFault | null }>(
          'identity-check',
          workspace.id,
        )
        const last = found && {
          at: isoInstant(found.body.at),
          signed: found.body.fault === null,
          fault: found.body.fault,
        }
        return ok({ identity: workspace.identity, last })
      },
    }),
  ]
}
