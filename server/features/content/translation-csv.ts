import type { ReturnedRow, TranslationRow } from '../../../shared/content/translations.ts'
import type { BrokenCsv, CsvRecord } from '../imports/csv-records.ts'

/** Words as a table for translators. */

export type CsvRecords = (text: Iterable<string>, delimiter: string) => AsyncGenerator<CsvRecord | BrokenCsv>

const columns = ['email', 'place', 'source', 'target', 'state'] as const

/** Spreadsheets take text that begins like this for a formula: an apostrophe makes it text, and is taken off again. */
const guarded = /^[=+\-@\t\r']/
const cell = (text: string): string => `"${(guarded.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
const unguarded = (text: string): string =>
  text.startsWith("'") && guarded.test(text.slice(1)) ? text.slice(1) : text

/** RFC 4180, with the mark by which spreadsheets know UTF-8. */
export const translationCsv = (rows: readonly TranslationRow[]): string =>
  `\ufeff${[columns.join(','), ...rows.map((row) => columns.map((name) => cell(row[name])).join(','))].join('\r\n')}\r\n`

type ReadCsv =
  | { readonly ok: true; readonly rows: readonly ReturnedRow[] }
  | { readonly ok: false; readonly line: number; readonly why: string }

/** The one of the three that spreadsheets write which is in the first line most often. */
function delimiterOf(text: string): string {
  const first = text.slice(0, 500).split(/[\r\n]/, 1)[0] ?? ''
  const many = (char: string) => first.split(char).length
  return [',', ';', '\t'].reduce((best, char) => (many(char) > many(best) ? char : best))
}

type Places = Readonly<Record<(typeof columns)[number], number>>

const mostRows = 20_000

export async function readTranslationCsv(text: string, records: CsvRecords): Promise<ReadCsv> {
  const plain = text.replace(/^\ufeff/, '')
  const rows: ReturnedRow[] = []
  let places: Places | null = null
  for await (const record of records([plain], delimiterOf(plain))) {
    if ('why' in record) return { ok: false, ...record }
    const { cells, line } = record
    if (!places) {
      const names = cells.map((name) => name.trim().toLowerCase())
      const missing = columns.find((name) => name !== 'state' && !names.includes(name))
      if (missing !== undefined) return { ok: false, line, why: `There is no column “${missing}”.` }
      places = Object.fromEntries(columns.map((name) => [name, names.indexOf(name)])) as Places
      continue
    }
    const at = (name: (typeof columns)[number]) =>
      unguarded((cells[places?.[name] ?? -1] ?? '').replaceAll('\r\n', '\n'))
    if (rows.length >= mostRows) return { ok: false, line, why: `There are more than ${mostRows} rows.` }
    rows.push({ email: at('email'), place: at('place'), source: at('source'), target: at('target') })
  }
  return places ? { ok: true, rows } : { ok: false, line: 1, why: 'The file is empty.' }
}
