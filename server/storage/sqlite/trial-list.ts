import { hourMs } from '../../../shared/clock.ts'
import { mailboxKey } from '../../../shared/mailbox.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { breathe } from '../breathe.ts'
import type { TrialQuery } from '../port.ts'
import {
  decodeCursor,
  encodeCursor,
  encodePlace,
  listOrder,
  searchTerm,
  type TrialFields,
} from '../trial-fields.ts'
import type { Connection } from './connection.ts'
import { mailboxOfEmail } from './migrations.ts'
import type { Reader } from './reader.ts'
import { trigramsOf } from './search-index.ts'
import { parseTrial, storedTrial } from './stored-trial.ts'
import { isNoneLike } from './trial-counts.ts'

interface Page {
  readonly trials: Trial[]
  readonly cursor: string | null
}

/** @throws InvalidCursor, QueryTooLong */
export async function listTrials(connection: Connection, reader: Reader, query: TrialQuery): Promise<Page> {
  const term = query.q ? searchTerm(query.q) : ''
  if (isKeyed(query)) {
    const { sql, values } = keyedStatement(query, term)
    return pageOf(await connection.read(() => connection.prepare(sql).get<Bodies>(values) as Bodies), query)
  }
  const { sql, values } = orderedStatement(query)
  if (await isNoneLike(reader, query)) return { trials: [], cursor: null }
  if (term === '') {
    return pageOf(await reader.one<Bodies>(sql, values), query)
  }
  const trigrams = trigramsOf(term)
  if (trigrams !== null && (await isRare(reader, trigrams))) {
    const { sql, values } = candidatesStatement(query, term, trigrams)
    return pageOf(await reader.one<Bodies>(sql, values), query)
  }
  return searchInOrder(reader, query, term)
}

interface Bodies {
  readonly bodies: string | null
}

/** One more than the limit was asked for, to see whether there are more. */
async function pageOf({ bodies }: Bodies, query: TrialQuery): Promise<Page> {
  const found = await parseTrials(bodies)
  const trials = found.slice(0, query.limit)
  return { trials, cursor: found.length > query.limit ? encodeCursor(trials.at(-1)!, query.sort) : null }
}

/** Of {@link storedTrial} of each, one after the other. */
export async function parseTrials(stored: string | null): Promise<Trial[]> {
  const trials: Trial[] = []
  const lines = stored === null ? [] : stored.split('\n')
  for (let line = 0; line < lines.length; line += 2) {
    trials.push(parseTrial(lines[line]!, lines[line + 1]!))
    const others = breathe()
    if (others) await others
  }
  return trials
}

interface Statement {
  readonly sql: string
  readonly values: (string | number)[]
}

/** Found by the index of a key, and few: those who ask are about to send or to save something, and need not queue. */
const isKeyed = ({ email, mailbox, domain, company }: TrialQuery): boolean =>
  [email, mailbox, domain, company].some((key) => key !== undefined)

function keyedStatement(query: TrialQuery, term: string): Statement {
  const { where, values, keys, direction } = conditionsOf(query)
  const and = (condition: string, bound: string) => {
    where.push(condition)
    values.push(bound)
  }
  if (query.email !== undefined) {
    where.push(ofAddress('email = ?', 'email = ?'))
    values.push(query.workspaceId, query.email, query.workspaceId, query.email)
  }
  if (query.mailbox !== undefined) {
    const key = mailboxKey(query.mailbox)
    where.push(ofAddress(`email IS NOT NULL AND ${mailboxOfEmail} = ?`, `${mailboxOfEmail} = ?`))
    values.push(query.workspaceId, key, query.workspaceId, key)
  }
  if (query.domain !== undefined) and('domain = ?', query.domain)
  if (query.company !== undefined) and('company = ?', query.company)
  if (term !== '') and('instr(search, ?) > 0', term)
  // The plus keeps SQLite from reading all trials in order where few have the address.
  const plain = query.email === undefined && query.mailbox === undefined ? '' : '+'
  const order = keys.map((key) => `${plain}${key} ${direction}`).join(', ')
  const sql = bodiesOf(`SELECT id FROM trials WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`)
  return { sql, values: [...values, query.limit + 1] }
}

/** Of a person, or of any of the people of a company. */
const ofAddress = (own: string, ofMember: string): string => `id IN (
  SELECT id FROM trials WHERE workspace_id = ? AND ${own}
  UNION ALL SELECT trial_id FROM trial_emails WHERE workspace_id = ? AND ${ofMember})`

/** Read in order by an index that holds all that is filtered by; left to itself, SQLite may choose a worse one. */
function orderedStatement(query: TrialQuery): Statement {
  const { from, where, values, order } = conditionsOf(query)
  const sql = bodiesOf(`SELECT id FROM ${from} WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`)
  return { sql, values: [...values, query.limit + 1] }
}

/** From so many on, reading in order finds a page sooner than looking at each. */
const manyCandidates = 2000

