import { hourMs } from '../../../shared/clock.ts'
import { mailboxKey } from '../../../shared/mailbox.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { breathe } from '../breathe.ts'
import type { TrialQuery } from '../port.ts'
import { decodeCursor, encodeCursor, listOrder, searchTerm, type TrialFields } from '../trial-fields.ts'
import type { Connection } from './connection.ts'
import { mailboxOfEmail } from './migrations.ts'
import type { Reader } from './reader.ts'

const columns: Partial<Record<keyof TrialFields, string>> = {
  endsAt: 'ends_at',
  score: 'score',
  createdAt: 'created_at',
  lastSeenAt: 'last_seen_at',
  lastSeenHour: 'last_seen_hour',
}

/** @throws InvalidCursor, QueryTooLong */
export async function listTrials(
  connection: Connection,
  reader: Reader,
  query: TrialQuery,
): Promise<{ trials: Trial[]; cursor: string | null }> {
  const { sql, values } = statementOf(query)
  const one = isQuick(query)
    ? connection.read(() => connection.prepare(sql).get<Bodies>(values) as Bodies)
    : reader.one<Bodies>(sql, values)
  const found = await parseBodies((await one).bodies)
  const trials = found.slice(0, query.limit)
  const more = found.length > query.limit
  return { trials, cursor: more ? encodeCursor(trials.at(-1)!, query.sort) : null }
}

/** Found by an index, and few: those who ask are about to send or to save something, and need not wait in a queue. */
const isQuick = ({ q, email, mailbox, domain, company }: TrialQuery): boolean =>
  !q && [email, mailbox, domain, company].some((key) => key !== undefined)

interface Bodies {
  readonly bodies: string | null
}

/** Of bodies one a line, as JSON writes no line breaks. */
export async function parseBodies(bodies: string | null): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const body of bodies === null ? [] : bodies.split('\n')) {
    trials.push(JSON.parse(body) as Trial)
    const others = breathe()
    if (others) await others
  }
  return trials
}

/** One more than the limit, to see whether there are more. @throws InvalidCursor */
function statementOf(query: TrialQuery): { sql: string; values: (string | number)[] } {
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
  const sql = `SELECT group_concat(body, char(10)) AS bodies
    FROM (SELECT body FROM trials WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?)`
  return { sql, values: [...values, query.limit + 1] }
}
