import { bodyOfCells, cellText, fieldsOfHeader } from './csv-columns.ts'
import { csvRecords } from './csv-records.ts'
import type { RawRow } from './read-rows.ts'
import type { Pieces } from './read-text.ts'

const headChars = 10_000

/** The beginning of the text, at least its header, and all of it again. */
async function withHead(pieces: Pieces): Promise<{ head: string; all: AsyncGenerator<string> }> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
  let head = ''
  let isOver = false
  while (!isOver && head.length < headChars) {
    const { value, done } = await iterator.next()
    isOver = done === true
    head += value ?? ''
  }
  async function* all() {
    yield head
    for (let next = isOver ? null : await iterator.next(); next && !next.done; next = await iterator.next())
      yield next.value
  }
  return { head, all: all() }
}

/** Excel’s own way to name the separator, on a line before the header. */
const namedDelimiter = /^sep=([,;\t|])$/

/** The separator that is named, or that the header uses most outside of its quotes. */
function delimiterOf(head: string): string {
  const header = /[^\r\n]+/.exec(head.slice(0, headChars))?.[0] ?? ''
  const isNamed = namedDelimiter.exec(header.trimEnd())
  if (isNamed?.[1]) return isNamed[1]
  const unquoted = header.replace(/"[^"]*"/g, '')
  const counted = [',', ';', '\t', '|'].map((each) => ({ each, count: unquoted.split(each).length }))
  return counted.sort((a, b) => b.count - a.count)[0]?.each ?? ','
}

/** The people of a CSV file; what spreadsheets put around them is passed over. */
export async function* csvRows(pieces: Pieces): AsyncGenerator<RawRow> {
  const { head, all } = await withHead(pieces)
  let fields: ReturnType<typeof fieldsOfHeader> | null = null
  for await (const record of csvRecords(all, delimiterOf(head))) {
    // What follows a broken quote cannot be told apart into rows.
    if ('why' in record)
      yield { line: record.line, why: `the file cannot be read from here on: ${record.why}` }
    else if (record.cells.every((cell) => cell.trim() === '')) continue
    else if (fields) yield { line: record.line, body: bodyOfCells(fields, record.cells) }
    else if (record.cells[0] !== 'sep=') fields = fieldsOfHeader(record.cells.map(cellText))
  }
}
