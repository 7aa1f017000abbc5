import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { trialistPutSchema } from '../../../shared/api/trialists.ts'
import type { RejectedRow } from '../../storage/documents/imports.ts'
import type { TrialistPatch } from '../trials/trial-service.ts'

/** One person of an upload. `line` is where the row ends in the file, from 1. */
export interface ImportRow {
  readonly line: number
  readonly userId: string
  readonly patch: TrialistPatch
}

export type ReadRow = ImportRow | RejectedRow

const plainColumns = new Set(['email', 'name', 'locale', 'timeZone', 'company', 'plan'])
const maxUserIdChars = 255
/** What a CSV cell means as a trait: numbers and truth values are what they look like, everything else is text. */
const traitOf = (cell: string): unknown => {
  if (cell === 'true' || cell === 'false') return cell === 'true'
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(cell) ? Number(cell) : cell
}

/** `trial.endsAt` and `consent.mail` nest, `traits.x` and unknown columns become traits; empty cells are left out. */
function bodyOfCells(columns: readonly string[], cells: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const into = (group: string, name: string, value: unknown) => {
    body[group] = { ...(body[group] as object | undefined), [name]: value }
  }
  columns.forEach((column, index) => {
    const cell = cells[index]?.trim() ?? ''
    if (cell === '') return
    const [group = '', name] = column.split('.', 2)
    if (column === 'userId' || plainColumns.has(column)) body[column] = cell
    else if (group === 'trial' && name) into('trial', name, cell)
    else if (group === 'consent' && name) into('consent', name, cell === 'true')
    else into('traits', group === 'traits' && name ? name : column, traitOf(cell))
  })
  return body
}

/** Checks a row as the API checks a person. */
function checked(line: number, { userId, ...body }: Record<string, unknown>): ReadRow {
  const id = typeof userId === 'number' ? String(userId) : userId
  if (typeof id !== 'string' || id === '') return { line, userId: null, why: 'userId is missing' }
  if (id.length > maxUserIdChars)
    return { line, userId: null, why: `userId is longer than ${maxUserIdChars}` }
  const parsed = trialistPutSchema.safeParse(body)
  if (parsed.success) return { line, userId: id, patch: parsed.data as TrialistPatch }
  const why = parsed.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  )
  return { line, userId: id, why: why.slice(0, 5).join('; ') }
}

/** A row as it was written, before it is checked. */
export type RawRow =
  | { readonly line: number; readonly body: Record<string, unknown> }
  | { readonly line: number; readonly why: string }

export async function* ndjsonRows(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<RawRow> {
  let line = 0
  for await (const row of lines) {
    line++
    if (row.trim() === '') continue
    try {
      const body: unknown = JSON.parse(row)
      if (typeof body === 'object' && body !== null && !Array.isArray(body))
        yield { line, body: body as Record<string, unknown> }
      else yield { line, why: 'is not a JSON object' }
    } catch {
      yield { line, why: 'is not JSON' }
    }
  }
}

interface CsvRecord {
  readonly record: string[]
  readonly info: { readonly lines: number }
}

/**
 * RFC 4180 and what spreadsheets make of it: a BOM, quoted line breaks, `;` or tabs between the cells.
 * @param head the beginning of the file, at least its header
 */
export async function* csvRows(input: string | Readable, head: string): AsyncGenerator<RawRow> {
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(head),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 100_000,
  })
  Readable.from(typeof input === 'string' ? [input] : input).pipe(parser)
  let columns: string[] | null = null
  let line = 0
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      line = info.lines
      if (columns) yield { line, body: bodyOfCells(columns, record) }
      else columns = record.map((name) => name.trim())
    }
  } catch (error) {
    // What follows a broken quote cannot be told apart into rows.
    const why = error instanceof Error ? error.message : String(error)
    yield { line: line + 1, why: `the file cannot be read from here on: ${why}` }
  }
}

/** The separator that the header uses most. */
function delimiterOf(head: string): string {
  const header = head.slice(0, 10_000).split('\n', 1)[0] ?? ''
  const counted = [',', ';', '\t'].map((each) => ({ each, count: header.split(each).length }))
  return counted.sort((a, b) => b.count - a.count)[0]?.each ?? ','
}

/** The rows of an upload, each checked as the API checks a person. */
export async function* readRows(text: string, format: 'csv' | 'ndjson'): AsyncGenerator<ReadRow> {
  const rows = format === 'csv' ? csvRows(text, text) : ndjsonRows(text.split('\n'))
  for await (const row of rows)
    yield 'body' in row ? checked(row.line, row.body) : { line: row.line, userId: null, why: row.why }
}
