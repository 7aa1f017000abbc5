import type { TrialId } from '../../shared/trial.ts'
import type { Trial } from '../domain/trial/model.ts'

/**
 * Parsed trials that were used last. Never trusted: anyone who uses one compares its version with the stored one. Only
 * what is committed may go in, for a version that was rolled back can be given to another content.
 */
export interface HotTrials<Entry extends HotTrial> {
  get(id: TrialId): Entry | undefined
  set(entry: Entry): void
  delete(id: TrialId): void
}

export interface HotTrial {
  readonly trial: Trial
  /** Length of its JSON, by which memory is bounded. */
  readonly chars: number
}

/** About 40 MB of parsed trials. */
const maxChars = 8_000_000

export function createHotTrials<Entry extends HotTrial>(): HotTrials<Entry> {
  /** In order of use, oldest first. */
  const entries = new Map<TrialId, Entry>()
  let total = 0
  const drop = (id: TrialId) => {
    const entry = entries.get(id)
    if (!entry) return
    total -= entry.chars
    entries.delete(id)
  }
  return {
    get(id) {
      const entry = entries.get(id)
      if (!entry) return undefined
      entries.delete(id)
      entries.set(id, entry)
      return entry
    },
    set(entry) {
      drop(entry.trial.id)
      entries.set(entry.trial.id, entry)
      total += entry.chars
      for (const id of entries.keys()) {
        if (total <= maxChars) break
        drop(id)
      }
    },
    delete: drop,
  }
}
