import { trialistPutSchema } from '../../../shared/api/trialists.ts'
import type { RejectedRow } from '../../storage/documents/imports.ts'
import type { TrialistPatch } from '../trials/trial-service.ts'
import { csvRows } from './csv-rows.ts'
import { inPieces, linesOf, maxRowChars, type Pieces, textPieces } from './read-text.ts'

/** One person of an upload. `line` is where the row begins in the file, from 1, as an editor counts. */
export interface ImportRow {
  readonly line: number
  readonly userId: string
  readonly patch: TrialistPatch
}

export type ReadRow = ImportRow | RejectedRow

const maxUserIdChars = 255
/** Checks a row as the API checks a person. */
function checked(line: number, { userId, ...body }: Record<string, unknown>): ReadRow {
  const id = typeof userId === 'number' ? String(userId) : userId
  if (typeof id !== 'string' || id === '') return { line, userId: null, why: 'userId is missing' }
  // 1.23457E+15: the last digits are lost, and many people would become one.
  if (/^\d[.,]\d{1,14}E\+\d{1,3}$/i.test(id))
    return { line, userId: id, why: 'userId was shortened by a spreadsheet: format the column as text' }
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

export async function* ndjsonRows(pieces: Pieces): AsyncGenerator<RawRow> {
  for await (const { line, text } of linesOf(pieces)) {
    if (text.trim() === '') continue
    if (text.length > maxRowChars) {
      yield { line, why: `is longer than ${maxRowChars} characters` }
      continue
    }
    try {
      const body: unknown = JSON.parse(text)
      if (typeof body === 'object' && body !== null && !Array.isArray(body))
        yield { line, body: body as Record<string, unknown> }
      else yield { line, why: 'is not a JSON object' }
    } catch {
      yield { line, why: 'is not JSON' }
    }
  }
}

/** The rows of an upload, each checked as the API checks a person. */
export async function* readRows(
  bytes: Uint8Array,
  format: 'csv' | 'ndjson',
  options: { isOld?: boolean } = {},
): AsyncGenerator<ReadRow> {
  const pieces = textPieces(inPieces(bytes), options)
  for await (const row of format === 'csv' ? csvRows(pieces) : ndjsonRows(pieces))
    yield 'body' in row ? checked(row.line, row.body) : { line: row.line, userId: null, why: row.why }
}
