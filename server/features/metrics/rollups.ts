import type { WorkspaceId } from '../../../shared/trial.ts'
import { addCounters, type Counters } from '../../domain/metrics/counters.ts'
import type { RowId, Rows } from '../../domain/metrics/measure-trial.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { aggregateKind } from '../email-tracking/aggregate-hits.ts'

/**
 * Sums by day, rule, kind, variant and language: documents of kind `rollup`, and of kind `rollup-people` for what is
 * about people. Ids are `<workspace>/<generation>/<row>`; counting anew fills another generation.
 */
interface StoredRollup {
  readonly counters: Counters
  /** The latest changes that are in it, so that one repeated after a crash is not counted twice. */
  readonly applied: readonly string[]
}

const changesKept = 50
const pageSize = 500

const isPeople = (row: RowId): boolean => row.endsWith('/*/*/*/*')
const kindOf = (row: RowId): string => (isPeople(row) ? 'rollup-people' : 'rollup')

export interface Row {
  readonly row: RowId
  readonly counters: Counters
}

export interface Rollups {
  /** Adds a difference; the same `changeId` again changes nothing. */
  apply(workspaceId: WorkspaceId, generation: string, changeId: string, difference: Rows): Promise<void>
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
  async function applyRow(id: string, row: RowId, changeId: string, counters: Counters): Promise<void> {
    for (;;) {
      const found = await documents.get<StoredRollup>(kindOf(row), id)
      const { counters: before, applied } = found?.body ?? { counters: {}, applied: [] }
      if (applied.includes(changeId)) return
      const next: StoredRollup = {
        counters: addCounters(before, counters),
        applied: [...applied, changeId].slice(-changesKept),
      }
      if ((await documents.put(kindOf(row), id, next, found?.version ?? 0)) !== null) return
    }
  }

  /** Everything whose id goes on with a day of the period. */
  async function listDays<T>(kind: string, prefix: string, from: string, to: string) {
    const found: { row: RowId; body: T }[] = []
    for (let after = prefix + from; ; ) {
      const page = await documents.list<T>(kind, { prefix, after, limit: pageSize })
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
    async apply(workspaceId, generation, changeId, difference) {
      for (const [row, counters] of Object.entries(difference))
        await applyRow(`${workspaceId}/${generation}/${row}`, row, changeId, counters)
    },
    async read(workspaceId, generation, which, from, to) {
      const kind = which === 'people' ? 'rollup-people' : 'rollup'
      const pages = listDays<StoredRollup>(kind, `${workspaceId}/${generation}/`, from, to)
      return (await pages)
        .map(({ row, body }) => ({ row, counters: body.counters }))
        .filter(({ counters }) => Object.keys(counters).length > 0)
    },
    async shared(workspaceId, from, to) {
      const found = await listDays<Counters>(aggregateKind, `${workspaceId}/`, from, to)
      return found.map(({ row, body }) => ({ row, counters: body }))
    },
  }
}
