import type { TrialId } from '../../../shared/trial.ts'
import { groupByTrial } from '../group-events.ts'
import { eventKey } from '../logged-event.ts'
import { type Fold, type IngestResult, type LoggedEvent, StorageUnavailable } from '../port.ts'
import { available } from './connection.ts'
import type { EventDocuments } from './event-documents.ts'
import { foldGroups } from './fold-groups.ts'
import { newFoldIds } from './fold-id.ts'
import { createMarker } from './mark-folded.ts'
import type { StoredTrial, TrialDocuments } from './trial-documents.ts'

/** Moments at which a crash leaves something behind; tests throw or wait there. */
export type IngestPoint = 'logged' | 'folded'

export interface Ingestion {
  ingest(events: readonly LoggedEvent[], fold: Fold): Promise<IngestResult>
  sweep(loggedBefore: number, fold: Fold): Promise<number>
  /** Resolves when nothing waits to be marked any more. */
  settled(): Promise<void>
}

const foldsPerPage = 500

export function createIngestion({
  trials,
  events: log,
  now,
  reached = () => {},
}: {
  trials: TrialDocuments
  events: EventDocuments
  /** The database server’s clock, without asking it. */
  now: () => number
  reached?: ((point: IngestPoint) => void | Promise<void>) | undefined
}): Ingestion {
  const marker = createMarker(log)
  const parts = { trials, events: log, isMarked: marker.isMarked }

  /** Before the events are logged, see {@link foldGroups}. */
  async function loadBefore(ids: readonly TrialId[]): Promise<Map<TrialId, StoredTrial>> {
    const known = new Map<TrialId, StoredTrial>()
    for (const id of ids) {
      const hot = trials.hot.get(id)
      if (hot) known.set(id, hot)
    }
    const unknown = ids.filter((id) => !known.has(id))
    if (unknown.length === 0) return known
    return new Map([...known, ...(await trials.load(unknown))])
  }

  return {
    ingest: (events, fold) =>
      available(async () => {
        if (events.length === 0) return { duplicates: new Set(), trials: new Map() }
        const ids = [...groupByTrial(events).keys()]
        const known = await loadBefore(ids)
        const foldIdAt = newFoldIds(now())
        const foldIds = new Map(ids.map((id, index) => [id, foldIdAt(index)]))
        const duplicates = await log.insert(events, (id) => foldIds.get(id)!)
        await reached('logged')
        const groups = [...groupByTrial(events, duplicates)].map(([id, group]) => ({
          id,
          foldId: foldIds.get(id)!,
          events: group,
        }))
        const folded = await foldGroups(parts, groups, known, fold)
        await reached('folded')
        if (groups.length > 0) marker.later(groups.map(({ foldId }) => foldId))
        return { duplicates, trials: folded.trials }
      }),

    sweep: (loggedBefore, fold) =>
      available(async () => {
        let swept = 0
        for (let after = ''; ; ) {
          const foldIds = await log.waitingSince(loggedBefore, after, foldsPerPage)
          if (foldIds.length === 0) return swept
          for (const foldId of foldIds) swept += await sweepFold(foldId, fold)
          after = foldIds.at(-1)!
        }
      }),

    settled: marker.settled,
  }

  async function sweepFold(foldId: string, fold: Fold): Promise<number> {
    const events = await log.ofFold(foldId)
    const [group, ...others] = [...groupByTrial(events)].map(([id, group]) => ({ id, foldId, events: group }))
    if (!group) return 0
    if (others.length > 0) throw new StorageUnavailable(`fold ${foldId} names more than one trial`)
    const { folded } = await foldGroups(parts, [group], null, fold)
    await log.markKeys(events.map(eventKey))
    marker.noteMarked(foldId)
    return folded
  }
}
