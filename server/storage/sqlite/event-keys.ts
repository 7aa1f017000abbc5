import type { WorkspaceId } from '../../../shared/trial.ts'
import type { LoggedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { dedupeKey } from './dedupe-key.ts'

/** Which events are in which record, inside a transaction that someone else has begun. */
export interface EventKeys {
  /**
   * Takes the keys of events for a new record.
   * @returns positions of those that are in another record already, or that stand twice.
   */
  take(events: readonly LoggedEvent[], record: number): number[]
  /** Gives back the keys of events that are deleted from a record. @param kept the others in it */
  free(gone: readonly LoggedEvent[], kept: readonly LoggedEvent[], record: number): void
  recordsOf(workspaceId: WorkspaceId, subject: string, limit: number): number[]
  count(): number
}

/** Subjects have numbers, which are in the keys; which records hold events of a subject is kept beside them. */
export function createEventKeys(connection: Connection): EventKeys {
  // Lists travel as one JSON text: a bound value for each costs several times as much.
  // One row for all: each row costs more than the question itself.
  const selectSubjects = connection.prepare(`
    SELECT json_group_array((SELECT id FROM event_subjects WHERE name = value)) AS numbers FROM json_each(?)`)
  const insertSubjects = connection.prepare(
    'INSERT OR IGNORE INTO event_subjects (name) SELECT value FROM json_each(?)',
  )
  const insertKeys = connection.prepare(
    'INSERT OR IGNORE INTO dedupe_keys (key, record) SELECT value, ? FROM json_each(?)',
  )
  const recordsOfKeys = connection.prepare(
    'SELECT (SELECT record FROM dedupe_keys WHERE key = value) AS record FROM json_each(?)',
  )
  const deleteKeys = connection.prepare(
    'DELETE FROM dedupe_keys WHERE key IN (SELECT value FROM json_each(?))',
  )
  const attach = connection.prepare(
    'INSERT OR IGNORE INTO subject_records (subject, record) SELECT value, ? FROM json_each(?)',
  )
  const detach = connection.prepare(
    'DELETE FROM subject_records WHERE record = ? AND subject IN (SELECT value FROM json_each(?))',
  )
  const deleteUnused = connection.prepare(`
    DELETE FROM event_subjects WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM subject_records WHERE subject = event_subjects.id)`)
  const selectRecords = connection.prepare(`
    SELECT record FROM subject_records WHERE subject = (SELECT id FROM event_subjects WHERE name = ?) LIMIT ?`)
  const countKeys = connection.prepare('SELECT count(*) AS count FROM dedupe_keys')

  /** Not kept in memory: another process may erase a subject, and its number with it. */
  function numbersOf(names: readonly string[]): (number | null)[] {
    const { numbers } = selectSubjects.get<{ numbers: string }>([JSON.stringify(names)])!
    return JSON.parse(numbers) as (number | null)[]
  }

  function numbersFor(names: readonly string[]): number[] {
    const known = numbersOf(names)
    if (!known.includes(null)) return known as number[]
    insertSubjects.run([JSON.stringify(names.filter((_, index) => known[index] === null))])
    return numbersOf(names) as number[]
  }

  return {
    take(events, record) {
      const { names, positions } = subjectsOf(events)
      const numbers = numbersFor(names)
      const keys = events.map(({ event }, index) => dedupeKey(numbers[positions[index]!]!, event.messageId))
      const keyList = JSON.stringify(keys)
      const isNew = insertKeys.run([record, keyList]).changes === keys.length
      const known = isNew
        ? []
        : duplicatesAmong(keys, recordsOfKeys.all<{ record: number }>([keyList]), record)
      const left = new Set(known)
      const used = isNew
        ? numbers
        : new Set(positions.filter((_, index) => !left.has(index)).map((at) => numbers[at]!))
      attach.run([record, JSON.stringify([...used])])
      return known
    },

    free(gone, kept, record) {
      const { names, positions } = subjectsOf(gone)
      const numbers = numbersOf(names)
      const keys = gone.flatMap(({ event }, index) => {
        const number = numbers[positions[index]!]
        return number ? [dedupeKey(number, event.messageId)] : []
      })
      deleteKeys.run([JSON.stringify(keys)])
      const stay = new Set(kept.map(nameOf))
      const without = JSON.stringify(numbers.filter((_, index) => !stay.has(names[index]!)))
      detach.run([record, without])
      deleteUnused.run([without])
    },

    recordsOf: (workspaceId, subject, limit) =>
      selectRecords
        .all<{ record: number }>([nameOf({ workspaceId, subject }), limit])
        .map(({ record }) => record),

    count: () => countKeys.get<{ count: number }>([])!.count,
  }
}

type Subject = Pick<LoggedEvent, 'workspaceId' | 'subject'>

/** No workspace has a colon in its id. */
const nameOf = ({ workspaceId, subject }: Subject): string => `${workspaceId}:${subject}`

/** Each subject once, and for each event the position of its own. Neighbours mostly share theirs. */
function subjectsOf(events: readonly Subject[]): { names: string[]; positions: number[] } {
  const known = new Map<string, number>()
  const positions: number[] = []
  let last: Subject | null = null
  let position = 0
  for (const event of events) {
    if (last?.subject !== event.subject || last.workspaceId !== event.workspaceId) {
      const name = nameOf(event)
      position = known.get(name) ?? known.size
      known.set(name, position)
      last = event
    }
    positions.push(position)
  }
  return { names: [...known.keys()], positions }
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
