import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/model.ts'

/** Parsed trials that were used last. Never trusted: whoever uses one compares its version with the stored one. */
export interface HotTrials {
  get(id: TrialId): Trial | undefined
  /** @param chars length of its JSON, by which memory is bounded. */
  set(trial: Trial, chars: number): void
  delete(id: TrialId): void
}

/** About 40 MB of parsed trials. */
const maxChars = 8_000_000

export function createHotTrials(): HotTrials {
  /** In order of use, oldest first. */
  const entries = new Map<TrialId, { trial: Trial; chars: number }>()
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
      return entry.trial
    },
    set(trial, chars) {
      drop(trial.id)
      entries.set(trial.id, { trial, chars })
      total += chars
      for (const id of entries.keys()) {
        if (total <= maxChars) break
        drop(id)
      }
    },
    delete: drop,
  }
}
