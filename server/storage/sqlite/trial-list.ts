import { hourMs } from '../../../shared/clock.ts'
import { mailboxKey } from '../../../shared/mailbox.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { TrialQuery } from '../port.ts'
import { decodeCursor, encodeCursor, listOrder, searchTerm, type TrialFields } from '../trial-fields.ts'
import type { Connection } from './connection.ts'
import { mailboxOfEmail } from './migrations.ts'

const columns: Partial<Record<keyof TrialFields, string>> = {
  endsAt: 'ends_at',
  score: 'score',
  createdAt: 'created_at',
  lastSeenAt: 'last_seen_at',
  lastSeenHour: 'last_seen_hour',
}

/** @throws InvalidCursor */
export function listTrials(
  connection: Connection,
  query: TrialQuery,
): { trials: Trial[]; cursor: string | null } {
  const where = ['workspace_id = ?']
  const values: (string | number)[] = [query.workspaceId]
  const and = (condition: string, ...bound: (string | number)[]) => {
    where.push(condition)
    values.push(...bound)
  }
  if (query.status) and('status = ?', query.status)
  else and("status <> 'anonymous'")
  if (query.segment) and('segment = ?', query.segment)
  if (query.pace) and('pace = ?', query.pace)
  if (query.email !== undefined) and('email = ?', query.email)
  if (query.mailbox !== undefined)
    and(`email IS NOT NULL AND ${mailboxOfEmail} = ?`, mailboxKey(query.mailbox))
  if (query.domain !== undefined) and('domain = ?', query.domain)
  if (query.company !== undefined) and('company = ?', query.company)
  if (query.q) and('instr(search, ?) > 0', searchTerm(query.q))

  const { fields, descending } = listOrder(query.sort)
  const keys = fields.map((field) => columns[field]!)
  const direction = descending ? 'DESC' : 'ASC'
  if (query.cursor !== undefined) {
    const { value, id } = decodeCursor(query.cursor)
    and(`(${keys.at(-1)}, id) ${descending ? '<' : '>'} (?, ?)`, value, id)
    if (query.sort.endsWith('lastSeenAt'))
      and(`last_seen_hour ${descending ? '<=' : '>='} ?`, Math.floor(value / hourMs))
  }
  // The plus keeps SQLite from reading all trials in order where few have the address.
  const plain = query.email === undefined && query.mailbox === undefined ? '' : '+'
  const order = [...keys, 'id'].map((key) => `${plain}${key} ${direction}`).join(', ')
  const found = connection
    .prepare(`SELECT body FROM trials WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`)
    .all<{ body: string }>([...values, query.limit + 1])
  const trials = found.slice(0, query.limit).map(({ body }) => JSON.parse(body) as Trial)
  const more = found.length > query.limit
  return { trials, cursor: more ? encodeCursor(trials.at(-1)!, query.sort) : null }
}