async function isRare(reader: Reader, trigrams: string): Promise<boolean> {
  const { candidates } = await reader.one<{ candidates: number }>(
    `SELECT count(*) AS candidates FROM (
      SELECT rowid FROM trials_search WHERE trials_search MATCH ? LIMIT ${manyCandidates})`,
    [trigrams],
  )
  return candidates < manyCandidates
}

function candidatesStatement(query: TrialQuery, term: string, trigrams: string): Statement {
  const { where, values, keys, direction } = conditionsOf(query)
  const order = keys.map((key) => `trials.${key} ${direction}`).join(', ')
  // CROSS JOIN keeps this order: from the few to the many.
  const sql = bodiesOf(`
    SELECT trials.id FROM (
      SELECT DISTINCT trial_id FROM trials_search CROSS JOIN search_rows ON number = trials_search.rowid
      WHERE trials_search MATCH ?
    ) CROSS JOIN trials ON trials.id = trial_id
    WHERE ${where.join(' AND ')} AND instr(trials.search, ?) > 0
    ORDER BY ${order} LIMIT ?`)
  return { sql, values: [trigrams, ...values, term, query.limit + 1] }
}

/** Bodies in the order of the ids, which come first: a body is read only once its trial is on the page. */
const bodiesOf = (ids: string): string => `
  SELECT group_concat(stored, char(10)) AS bodies FROM (
    SELECT (SELECT ${storedTrial} FROM trials AS found WHERE found.id = page.id) AS stored FROM (${ids}) AS page)`

const firstVisits = 2_000
const mostVisits = 25_000
/** What was found by then is a page, and its cursor goes on behind the last trial that was visited. */
const longestSearchMs = 2_000

interface Visit extends Bodies {
  readonly visited: number
  /** JSON: value and id of the last one; null when there was no further one. */
  readonly last: string | null
}

/** Trials are visited in order, some at a time, for terms that are short or that many have. */
async function searchInOrder(reader: Reader, query: TrialQuery, term: string): Promise<Page> {
  const startedAt = performance.now()
  const found: Trial[] = []
  let rest = query
  for (let visits = firstVisits; ; visits = Math.min(visits * 4, mostVisits)) {
    const wanted = query.limit + 1 - found.length
    const { sql, values } = visitStatement(rest, term, visits, wanted)
    const { bodies, last } = await reader.one<Visit>(sql, values)
    found.push(...(await parseTrials(bodies)))
    const trials = found.slice(0, query.limit)
    if (found.length > query.limit) return { trials, cursor: encodeCursor(trials.at(-1)!, query.sort) }
    if (last === null) return { trials, cursor: null }
    const [value, id] = JSON.parse(last) as [number, string]
    const cursor = encodePlace({ value, id })
    if (performance.now() - startedAt > longestSearchMs) return { trials, cursor }
    rest = { ...query, cursor }
  }
}

function visitStatement(query: TrialQuery, term: string, visits: number, wanted: number): Statement {
  const { from, where, values, order, keys } = conditionsOf(query)
  const sql = `
    WITH visited AS MATERIALIZED (
      SELECT id, ${keys.at(-2)} AS place, instr(search, ?) > 0 AS hit FROM ${from}
      WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?)
    SELECT (SELECT json_array(place, id) FROM visited LIMIT 1 OFFSET ?) AS last, bodies
    FROM (${bodiesOf('SELECT id FROM visited WHERE hit LIMIT ?')})`
  return { sql, values: [term, ...values, visits, visits - 1, wanted] }
}

const columns: Partial<Record<keyof TrialFields, string>> = {
  endsAt: 'ends_at',
  score: 'score',
  createdAt: 'created_at',
  lastSeenAt: 'last_seen_at',
  lastSeenHour: 'last_seen_hour',
}

/** What each index begins with after the workspace. */
const indexOf: Record<string, string> = {
  ends_at: 'trials_ends',
  score: 'trials_score',
  created_at: 'trials_created',
  last_seen_hour: 'trials_seen',
}

/** What all lists have in common. `keys` are in order of the index, the id last. @throws InvalidCursor */
function conditionsOf(
  query: Pick<TrialQuery, 'workspaceId' | 'status' | 'segment' | 'pace' | 'sort' | 'cursor'>,
) {
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
  const { fields, descending } = listOrder(query.sort)
  const sorted = fields.map((field) => columns[field]!)
  const direction = descending ? 'DESC' : 'ASC'
  if (query.cursor !== undefined) {
    const { value, id } = decodeCursor(query.cursor)
    and(`(${sorted.at(-1)}, id) ${descending ? '<' : '>'} (?, ?)`, value, id)
    if (query.sort.endsWith('lastSeenAt'))
      and(`last_seen_hour ${descending ? '<=' : '>='} ?`, Math.floor(value / hourMs))
  }
  const keys = [...sorted, 'id']
  return {
    from: `trials INDEXED BY ${indexOf[sorted[0]!]}`,
    where,
    values,
    keys,
    direction,
    order: keys.map((key) => `${key} ${direction}`).join(', '),
  }
}
