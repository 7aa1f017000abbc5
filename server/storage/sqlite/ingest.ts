import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { groupByTrial } from '../group-events.ts'
import type { HotTrial } from '../hot-trials.ts'
import type { Fold, IngestResult, LoggedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import type { EventRows } from './event-rows.ts'
import type { TrialRows } from './trial-rows.ts'

/** Logging and folding are one transaction, so an event that is logged is folded: nothing is left to sweep. */
export async function ingest(
  connection: Connection,
  eventRows: EventRows,
  trialRows: TrialRows,
  events: readonly LoggedEvent[],
  fold: Fold,
): Promise<IngestResult> {
  if (events.length === 0) return { duplicates: new Set(), trials: new Map() }
  const { duplicates, trials, written } = await connection.write(() => {
    const duplicates = eventRows.insert(events)
    const trials = new Map<TrialId, Trial>()
    const written: HotTrial[] = []
    for (const [id, group] of groupByTrial(events, duplicates)) {
      const saved = foldOne(trialRows, id, group, fold)
      written.push(saved)
      trials.set(id, saved.trial)
    }
    return { duplicates, trials, written }
  })
  for (const each of written) trialRows.remember(each)
  return { duplicates, trials }
}

function foldOne(rows: TrialRows, id: TrialId, events: readonly LoggedEvent[], fold: Fold): HotTrial {
  // The recent one is usually the stored one, and the compare-and-set finds out: spares a read for each batch.
  const recent = rows.recent(id)
  const written = recent && rows.save(fold(id, recent, events), recent)
  if (written) return written
  const stored = rows.load(id)
  const saved = rows.save(fold(id, stored, events), stored)
  if (!saved) throw new Error(`fold changed the version of trial ${id}`)
  return saved
}
