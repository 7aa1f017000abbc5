import { createHash } from 'node:crypto'
import type { TrialId } from '../../../shared/trial.ts'
import { differenceOf, type Rows } from '../../domain/metrics/measure-trial.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { untilStored } from '../../storage/update-document.ts'
import type { Change, Rollups } from './rollups.ts'

export interface Ledger {
  /**
   * Makes the roll-ups hold what the trial adds to them now, in whatever state they and other workers are.
   * @param place `<workspace>/<generation>`
   * @param measure reads what is stored now. null: the trial is gone, and what it has added stays.
   * @throws StorageUnavailable
   */
  settle(place: string, trialId: TrialId, measure: Measure): Promise<void>
  /** The same for many trials, of which most add nothing there yet: far fewer writes than one by one. */
  settleAll(
    place: string,
    trials: readonly { readonly trialId: TrialId; readonly measure: Measure }[],
  ): Promise<void>
}

type Measure = () => Promise<Rows | null>

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
  interface Noted {
    readonly id: string
    readonly rows: Rows
    readonly pending: Change
    readonly version: number
  }

  /** Adds what is noted; who notices that it is settled by now has nothing more to do. */
  async function finish(place: string, all: readonly Noted[]): Promise<void> {
    const isPending = async (changeId: string): Promise<boolean> => {
      const found = await documents.get(kind, `${place}/${trialHashOf(changeId)}`)
      return found?.body.pending?.id === changeId
    }
    await rollups.apply(
      place,
      all.map(({ pending }) => pending),
      isPending,
    )
    for (const { id, rows, version } of all) await documents.put(kind, id, { rows, pending: null }, version)
  }

  /** @returns null when someone else was faster; `nothing` when there is nothing to add. */
  async function note(
    id: string,
    hash: string,
    before: { rows: Rows; version: number },
    measure: Measure,
  ): Promise<Noted | 'nothing' | null> {
    const rows = await measure()
    const difference = rows && differenceOf(before.rows, rows)
    if (!rows || !difference || Object.keys(difference).length === 0) return 'nothing'
    const pending: Change = { id: `${hash}.${newId()}`, difference }
    const version = await documents.put(kind, id, { rows, pending }, before.version)
    return version === null ? null : { id, rows, pending, version }
  }

  const ledger: Ledger = {
    async settle(place, trialId, measure) {
      const hash = hashOf(trialId)
      const id = `${place}/${hash}`
      await untilStored(documents, `${kind} ${id}`, async () => {
        const found = await documents.get(kind, id)
        if (found?.body.pending) {
          const { rows, pending } = found.body
          await finish(place, [{ id, rows, pending, version: found.version }])
          return null
        }
        const before = { rows: found?.body.rows ?? {}, version: found?.version ?? 0 }
        const noted = await note(id, hash, before, measure)
        if (noted !== null && noted !== 'nothing') await finish(place, [noted])
        return noted === null ? null : true
      })
    },

    async settleAll(place, trials) {
      const all: Noted[] = []
      for (const { trialId, measure } of trials) {
        const hash = hashOf(trialId)
        const id = `${place}/${hash}`
        const isNew = (await documents.get(kind, id)) === null
        const noted = isNew ? await note(id, hash, { rows: {}, version: 0 }, measure) : null
        if (noted === null) await ledger.settle(place, trialId, measure)
        else if (noted !== 'nothing') all.push(noted)
      }
      await finish(place, all)
    },
  }
  return ledger
}
