import type { WorkspaceId } from '../../../shared/trial.ts'
import { addCounters, type Counters } from '../../domain/metrics/counters.ts'
import type { RowId, Rows } from '../../domain/metrics/measure-trial.ts'
import type { DocumentBodies } from '../../storage/document-registry.ts'
import type { StoredRollup } from '../../storage/documents/metrics.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { type DocumentEntry, type DocumentStore, manyDocuments } from '../../storage/port.ts'
import { untilStored } from '../../storage/update-document.ts'

/** What one trial has to add. */
export interface Change {
  /** Given out once. */
  readonly id: string
  readonly difference: Rows
}

/** From this length on it is worth asking which of the applied changes are settled and can be forgotten. */
const manyApplied = 16
/** A page is parsed in one go. */
const pageSize = 200

const isPeople = (row: RowId): boolean => row.endsWith('/*/*/*/*')
const kindOf = (row: RowId) => (isPeople(row) ? 'rollup-people' : 'rollup')

export interface Row {
  readonly row: RowId
  readonly counters: Counters
}

/**
 * Sums by day, rule, kind, variant and language: documents of kind `rollup`, and of kind `rollup-people` for what is
 * about people. Ids are `<workspace>/<generation>/<row>`; counting again fills another generation.
 */
export interface Rollups {
  /**
   * Adds noted differences, each exactly once, whoever else is adding the same ones. Many together cost one write for
   * each row that they touch.
   * @param place `<workspace>/<generation>`
   * @param isPending whether a change is still noted with its trial, as stored now.
   * @throws StorageUnavailable
   */
  apply(
    place: string,
    changes: readonly Change[],
    isPending: (changeId: string) => Promise<boolean>,
  ): Promise<void>
  /** Rows of the days from `from` to `to`, both included. */
  read(
    workspaceId: WorkspaceId,
    generation: string,
    which: 'mails' | 'people',
    from: string,
    to: string,
  ): Promise<Row[]>
  /** Hits that were only counted, see aggregate-hits.ts. */
  shared(workspaceId: WorkspaceId, from: string, to: string): Promise<Row[]>
}

export function createRollups(documents: DocumentStore): Rollups {
  async function settledIn(applied: readonly string[], isPending: (id: string) => Promise<boolean>) {
    if (applied.length < manyApplied) return applied
    const pending = await Promise.all(applied.map(isPending))
    return applied.filter((_, index) => pending[index])
  }

  /**
   * Why it is added once: its id is stored in the same compare-and-set as the sum, and forgotten only after its trial
   * does not note it any more. So for a row in which it is not:
   *   it is still pending, as asked after the row was read → not added in this version, and the compare decides
   *   it is not pending                                    → added and forgotten; nothing is left to do
   */
  async function applyOnce(
    changes: readonly Change[],
    place: string,
    isPending: (id: string) => Promise<boolean>,
  ) {
    const rows = [...new Set(changes.flatMap(({ difference }) => Object.keys(difference)))] as RowId[]
    const found = await Promise.all(rows.map((row) => documents.get(kindOf(row), `${place}/${row}`)))
    const open = rows.flatMap((row, index) => {
      const stored = found[index] ?? null
      const missing = changes.filter(
        ({ id, difference }) => difference[row] && !stored?.body.applied.includes(id),
      )
      return missing.length > 0 ? [{ row, stored, missing }] : []
    })
    // Asked after all rows were read, and once: many rows name the same changes.
    const asked = new Map<string, Promise<boolean>>()
    const pendingNow = (id: string): Promise<boolean> => {
      const answer = asked.get(id) ?? isPending(id)
      asked.set(id, answer)
      return answer
    }
    const next = {
      rollup: [] as DocumentEntry<StoredRollup>[],
      'rollup-people': [] as DocumentEntry<StoredRollup>[],
    }
    for (const { row, stored, missing } of open) {
      const pending = await Promise.all(missing.map(({ id }) => pendingNow(id)))
      const added = missing.filter((_, index) => pending[index])
      if (added.length === 0) continue
      const body: StoredRollup = {
        counters: added.reduce(
          (sum, { difference }) => addCounters(sum, difference[row] as Counters),
          stored?.body.counters ?? {},
        ),
        applied: [...(await settledIn(stored?.body.applied ?? [], pendingNow)), ...added.map(({ id }) => id)],
      }
      next[kindOf(row)].push({ id: `${place}/${row}`, body, expected: stored?.version ?? 0 })
    }
    let isDone = true
    for (const kind of ['rollup', 'rollup-people'] as const)
      for (const some of inGroups(next[kind], manyDocuments))
        if ((await documents.putAll(kind, some)).includes(null)) isDone = false
    return isDone ? true : null
  }

  /** Everything whose id goes on with a day of the period. */
  async function listDays<Kind extends 'rollup' | 'rollup-people' | 'aggregate'>(
    kind: Kind,
    prefix: string,
    from: string,
    to: string,
  ) {
    const found: { row: RowId; body: DocumentBodies[Kind] }[] = []
    for (let after = prefix + from; ; ) {
      const page = await documents.list(kind, { prefix, after, limit: pageSize })
      for (const { id, body } of page) {
        const row = id.slice(prefix.length)
        if (row.slice(0, 10) > to) return found
        found.push({ row, body })
      }
      const last = page.at(-1)
      if (!last || page.length < pageSize) return found
      after = last.id
    }
  }

  return {
    async apply(place, changes, isPending) {
      const [first] = changes
      if (!first) return
      await untilStored(documents, `rollups of ${first.id}`, () => applyOnce(changes, place, isPending))
    },
    async read(workspaceId, generation, which, from, to) {
      const kind = which === 'people' ? 'rollup-people' : 'rollup'
      const pages = listDays(kind, `${workspaceId}/${generation}/`, from, to)
      return (await pages)
        .map(({ row, body }) => ({ row, counters: body.counters }))
        .filter(({ counters }) => Object.keys(counters).length > 0)
    },
    async shared(workspaceId, from, to) {
      const found = await listDays('aggregate', `${workspaceId}/`, from, to)
      return found.map(({ row, body }) => ({ row, counters: body }))
    },
  }
}
