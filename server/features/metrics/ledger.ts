import { createHash } from 'node:crypto'
import type { TrialId } from '../../../shared/trial.ts'
import { differenceOf, type Rows } from '../../domain/metrics/measure-trial.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { type DocumentStore, manyDocuments } from '../../storage/port.ts'
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
  /** The same for many trials, each named once: far fewer writes than one by one. */
  settleAll(
    place: string,
    trials: readonly { readonly trialId: TrialId; readonly measure: Measure }[],
  ): Promise<void>
}

type Measure = () => Promise<Rows | null>

interface Before {
  readonly rows: Rows
  readonly version: number
}

/** What is about to be noted with a trial, over the version that it was measured against. */
interface Draft {
  readonly id: string
  readonly rows: Rows
  readonly pending: Change
  readonly expected: number
}

interface Noted extends Omit<Draft, 'expected'> {
  readonly version: number
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
    for (const some of inGroups(all, manyDocuments))
      await documents.putAll(
        kind,
        some.map(({ id, rows, version }) => ({ id, body: { rows, pending: null }, expected: version })),
      )
  }

  /** @returns what is to be noted over what was stored before, or null when there is nothing to add. */
  async function draftOf(id: string, hash: string, before: Before, measure: Measure): Promise<Draft | null> {
    const rows = await measure()
    const difference = rows && differenceOf(before.rows, rows)
    if (!rows || !difference || Object.keys(difference).length === 0) return null
    return { id, rows, pending: { id: `${hash}.${newId()}`, difference }, expected: before.version }
  }

  /** @returns in the order given, null where someone else was faster. */
  async function note(drafts: readonly Draft[]): Promise<(Noted | null)[]> {
    const noted: (Noted | null)[] = []
    for (const some of inGroups(drafts, manyDocuments)) {
      const versions = await documents.putAll(
        kind,
        some.map(({ id, rows, pending, expected }) => ({ id, body: { rows, pending }, expected })),
      )
      for (const [index, { id, rows, pending }] of some.entries()) {
        const version = versions[index] ?? null
        noted.push(version === null ? null : { id, rows, pending, version })
      }
    }
    return noted
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
        const draft = await draftOf(id, hash, before, measure)
        if (draft === null) return true
        const [noted = null] = await note([draft])
        if (noted === null) return null
        await finish(place, [noted])
        return true
      })
    },

    async settleAll(place, trials) {
      const drafts: (Draft & { readonly of: (typeof trials)[number] })[] = []
      const alone: (typeof trials)[number][] = []
      for (const trial of trials) {
        const hash = hashOf(trial.trialId)
        const id = `${place}/${hash}`
        const found = await documents.get(kind, id)
        if (found?.body.pending) {
          alone.push(trial)
          continue
        }
        const before = { rows: found?.body.rows ?? {}, version: found?.version ?? 0 }
        const draft = await draftOf(id, hash, before, trial.measure)
        if (draft) drafts.push({ ...draft, of: trial })
      }
      const noted = await note(drafts)
      await finish(
        place,
        noted.filter((each) => each !== null),
      )
      alone.push(...drafts.filter((_, index) => noted[index] === null).map(({ of }) => of))
      for (const { trialId, measure } of alone) await ledger.settle(place, trialId, measure)
    },
  }
  return ledger
}
