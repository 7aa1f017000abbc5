import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { endOfPrefix, eventKey, eventKeyPrefix } from '../logged-event.ts'
import { type LoggedEvent, StorageUnavailable } from '../port.ts'
import type { Connection } from './connection.ts'
import type { EventKeys } from './event-keys.ts'
import { type RecordRow, unpackEvents } from './event-record.ts'

/**
 * Keys that were made before subjects had numbers. They are moved a record at a time, while everything else goes on:
 * until none is left both places are asked. Inside a transaction that someone else has begun.
 */
export interface FormerKeys {
  /** @returns positions of those that have one. */
  known(events: readonly LoggedEvent[]): ReadonlySet<number>
  free(gone: readonly LoggedEvent[]): void
  recordsOf(workspaceId: WorkspaceId, subject: string, limit: number): number[]
  count(): number
  /** Moves the keys of the next record, in a transaction that has not changed anything. @returns false at the end. */
  moveNext(keys: EventKeys): boolean
}

const none: ReadonlySet<number> = new Set()

export function createFormerKeys(connection: Connection): FormerKeys {
  const anyLeft = connection.prepare('SELECT 1 FROM former_event_keys LIMIT 1')
  const recordsOfKeys = connection.prepare(
    'SELECT (SELECT record FROM former_event_keys WHERE key = value) AS record FROM json_each(?)',
  )
  const deleteKeys = connection.prepare(
    'DELETE FROM former_event_keys WHERE key IN (SELECT value FROM json_each(?))',
  )
  const recordsOfSubject = connection.prepare(
    'SELECT DISTINCT record FROM former_event_keys WHERE key >= ? AND key < ? LIMIT ?',
  )
  const countKeys = connection.prepare('SELECT count(*) AS count FROM former_event_keys')
  const nextRecord = connection.prepare(`
    SELECT id, received_at AS receivedAt, body FROM former_records CROSS JOIN event_records
    WHERE id > moved AND id <= last ORDER BY id LIMIT 1`)
  const setMoved = connection.prepare('UPDATE former_records SET moved = ?')

  // No one adds any: once there were none in what is committed, there never will be.
  let mayBeLeft = true
  const free = (gone: readonly LoggedEvent[]): void => {
    if (mayBeLeft) deleteKeys.run([JSON.stringify(gone.map(eventKey))])
  }

  return {
    known(events) {
      if (!mayBeLeft) return none
      const found = recordsOfKeys.all<{ record: number | null }>([JSON.stringify(events.map(eventKey))])
      return new Set(found.flatMap(({ record }, index) => (record === null ? [] : [index])))
    },
    free,
    recordsOf(workspaceId, subject, limit) {
      if (!mayBeLeft) return []
      const prefix = eventKeyPrefix(workspaceId, subject)
      return recordsOfSubject
        .all<{ record: number }>([prefix, endOfPrefix(prefix), limit])
        .map(({ record }) => record)
    },
    count: () => (mayBeLeft ? countKeys.get<{ count: number }>([])!.count : 0),
    moveNext(keys) {
      mayBeLeft = anyLeft.get([]) !== undefined
      const record = mayBeLeft ? nextRecord.get<RecordRow>([]) : undefined
      if (!record) return false
      const events = unpackEvents(record)
      keys.take(events, record.id)
      free(events)
      setMoved.run([record.id])
      return true
    },
  }
}

/** Of the time of this thread, so much at most goes into moving. */
const share = 0.2
const leastPauseMs = 5
const pauseAfterFailureMs = 1000

/** Moves all former keys in the background. @returns stops it, and resolves when no step is under way. */
export function moveFormerKeys(
  connection: Connection,
  former: FormerKeys,
  keys: EventKeys,
): () => Promise<void> {
  const stop = new AbortController()
  const pause = (ms: number) => sleep(ms, undefined, { ref: false, signal: stop.signal }).catch(() => {})

  /** @returns how long to wait before the next, null when nothing is left to move. */
  async function step(): Promise<number | null> {
    try {
      return await connection.write(() => {
        const startedAt = performance.now()
        if (!former.moveNext(keys)) return null
        return Math.max(leastPauseMs, (performance.now() - startedAt) * (1 / share - 1))
      })
    } catch (error) {
      // Others write, or the disk is full. After anything else it is tried again at the next start: what is not moved
      // is found where it is.
      return error instanceof StorageUnavailable ? pauseAfterFailureMs : null
    }
  }

  async function moveAll(): Promise<void> {
    for (let pauseMs: number | null = leastPauseMs; pauseMs !== null && !stop.signal.aborted; ) {
      await pause(pauseMs)
      pauseMs = stop.signal.aborted ? null : await step()
    }
  }
  const moving = moveAll()
  return () => {
    stop.abort()
    return moving
  }
}
