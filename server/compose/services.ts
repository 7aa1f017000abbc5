import type { Playbook } from '../../shared/playbook.ts'
import type { Config } from '../config.ts'
import { compilePlaybook } from '../domain/playbook/compile.ts'
import { createAccounts } from '../features/accounts/account-service.ts'
import { createPasswordResets } from '../features/accounts/password-resets.ts'
import { createAuditLog } from '../features/audit/audit-log.ts'
import { createOauthGrants } from '../features/companion/oauth-grants.ts'
import { createPlaybooks, type WarnLog } from '../features/playbook/playbook-service.ts'
import { migrateSuppressions } from '../features/suppressions/suppressions-feature.ts'
import { createTrialChanges } from '../features/trials/change-trial.ts'
import { createMemberships } from '../features/trials/memberships.ts'
import { openVault } from '../features/workspaces/open-vault.ts'
import { createWorkspaces } from '../features/workspaces/workspace-service.ts'
import type { Clock, Ids } from '../ports.ts'
import type { Storage } from '../storage/port.ts'

/** What features and the CLI share, read from the database before anything else: whose it is, and its rules. */
export async function createServices({
  config,
  storage,
  clock,
  wallClock,
  ids,
  defaultPlaybook,
  log,
}: {
  config: Config
  storage: Storage
  clock: Clock
  /** For sign-ins: they do not end because the demo’s clock was moved. */
  wallClock: Clock
  ids: Ids
  defaultPlaybook: Playbook
  log: WarnLog
}) {
  const vault = await openVault(storage.documents, config)
  await migrateSuppressions(storage, vault)
  const workspaces = createWorkspaces({ storage, vault, clock, ids })
  const made = await workspaces.start(config)
  const playbooks = createPlaybooks({ storage, clock, compile: compilePlaybook, defaultPlaybook, log })
  await playbooks.start(workspaces.all().map((workspace) => workspace.id))
  const accounts = createAccounts({ storage, clock: wallClock, ids })
  const grants = createOauthGrants({ storage, clock: wallClock, ids })
  const resets = createPasswordResets({ documents: storage.documents, accounts, clock: wallClock, ids })
  const first = workspaces.all()[0]
  if (config.adminEmail && config.adminPassword && first)
    await accounts.seed({
      workspaceId: first.id,
      email: config.adminEmail,
      name: 'Admin',
      password: config.adminPassword,
    })
  const audit = createAuditLog({ storage, clock })
  const changes = createTrialChanges({ storage, playbooks, clock })
  const memberships = createMemberships({ storage, changes })
  return { vault, workspaces, made, playbooks, accounts, grants, resets, audit, changes, memberships }
}

export type Services = Awaited<ReturnType<typeof createServices>>
