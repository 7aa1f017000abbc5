import { createHash } from 'node:crypto'
import type { EmailAddress, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { SuppressionReason } from '../../domain/model.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Workspaces } from '../workspaces/workspaces.ts'

/** An address that is never mailed again, and why. */
export interface Suppression {
  readonly workspaceId: WorkspaceId
  readonly address: EmailAddress
  readonly reason: SuppressionReason
  readonly at: number
  /** Token of the mail that brought it about; null when a person or an import did. */
  readonly token: string | null
}

export interface Suppressions {
  /** Enters the address and stops mail to every trial that has it. Doing it again changes nothing. */
  suppress(request: {
    workspaceId: WorkspaceId
    trialId: TrialId
    reason: SuppressionReason
    token: string | null
  }): Promise<void>
  /** A complaint: stops mail to that address in every workspace. */
  suppressEverywhere(request: {
    workspaceId: WorkspaceId
    trialId: TrialId
    reason: SuppressionReason
    token: string | null
  }): Promise<void>
  /** Takes an entry of that reason back (“this is not spam”). */
  lift(request: { workspaceId: WorkspaceId; trialId: TrialId; reason: SuppressionReason }): Promise<void>
  /** The entry of an address, also from before a trial with it began. */
  find(workspaceId: WorkspaceId, address: EmailAddress): Promise<Suppression | null>
  list(workspaceId: WorkspaceId, request: { after?: string; limit: number }): Promise<Suppression[]>
}

const kind = 'suppression'
const pageSize = 100

/** Not the address itself, so that ids in logs and file names say nothing about anybody. */
const suppressionId = (workspaceId: WorkspaceId, address: string): string =>
  `${workspaceId}/${createHash('sha256').update(address).digest('base64url')}`

export function createSuppressions({
  storage,
  changes,
  workspaces,
  clock,
}: {
  storage: Storage
  changes: TrialChanges
  workspaces: Workspaces
  clock: Clock
}): Suppressions {
  const { documents, trials } = storage

  async function trialsWith(workspaceId: WorkspaceId, email: EmailAddress): Promise<TrialId[]> {
    const ids: TrialId[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await trials.list({
        workspaceId,
        email,
        sort: 'createdAt',
        limit: pageSize,
        ...(cursor ? { cursor } : {}),
      })
      ids.push(...page.trials.map(({ id }) => id))
      cursor = page.cursor
    }
    return ids
  }

  const enter = async (entry: Suppression): Promise<void> => {
    await documents.put(kind, suppressionId(entry.workspaceId, entry.address), entry, 0)
    for (const id of await trialsWith(entry.workspaceId, entry.address))
      await changes.change(id, { type: 'suppress', reason: entry.reason })
  }

  const addressOf = async (trialId: TrialId): Promise<EmailAddress | null> =>
    (await trials.get(trialId))?.person.email ?? null

  return {
    async suppress({ workspaceId, trialId, reason, token }) {
      // The trial itself first: it must stop even when its address was taken away meanwhile.
      await changes.change(trialId, { type: 'suppress', reason })
      const address = await addressOf(trialId)
      if (address) await enter({ workspaceId, address, reason, at: clock.now(), token })
    },
    async suppressEverywhere({ workspaceId, trialId, reason, token }) {
      await this.suppress({ workspaceId, trialId, reason, token })
      const address = await addressOf(trialId)
      if (!address) return
      for (const { id } of workspaces.all())
        if (id !== workspaceId)
          await enter({ workspaceId: id, address, reason, at: clock.now(), token: null })
    },
    async lift({ workspaceId, trialId, reason }) {
      const address = await addressOf(trialId)
      if (!address) return
      const entry = await documents.get<Suppression>(kind, suppressionId(workspaceId, address))
      if (entry?.body.reason !== reason) return
      await documents.delete(kind, suppressionId(workspaceId, address))
      for (const id of await trialsWith(workspaceId, address))
        await changes.change(id, { type: 'unsuppress' })
    },
    find: async (workspaceId, address) =>
      (await documents.get<Suppression>(kind, suppressionId(workspaceId, address)))?.body ?? null,
    async list(workspaceId, { after, limit }) {
      const found = await documents.list<Suppression>(kind, {
        prefix: `${workspaceId}/`,
        limit,
        ...(after ? { after } : {}),
      })
      return found.map(({ body }) => body)
    },
  }
}
