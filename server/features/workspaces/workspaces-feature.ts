import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Route } from '../../http/app-route.ts'
import { packageRoot } from '../../package-root.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { identityRoutes } from './identity-routes.ts'
import { workspaceRoutes } from './workspace-routes.ts'
import type { WorkspaceService } from './workspace-service.ts'

function readStub(): string | null {
  const file = join(packageRoot, 'dist', 'sdk', 'v1', 'stub.js')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

/** The workspace, its keys and the snippet to install. */
export const createWorkspacesFeature = (parts: {
  workspaces: WorkspaceService
  audit: AuditLog
  publicUrl: string
  storage: Storage
}): { readonly routes: Route[] } => ({
  routes: [
    ...workspaceRoutes({ ...parts, stub: readStub() }),
    ...identityRoutes({ ...parts, documents: parts.storage.documents }),
  ],
})
