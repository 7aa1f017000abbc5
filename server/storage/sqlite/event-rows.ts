import type { WorkspaceId } from '../../../shared/trial.ts'
import { endOfPrefix, eventKeyPrefix } from '../logged-event.ts'
import type { EventLog, LoggedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { type EventRecord, packEvents, unpackEvents } from './event-record.ts'

export interface EventRows extends EventLog {
  /**
   * Inserts what is new, inside a transaction that someone else has begun.
   * @returns positions of those that were there before or stand twice.
   */
  insert(events: readonly LoggedEvent[]): Set<number>
}

interface RecordRow extends EventRecord {
  readonly id: number
}

/** Bounds what is read and written again when one event of a record is deleted. */
const eventsPerRecord = 500
/** Long work goes in steps, so that others get their turn in between. */
const recordsPerStep = 20
const keysPerStep = 2_000

/**
 * A unique key for each event, in the order of subjects: the events of a request touch one page or two, whatever
 * their ids are made of. What the events say is in records, appended one after the other.
 */
export function createEventRows(connection: Connection): EventRows {
  // Keys travel as one JSON text: a bound value for each costs several times as much.
  const insertKeys = connection.prepare(
    'INSERT OR IGNORE INTO event_keys (key, record) SELECT value, ? FROM json_each(?)',
  )
  const recordsOfKeys = connection.prepare(
    'SELECT (SELECT record FROM event_keys WHERE key = value) AS record FROM json_each(?)',
  )
  const deleteKeys = connection.prepare(
    'DELETE FROM event_keys WHERE key IN (SELECT value FROM json_each(?))',
  )
  const nextRecord = connection.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM event_records')
  const insertRecord = connection.prepare(
    'INSERT INTO event_records (id, received_at, body) VALUES (?, ?, ?)',
  )
  const updateRecord = connection.prepare('UPDATE event_records SET received_at = ?, body = ? WHERE id = ?')
  const deleteRecord = connection.prepare('DELETE FROM event_records WHERE id = ?')
  const selectRecords = connection.prepare(`
    SELECT id, received_at AS receivedAt, body FROM event_records
    WHERE id IN (SELECT value FROM json_each(?))`)
  const recordsOfSubject = connection.prepare(
    'SELECT DISTINCT record FROM event_keys WHERE key >= ? AND key < ?',
  )
  const someRecordsOfSubject = connection.prepare(`
    SELECT DISTINCT record FROM (SELECT record FROM event_keys WHERE key >= ? AND key < ? LIMIT ${keysPerStep})
    LIMIT ${recordsPerStep}`)
  const receivedBefore = connection.prepare(`
    SELECT id, received_at AS receivedAt, body FROM event_records
    WHERE received_at < ? ORDER BY received_at LIMIT ${recordsPerStep}`)

  const insertTogether = (events: readonly LoggedEvent[]): number[] => {
    const { id } = nextRecord.get<{ id: number }>([])!
    const keys = keysOf(events)
    const keyList = JSON.stringify(keys)
    const isNew = insertKeys.run([id, keyList]).changes === events.length
    const known = isNew ? [] : duplicatesAmong(keys, recordsOfKeys.all<{ record: number }>([keyList]), id)
    const left = new Set(known)
    const fresh = isNew ? events : events.filter((_, index) => !left.has(index))
    if (fresh.length > 0) {
      const { receivedAt, body } = packEvents(fresh)
      insertRecord.run([id, receivedAt, body])
    }
    return known
  }

  /** Deletes those events of a record that are not to stay. */
  const keepOnly = (record: RecordRow, stays: (event: LoggedEvent) => boolean): number => {
    const gone: LoggedEvent[] = []
    const kept: LoggedEvent[] = []
    for (const event of unpackEvents(record)) (stays(event) ? kept : gone).push(event)
    deleteKeys.run([JSON.stringify(keysOf(gone))])
    if (kept.length > 0) {
      const { receivedAt, body } = packEvents(kept)
      updateRecord.run([receivedAt, body, record.id])
    } else deleteRecord.run([record.id])
    return gone.length
  }

  return {
    insert(events) {
      const duplicates = new Set<number>()
      for (let from = 0; from < events.length; from += eventsPerRecord) {
        const some = events.length <= eventsPerRecord ? events : events.slice(from, from + eventsPerRecord)
        for (const index of insertTogether(some)) duplicates.add(from + index)
      }
      return duplicates
    },

    async ofSubject(workspaceId, subject, limit) {
      const found = await connection.read(() =>
        recordsOfSubject.all<{ record: number }>(keyRange(workspaceId, subject)),
      )
      const ids = found.map(({ record }) => record)
      let events: LoggedEvent[] = []
      for (let from = 0; from < ids.length; from += recordsPerStep) {
        const some = JSON.stringify(ids.slice(from, from + recordsPerStep))
        const records = await connection.read(() => selectRecords.all<RecordRow>([some]))
        for (const record of records) events.push(...unpackEvents(record, { workspaceId, subject }))
        if (events.length > 2 * limit) events = events.sort(oldestFirst).slice(0, limit)
      }
      return events.sort(oldestFirst).slice(0, limit)
    },

    async eraseSubject(workspaceId, subject) {
      const range = keyRange(workspaceId, subject)
      const isOther = (event: LoggedEvent) => event.subject !== subject || event.workspaceId !== workspaceId
      for (let erased = 0; ; ) {
        const step = await connection.write(() => {
          const ids = someRecordsOfSubject.all<{ record: number }>(range).map(({ record }) => record)
          return sum(
            selectRecords.all<RecordRow>([JSON.stringify(ids)]).map((record) => keepOnly(record, isOther)),
          )
        })
        if (step === 0) return erased
        erased += step
      }
    },

    async purge(before) {
      const isLater = ({ event }: LoggedEvent) => event.receivedAt >= before
      for (let purged = 0; ; ) {
        const step = await connection.write(() =>
          sum(receivedBefore.all<RecordRow>([before]).map((record) => keepOnly(record, isLater))),
        )
        if (step === 0) return purged
        purged += step
      }
    },

    count: () =>
      connection.read(
        () =>
          connection.prepare('SELECT count(*) AS count FROM event_keys').get<{ count: number }>([])!.count,
      ),
  }
}

/** Neighbours mostly share their subject, whose part of the key is made once. */
function keysOf(events: readonly LoggedEvent[]): string[] {
  const keys: string[] = []
  let last: LoggedEvent | null = null
  let prefix = ''
  for (const logged of events) {
    if (last?.subject !== logged.subject || last.workspaceId !== logged.workspaceId)
      prefix = eventKeyPrefix(logged.workspaceId, logged.subject)
    last = logged
    keys.push(prefix + logged.event.messageId)
  }
  return keys
}

/** @returns positions of the keys that are in another record than this one, or that came earlier in the list. */
function duplicatesAmong(
  keys: readonly string[],
  found: readonly { readonly record: number }[],
  record: number,
): number[] {
  const positions: number[] = []
  const seen = new Set<string>()
  for (const [index, key] of keys.entries()) {
    if (found[index]?.record !== record || seen.has(key)) positions.push(index)
    seen.add(key)
  }
  return positions
}

const keyRange = (workspaceId: WorkspaceId, subject: string): [string, string] => {
  const prefix = eventKeyPrefix(workspaceId, subject)
  return [prefix, endOfPrefix(prefix)]
}

const oldestFirst = (a: LoggedEvent, b: LoggedEvent): number =>
  a.event.at - b.event.at || (a.event.messageId < b.event.messageId ? -1 : 1)

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
