import type { WorkspaceId } from '../../../shared/trial.ts'
import type { EventLog, LoggedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import type { EventKeys } from './event-keys.ts'
import { packEvents, type RecordRow, unpackEvents } from './event-record.ts'
import type { FormerKeys } from './former-keys.ts'

export interface EventRows extends EventLog {
  /**
   * Inserts what is new, inside a transaction that someone else has begun.
   * @returns positions of those that were there before or stand twice.
   */
  insert(events: readonly LoggedEvent[]): Set<number>
}

/** Bounds what is read and written again when one event of a record is deleted. */
const eventsPerRecord = 500
/** Long work goes in steps, so that others get their turn in between. */
const recordsPerStep = 20
/** A limit that is none. */
const all = -1

/** A unique key for each event; what the events say is in records, appended one after the other. */
export function createEventRows(connection: Connection, keys: EventKeys, former: FormerKeys): EventRows {
  const nextRecord = connection.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM event_records')
  const insertRecord = connection.prepare(
    'INSERT INTO event_records (id, received_at, body) VALUES (?, ?, ?)',
  )
  const updateRecord = connection.prepare('UPDATE event_records SET received_at = ?, body = ? WHERE id = ?')
  const deleteRecord = connection.prepare('DELETE FROM event_records WHERE id = ?')
  const selectRecords = connection.prepare(`
    SELECT id, received_at AS receivedAt, body FROM event_records
    WHERE id IN (SELECT value FROM json_each(?))`)
  const receivedBefore = connection.prepare(`
    SELECT id, received_at AS receivedAt, body FROM event_records
    WHERE received_at < ? ORDER BY received_at LIMIT ${recordsPerStep}`)

  const insertTogether = (events: readonly LoggedEvent[]): number[] => {
    const { id } = nextRecord.get<{ id: number }>([])!
    const known = knownAmong(events, id)
    const left = new Set(known)
    const fresh = left.size === 0 ? events : events.filter((_, index) => !left.has(index))
    if (fresh.length > 0) {
      const { receivedAt, body } = packEvents(fresh)
      insertRecord.run([id, receivedAt, body])
    }
    return known
  }

  /** Takes the keys of the others. */
  const knownAmong = (events: readonly LoggedEvent[], record: number): number[] => {
    const formerly = former.known(events)
    if (formerly.size === 0) return keys.take(events, record)
    const others = [...events.keys()].filter((index) => !formerly.has(index))
    const known = keys.take(
      others.map((index) => events[index]!),
      record,
    )
    return [...formerly, ...known.map((position) => others[position]!)]
  }

  /** Deletes those events of a record that are not to stay. */
  const keepOnly = (record: RecordRow, stays: (event: LoggedEvent) => boolean): number => {
    const gone: LoggedEvent[] = []
    const kept: LoggedEvent[] = []
    for (const event of unpackEvents(record)) (stays(event) ? kept : gone).push(event)
    former.free(gone)
    keys.free(gone, kept, record.id)
    if (kept.length > 0) {
      const { receivedAt, body } = packEvents(kept)
      updateRecord.run([receivedAt, body, record.id])
    } else deleteRecord.run([record.id])
    return gone.length
  }

  const recordsOf = (workspaceId: WorkspaceId, subject: string, limit: number): number[] => [
    ...new Set([
      ...keys.recordsOf(workspaceId, subject, limit),
      ...former.recordsOf(workspaceId, subject, limit),
    ]),
  ]

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
      const ids = await connection.read(() => recordsOf(workspaceId, subject, all))
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
      const isOther = (event: LoggedEvent) => event.subject !== subject || event.workspaceId !== workspaceId
      for (let erased = 0; ; ) {
        const step = await connection.write(() => {
          const ids = recordsOf(workspaceId, subject, recordsPerStep)
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

    count: () => connection.read(() => keys.count() + former.count()),
  }
}

const oldestFirst = (a: LoggedEvent, b: LoggedEvent): number =>
  a.event.at - b.event.at || (a.event.messageId < b.event.messageId ? -1 : 1)

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
