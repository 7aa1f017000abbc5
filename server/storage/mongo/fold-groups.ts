import { setTimeout as sleep } from 'node:timers/promises'
import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { type Fold, type LoggedEvent, StorageUnavailable } from '../port.ts'
import type { EventDocuments } from './event-documents.ts'
import type { StoredTrial, TrialDocuments } from './trial-documents.ts'

/** Logged events of one trial that are folded together or not at all. */
export interface FoldGroup {
  readonly id: TrialId
  readonly foldId: string
  readonly events: readonly LoggedEvent[]
}

/** Each try loses only to a writer that won. */
const maxConflicts = 100

/** From this length on it is worth asking which folds of a trial are still waiting to be marked. */
const manyFolds = 16

/**
 * Folds each group exactly once, anyone who else is at it (a sweeper, the one that logged the events, or both after a
 * crash). Log and trial are two documents and no transaction spans them, so the trial itself remembers the fold:
 * its id is saved in the same compare-and-set, and leaves the list only at a save after the events were marked.
 * Hence, for a trial that was loaded before something is asked of the log:
 *   the id is in the list            → folded
 *   it is not, events are marked     → folded, marked and dropped from the list
 *   it is not, events are unmarked   → not folded in this version; the compare-and-set settles the rest
 * @param known trials as they were before the events were logged: no one can have folded those. null: not known.
 * @returns every trial as saved, with how many events this call folded.
 */
export async function foldGroups(
  { trials, events, isMarked }: FoldParts,
  groups: readonly FoldGroup[],
  known: ReadonlyMap<TrialId, StoredTrial> | null,
  fold: Fold,
): Promise<{ trials: Map<TrialId, Trial>; folded: number }> {
  const result = { trials: new Map<TrialId, Trial>(), folded: 0 }
  let open = groups
  let stored = known
  for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
    if (!stored) {
      stored = await trials.load(open.map(({ id }) => id))
      open = await unfolded(open, stored)
    }
    if (open.length === 0) return result
    const saved = await trials.saveFolded(await Promise.all(open.map((group) => attempt(group, stored!))))
    for (const { id, events } of open) if (saved.has(id)) result.folded += events.length
    for (const [id, trial] of saved) result.trials.set(id, trial)
    open = open.filter(({ id }) => !saved.has(id))
    if (open.length === 0) return result
    stored = null
    await sleep(Math.random() * Math.min(conflicts + 1, 10))
  }
  throw new StorageUnavailable(`${open.length} trials could not be saved: ${maxConflicts} conflicts in a row`)

  async function unfolded(groups: readonly FoldGroup[], loaded: ReadonlyMap<TrialId, StoredTrial>) {
    const waiting = await events.waiting(groups.map(({ foldId }) => foldId))
    return groups.filter(({ id, foldId }) => {
      const current = loaded.get(id)
      const isFolded = current?.folds.includes(foldId) || !waiting.has(foldId)
      if (isFolded && current) result.trials.set(id, current.trial)
      return !isFolded
    })
  }

  async function attempt({ id, foldId, events }: FoldGroup, loaded: ReadonlyMap<TrialId, StoredTrial>) {
    const current = loaded.get(id)
    const kept = await unmarked(current?.folds ?? [])
    return { trial: fold(id, current?.trial ?? null, events), foldId, folds: [...kept, foldId] }
  }

  async function unmarked(folds: readonly string[]): Promise<string[]> {
    const left = folds.filter((foldId) => !isMarked(foldId))
    if (left.length < manyFolds) return left
    const waiting = await events.waiting(left)
    return left.filter((foldId) => waiting.has(foldId))
  }
}

export interface FoldParts {
  readonly trials: TrialDocuments
  readonly events: EventDocuments
  /** Whether this process knows that all events of the fold were marked. */
  readonly isMarked: (foldId: string) => boolean
}
