import type { Segment, TrialId } from '../../../shared/trial.ts'
import { segments } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { endOfPrefix } from '../logged-event.ts'
import { type Leased, manyTrials, type TrialStore } from '../port.ts'
import type { Connection } from './connection.ts'
import type { Reader } from './reader.ts'
import { storedTrial } from './stored-trial.ts'
import { countBySegment } from './trial-counts.ts'
import { listTrials, parseTrials } from './trial-list.ts'
import type { TrialRows } from './trial-rows.ts'

/** Bound to one value, the time now. A clock set back far enough ends a lease too, rather than freeze the trial. */
const isHeld = 'abs(? - leases.taken_at) < leases.lease_ms'
const nobodyHolds = `NOT EXISTS (SELECT 1 FROM leases WHERE leases.trial_id = trials.id AND ${isHeld})`

const leasesPerStatement = 50

const noneOfAny = Object.fromEntries(segments.map((segment) => [segment, 0])) as Record<Segment, number>

export function createTrialStore(
  connection: Connection,
  reader: Reader,
  rows: TrialRows,
  now: () => number,
): TrialStore {
  function lease(trials: readonly Trial[], owner: string, at: number, leaseMs: number): Leased[] {
    const fences = new Map<string, number>()
    for (let from = 0; from < trials.length; from += leasesPerStatement) {
      const some = trials.slice(from, from + leasesPerStatement)
      const taken = connection
        .prepare(`
          INSERT OR REPLACE INTO leases (trial_id, owner, taken_at, lease_ms)
          VALUES ${some.map(() => '(?, ?, ?, ?)').join(', ')} RETURNING trial_id, fence`)
        .all<{ trial_id: string; fence: number }>(some.flatMap(({ id }) => [id, owner, at, leaseMs]))
      for (const { trial_id, fence } of taken) fences.set(trial_id, fence)
    }
    return trials.map((trial) => ({ trial, fence: fences.get(trial.id)! }))
  }

  const holds = (id: TrialId, fence: number): boolean =>
    connection.prepare('SELECT 1 AS found FROM leases WHERE trial_id = ? AND fence = ?').get([id, fence]) !==
    undefined

  return {
    get: (id) => connection.read(() => rows.load(id)),

    async save(trial, fence) {
      const written = await connection.write(() =>
        fence !== undefined && !holds(trial.id, fence) ? null : rows.save(trial, rows.recent(trial.id)),
      )
      if (!written) return null
      rows.remember(written)
      return written.trial
    },

    getAll: (ids) => connection.read(() => rows.loadAll(ids.slice(0, manyTrials))),

    async saveAll(trials) {
      const written = await connection.write(() =>
        trials.slice(0, manyTrials).map((trial) => rows.save(trial, rows.recent(trial.id))),
      )
      for (const each of written) if (each) rows.remember(each)
      return written.map((each) => each?.trial ?? null)
    },

    claimDue: ({ owner, now: dueAt, limit, leaseMs }) =>
      connection.write(() => {
        const at = now()
        const due = connection
          .prepare(
            `SELECT ${storedTrial} AS stored FROM trials WHERE next_at <= ? AND ${nobodyHolds} ORDER BY next_at LIMIT ?`,
          )
          .all<{ stored: string }>([dueAt, at, limit])
        return lease(
          due.map(({ stored }) => rows.parse(stored)),
          owner,
          at,
          leaseMs,
        )
      }),

    claim: (id, { owner, leaseMs }) =>
      connection.write(() => {
        const at = now()
        const free = connection
          .prepare(`SELECT ${storedTrial} AS stored FROM trials WHERE id = ? AND ${nobodyHolds}`)
          .get<{ stored: string }>([id, at])
        return free ? lease([rows.parse(free.stored)], owner, at, leaseMs)[0]! : null
      }),

    release: (id, fence) =>
      connection.write(() => {
        connection.prepare('DELETE FROM leases WHERE trial_id = ? AND fence = ?').run([id, fence])
      }),

    holds: (id, fence) => connection.read(() => holds(id, fence)),

    nextDueAt: () => connection.read(() => nextDueAt(connection, now())),

    list: (query) => listTrials(connection, reader, query),

    countBySegment: async (workspaceId) => ({
      ...noneOfAny,
      ...(await countBySegment(reader, workspaceId)),
    }),

    async erase(id) {
      const erased = await connection.write(() => {
        connection.prepare('DELETE FROM leases WHERE trial_id = ?').run([id])
        return connection.prepare('DELETE FROM trials WHERE id = ?').run([id]).changes === 1
      })
      rows.forget(id)
      return erased
    },

    async scan(workspaceId, afterId, limit) {
      const prefix = `${workspaceId}:`
      const { trials } = await reader.one<{ trials: string | null }>(
        `SELECT group_concat(stored, char(10)) AS trials
        FROM (SELECT ${storedTrial} AS stored FROM trials WHERE id > ? AND id < ? ORDER BY id LIMIT ?)`,
        [afterId ?? prefix, endOfPrefix(prefix), limit],
      )
      return parseTrials(trials)
    },
  }
}

function nextDueAt(connection: Connection, now: number): number | null {
  const free = connection
    .prepare(
      `SELECT next_at AS at FROM trials WHERE next_at IS NOT NULL AND ${nobodyHolds} ORDER BY next_at LIMIT 1`,
    )
    .get<{ at: number }>([now])
  const leased = connection
    .prepare(`
      SELECT min(max(trials.next_at, leases.taken_at + leases.lease_ms)) AS at
      FROM leases CROSS JOIN trials ON trials.id = leases.trial_id -- few leases first, not all trials
      WHERE trials.next_at IS NOT NULL AND ${isHeld}`)
    .get<{ at: number | null }>([now])
  const moments = [free?.at, leased?.at].filter((at) => at !== undefined && at !== null)
  return moments.length > 0 ? Math.min(...moments) : null
}
