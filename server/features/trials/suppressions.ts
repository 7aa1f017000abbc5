import { createHmac } from 'node:crypto'
import type { EmailAddress } from '../../../shared/trial.ts'
import type { SuppressionReason } from '../../domain/model.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Workspace } from '../workspaces/workspaces.ts'

/**
 * Objections that outlive the trial they were made in: a person who unsubscribed, was erased and comes back is still
 * not mailed. Only a keyed hash of the address is kept.
 */
export interface Suppressions {
  keep(workspace: Workspace, email: EmailAddress, reason: SuppressionReason): Promise<void>
  find(workspace: Workspace, email: EmailAddress): Promise<SuppressionReason | null>
}

const kind = 'suppression'

const idOf = (workspace: Workspace, email: EmailAddress): string =>
  `${workspace.id}/${createHmac('sha256', workspace.linkSecret).update(`suppression:${email}`).digest('base64url')}`

export function createSuppressions({
  storage: { documents },
  clock,
}: {
  storage: Storage
  clock: Clock
}): Suppressions {
  return {
    async keep(workspace, email, reason) {
      await documents.put(kind, idOf(workspace, email), { reason, at: clock.now() })
    },
    async find(workspace, email) {
      const found = await documents.get<{ reason: SuppressionReason }>(kind, idOf(workspace, email))
      return found?.body.reason ?? null
    },
  }
}
