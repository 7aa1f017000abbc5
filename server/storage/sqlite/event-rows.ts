import { type EventRow, endOfPrefix, eventKeyPrefix, fromEventRow, toEventRow } from '../logged-event.ts'
import type { EventLog, LoggedEvent } from '../port.ts'
import type { Connection } from './connection.ts'

/** One statement for many rows costs about half of one for each. */
const rowsPerStatement = 50

export interface EventRows extends EventLog {
  /**
   * Inserts what is new, inside a transaction that someone else has begun.
   * @returns positions of those that were there before or stand twice.
   */
  insert(events: readonly LoggedEvent[]): Set<number>
}

export function createEventRows(connection: Connection): EventRows {
  const insertMany = (count: number) =>
    connection.prepare(
      `INSERT INTO events (key, trial_id, at, received_at, body) VALUES ${Array(count).fill('(?, ?, ?, ?, ?)').join(', ')}`,
    )
  const insertOne = connection.prepare(
    'INSERT OR IGNORE INTO events (key, trial_id, at, received_at, body) VALUES (?, ?, ?, ?, ?)',
  )

  return {
    insert(events) {
      const duplicates = new Set<number>()
      for (let from = 0; from < events.length; from += rowsPerStatement) {
        const chunk = events.slice(from, from + rowsPerStatement)
        if (inserted(() => insertMany(chunk.length).run(chunk.flatMap(values)))) continue
        chunk.forEach((event, index) => {
          if (insertOne.run(values(event)).changes === 0) duplicates.add(from + index)
        })
      }
      return duplicates
    },

    ofSubject: (workspaceId, subject, limit) =>
      connection.read(() => {
        const prefix = eventKeyPrefix(workspaceId, subject)
        return connection
          .prepare(`
            SELECT key, trial_id AS trialId, at, received_at AS receivedAt, body FROM events
            WHERE key >= ? AND key < ? ORDER BY at, key LIMIT ?`)
          .all<EventRow>([prefix, endOfPrefix(prefix), limit])
          .map((row) => fromEventRow(row, workspaceId, subject))
      }),

    eraseSubject: (workspaceId, subject) =>
      connection.write(() => {
        const prefix = eventKeyPrefix(workspaceId, subject)
        return connection
          .prepare('DELETE FROM events WHERE key >= ? AND key < ?')
          .run([prefix, endOfPrefix(prefix)]).changes
      }),

    async purge(receivedBefore) {
      let purged = 0
      for (let after = ''; ; ) {
        const last = await connection.read(() => endOfWindow(connection, after))
        if (last === null) return purged
        purged += await connection.write(
          () =>
            connection
              .prepare('DELETE FROM events WHERE key > ? AND key <= ? AND received_at < ?')
              .run([after, last, receivedBefore]).changes,
        )
        after = last
      }
    },

    count: () =>
      connection.read(
        () => connection.prepare('SELECT count(*) AS count FROM events').get<{ count: number }>([])!.count,
      ),
  }
}

const values = (event: LoggedEvent) => {
  const { key, trialId, at, receivedAt, body } = toEventRow(event)
  return [key, trialId, at, receivedAt, body]
}

/** A failed INSERT takes back all its rows and leaves the transaction as it was. */
function inserted(insert: () => unknown): boolean {
  try {
    insert()
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return false
    throw error
  }
}

/** Long deletions go in windows, so that writers get their turn in between. */
const windowRows = 2_000

function endOfWindow(connection: Connection, after: string): string | null {
  const row = connection
    .prepare(
      'SELECT max(key) AS last FROM (SELECT key FROM events WHERE key > ? ORDER BY key LIMIT ?) AS some',
    )
    .get<{ last: string | null }>([after, windowRows])
  return row?.last ?? null
}
