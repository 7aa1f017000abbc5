import type { EmailAddress, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { SuppressionReason } from '../../domain/model.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Suppressions } from '../messages/suppressions.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Workspaces } from '../workspaces/workspaces.ts'

/** Somebody is to get no more mail, by their own wish or because their mailbox says so. */
export interface StopRequest {
  readonly workspaceId: WorkspaceId
  readonly trialId: TrialId
  readonly reason: SuppressionReason
}

/** Stops mail for an address as a whole: the list that outlives the person, and every trial that has the address. */
export interface MailStop {
  /** Doing it again changes nothing. */
  stop(request: StopRequest): Promise<void>
  /** A complaint: stops mail to that address in every workspace. */
  stopEverywhere(request: StopRequest): Promise<void>
  /** Takes it back where the list names that very reason (“this is not spam”). */
  lift(request: StopRequest): Promise<void>
}

const pageSize = 100

export function createMailStop({
  storage,
  suppressions,
  changes,
  workspaces,
  clock,
}: {
  storage: Storage
  suppressions: Suppressions
  changes: TrialChanges
  workspaces: Workspaces
  clock: Clock
}): MailStop {
  const { trials } = storage

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

  async function enter(workspaceId: WorkspaceId, address: EmailAddress, reason: SuppressionReason) {
    await suppressions.add(workspaceId, address, { reason, at: clock.now() })
    for (const id of await trialsWith(workspaceId, address))
      await changes.change(id, { type: 'suppress', reason })
  }

  const addressOf = async (trialId: TrialId): Promise<EmailAddress | null> =>
    (await trials.get(trialId))?.person.email ?? null

  async function stop({ workspaceId, trialId, reason }: StopRequest): Promise<EmailAddress | null> {
    // The trial itself first: it must stop even when its address was taken away meanwhile.
    await changes.change(trialId, { type: 'suppress', reason })
    const address = await addressOf(trialId)
    if (address) await enter(workspaceId, address, reason)
    return address
  }

  return {
    async stop(request) {
      await stop(request)
    },
    async stopEverywhere(request) {
      const address = await stop(request)
      if (!address) return
      for (const { id } of workspaces.all())
        if (id !== request.workspaceId) await enter(id, address, request.reason)
    },
    async lift({ workspaceId, trialId, reason }) {
      const address = await addressOf(trialId)
      if (!address || (await suppressions.find(workspaceId, address))?.reason !== reason) return
      await suppressions.remove(workspaceId, address)
      for (const id of await trialsWith(workspaceId, address))
        await changes.change(id, { type: 'unsuppress' })
    },
  }
}
