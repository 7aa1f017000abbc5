import { createHash } from 'node:crypto'
import type { TrialId } from '../../../shared/trial.ts'
import { differenceOf, type Rows } from '../../domain/metrics/measure-trial.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { untilStored } from '../../storage/update-document.ts'
import type { Change, Rollups } from './rollups.ts'

/** What one trial has added; kind `measure`, under a hash, because ids of trials name people. */
interface StoredMeasure {
  /** With what is pending. */
  readonly rows: Rows
  /** Noted, and perhaps not in every roll-up yet. */
  readonly pending: Change | null
}

export interface Ledger {
  /**
   * Makes the roll-ups hold what the trial adds to them now, in whatever state they and other workers are.
   * @param place `<workspace>/<generation>`
   * @param measure reads what is stored now. null: the trial is gone, and what it has added stays.
   * @throws StorageUnavailable
   */
  settle(place: string, trialId: TrialId, measure: () => Promise<Rows | null>): Promise<void>
}

const kind = 'measure'

const hashOf = (trialId: TrialId): string => createHash('sha256').update(trialId).digest('base64url')
/** An id of a change begins with the hash of its trial. */
const trialHashOf = (changeId: string): string => changeId.slice(0, changeId.indexOf('.'))

/**
 * Exactly once, at any interleaving of any number of workers, although trial and roll-ups are separate documents:
 *
 * - A difference is noted with its trial before it is added anywhere, and no second one is noted before it is settled.
 * - What is measured is read after the trial's measure was, and stored only over that same measure: so an old state
 *   never covers a newer one.
 * - How a roll-up takes a difference once is told in rollups.ts.
 */
export function createLedger({
  documents,
  rollups,
  newId,
}: {
  documents: DocumentStore
  rollups: Pick<Rollups, 'apply'>
  newId: () => string
}): Ledger {
  /** Adds what is noted; who notices that it is settled by now has nothing more to do. */
  async function finish(place: string, id: string, noted: StoredMeasure, change: Change, version: number) {
    const isPending = async (changeId: string): Promise<boolean> => {
      const found = await documents.get<StoredMeasure>(kind, `${place}/${trialHashOf(changeId)}`)
      return found?.body.pending?.id === changeId
    }
    await rollups.apply(place, change, isPending)
    await documents.put<StoredMeasure>(kind, id, { ...noted, pending: null }, version)
  }

  return {
    async settle(place, trialId, measure) {
      const hash = hashOf(trialId)
      const id = `${place}/${hash}`
      await untilStored(documents, `${kind} ${id}`, async () => {
        const found = await documents.get<StoredMeasure>(kind, id)
        if (found?.body.pending) {
          await finish(place, id, found.body, found.body.pending, found.version)
          return null
        }
        const rows = await measure()
        if (rows === null) return true
        const difference = differenceOf(found?.body.rows ?? {}, rows)
        if (Object.keys(difference).length === 0) return true
        const pending: Change = { id: `${hash}.${newId()}`, difference }
        const noted = { rows, pending }
        const version = await documents.put<StoredMeasure>(kind, id, noted, found?.version ?? 0)
        if (version === null) return null
        await finish(place, id, noted, pending, version)
        return true
      })
    },
  }
}
