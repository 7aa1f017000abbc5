import type { Route } from '../../http/app-route.ts'
import type { Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { FirstSignIn } from '../accounts/accounts-feature.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import { setupRoutes } from './setup-routes.ts'
import { createSetupTokens } from './setup-tokens.ts'

/** The first start: an owner, a product and a playbook of its own, behind a token from the console. */
export function createSetupFeature({
  storage,
  ids,
  ...parts
}: {
  storage: Pick<Storage, 'documents'>
  ids: Ids
  accounts: Accounts
  workspaces: WorkspaceService
  playbooks: PlaybookService
  audit: AuditLog
  firstSignIn: FirstSignIn
}): { readonly routes: Route[] } {
  const tokens = createSetupTokens({ documents: storage.documents, ids })
  return { routes: setupRoutes({ ...parts, tokens }) }
}
