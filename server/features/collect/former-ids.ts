import { LRUCache } from 'lru-cache'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { adoptedLimit, type Trial } from '../../domain/trial/model.ts'
import { moveDocuments } from '../../storage/move-documents.ts'
import type { IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { descriptions, personOf, usageOf } from './fold-events.ts'

/** A trusted source says that two user ids are one person, who goes by `userId` from now on. */
export interface FormerId {
  readonly workspaceId: WorkspaceId
  readonly previousId: string
  readonly userId: string
}

/**
 * User ids that are no longer used. The truth is the former trial: `retire` ends it and names the one that stays in
 * one save, so nothing can be half joined, and the first alias of an id wins. `adopt` then gives what it had to the
 * one that stays, once, however often it is repeated.
 */
export interface FormerIds {
  /** @returns false when no user goes by the previous id. */
  join(former: FormerId): Promise<boolean>
  /** Events of ids that this process knows as former ones count for the person at once. */
  redirect(logged: LoggedEvent[]): void
  /** Counts events for the person that reached the former trial after it was retired. */
  recoverLate(logged: readonly LoggedEvent[], result: IngestResult): Promise<void>
}

const maxKnownChars = 2_000_000

export function createFormerIds({
  storage,
  changes,
  playbooks,
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
}): FormerIds {
  const { trials } = storage
  const known = new LRUCache<TrialId, TrialId>({
    maxSize: maxKnownChars,
    sizeCalculation: (into, from) => into.length + from.length,
  })
  /** One at a time: two ids that are each named the former one of the other must not both be retired. */
  let turn: Promise<unknown> = Promise.resolve()

  /** The trial of the person that an id names now; not there yet where no one has been seen under it. */
  async function lastOf(id: TrialId): Promise<{ id: TrialId; trial: Trial | null }> {
    let [last, trial] = [id, await trials.get(id)]
    // A user of a company is still that user; what the alias brings goes on to the company.
    for (let step = 0; trial?.mergedInto && !trial.membership && step < adoptedLimit; step++) {
      last = trial.mergedInto
      trial = await trials.get(last)
    }
    return { id: last, trial }
  }

  async function adopt(from: Trial, into: TrialId): Promise<TrialId | null> {
    const { userId } = personOf(into, from.workspaceId)
    const create = { workspaceId: from.workspaceId, userId, anonymousId: null }
    const adopted = await changes.change(into, { type: 'adopt', from }, { create })
    if (!adopted) return null
    await moveDocuments(storage.documents, from.id, adopted.trial.id)
    if (!adopted.trial.company) known.set(from.id, adopted.trial.id)
    return into
  }

  async function joinNow({ workspaceId, previousId, userId }: FormerId): Promise<boolean> {
    const from = trialIdOfUser(workspaceId, previousId)
    const stored = await trials.get(from)
    if (!stored) return false
    // Both go on as they are: the former one is a member by a name of their own.
    if (stored.membership) return true
    const { id: into, trial: person } = await lastOf(trialIdOfUser(workspaceId, userId))
    // They are one person already, by an alias the other way round.
    if (into === from) return true
    // Refused where the person has had too many ids: then both go on as they are, and nothing is lost.
    if (stored.mergedInto === null)
      await changes.change(from, { type: 'retire', into, formerIds: person?.adopted ?? [] })
    const former = await trials.get(from)
    if (former?.mergedInto) await adopt(former, former.mergedInto)
    return true
  }

  async function recover(item: LoggedEvent, former: Trial): Promise<void> {
    const into = former.membership ? former.id : former.mergedInto && (await adopt(former, former.mergedInto))
    if (!into) return
    const { claimed, ...event } = item.event
    const usage = usageOf({ ...item, event }, playbooks.current(item.workspaceId))
    const key = `${former.userId}/${event.messageId}`
    await changes.change(into, [
      ...(usage.total > 0
        ? [{ type: 'absorb', anonymousId: key, usage, ofUser: true, ...(claimed && { claimed }) } as const]
        : []),
      ...descriptions(event),
    ])
  }

  return {
    join(former) {
      const joined = turn.then(() => joinNow(former))
      turn = joined.catch(() => {})
      return joined
    },

    redirect(logged) {
      if (known.size === 0) return
      for (const [index, item] of logged.entries()) {
        const into = known.get(item.trialId)
        if (into) logged[index] = { ...item, trialId: into }
      }
    },

    async recoverLate(logged, { trials: folded, duplicates }) {
      const isFormer = (trial: Trial) => trial.mergedInto !== null && trial.userId !== null
      const isLate = (id: TrialId) => {
        const trial = folded.get(id)
        return trial !== undefined && isFormer(trial)
      }
      // The trials are those of everyone who was committed together: a look at all of them, by each, would be long.
      if (duplicates.size === 0 && !logged.some(({ trialId }) => isLate(trialId))) return
      const seen = new Map<TrialId, Trial | null>(folded)
      for (const [index, item] of logged.entries()) {
        const { trialId, event } = item
        // A re-sent one may have been late the first time, with a crash before it was counted.
        if (duplicates.has(index) && !seen.has(trialId)) seen.set(trialId, await trials.get(trialId))
        const trial = seen.get(trialId)
        if (trial && isFormer(trial) && trial.late?.includes(event.messageId)) await recover(item, trial)
      }
    },
  }
}
