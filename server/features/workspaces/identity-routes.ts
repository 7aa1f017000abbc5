import { workspaceApi } from '../../../shared/api/workspace.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { WorkspaceService } from './workspace-service.ts'

const tag = 'Workspace'

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
    route(workspaceApi, 'PUT /api/workspace/identity', {
      id: 'setIdentity',
      tag,
      summary: 'Set whether users must be signed (`required`), or unsigned usage counts too (`trusting`)',
      role: 'admin',
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
    route(workspaceApi, 'GET /api/workspace/identity', {
      id: 'getIdentity',
      tag,
      summary: 'Get the identity mode, and whether the last identify call of a browser was signed',
      role: 'rep',
      async handle({ workspace }) {
        const found = await documents.get('identity-check', workspace.id)
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
