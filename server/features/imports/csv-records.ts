import { maxRowChars, type Pieces } from './read-text.ts'

/** One record of a CSV text. `line` is where it begins, as an editor counts: CRLF, LF and CR each end a line. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

export interface BrokenCsv {
  readonly line: number
  readonly why: string
}

/** Where the next character stands: before, in or after a quoted cell, or in a plain one. */
type Place = 'begin' | 'plain' | 'quoted' | 'closed'

interface State {
  place: Place
  line: number
  beganAt: number
  chars: number
  cells: string[]
  cell: string
  /** A line feed now is the second half of a line end that has been counted. */
  afterCr: boolean
}

const isBreak = (char: string): boolean => char === '\n' || char === '\r'

/** Characters up to the next one that can mean something there. */
const runsFor = (delimiter: string) => ({
  plain: new RegExp(`[^${delimiter}"\\r\\n]+`, 'y'),
  quoted: /[^"\r\n]+/y,
})

function endCell(state: State): void {
  state.cells.push(state.cell)
  state.cell = ''
  state.place = 'begin'
}

/** @returns null for an empty line. */
function endRecord(state: State): CsvRecord | null {
  const isEmpty = state.cells.length === 0 && state.cell === '' && state.place === 'begin'
  endCell(state)
  const record = { line: state.beganAt, cells: state.cells }
  state.cells = []
  state.chars = 0
  return isEmpty ? null : record
}

function takeQuoted(state: State, char: string): void {
  if (char === '"') state.place = 'closed'
  else {
    state.cell += char
    if (isBreak(char)) state.line++
  }
}

function takePlain(state: State, char: string, delimiter: string): void {
  if (char === delimiter) endCell(state)
  else if (char === '"' && state.place === 'closed') {
    state.cell += char
    state.place = 'quoted'
  } else if (char === '"' && state.cell.trim() === '') {
    state.cell = ''
    state.place = 'quoted'
  } else {
    state.cell += char
    state.place = 'plain'
  }
}

/** @returns the records that end in this piece. */
function* recordsIn(piece: string, state: State, delimiter: string): Generator<CsvRecord | BrokenCsv> {
  const runs = runsFor(delimiter)
  for (let at = 0; at < piece.length; ) {
    const char = piece[at] as string
    const isSecondHalf = state.afterCr && char === '\n'
    state.afterCr = char === '\r'
    const run = state.place === 'quoted' ? runs.quoted : runs.plain
    run.lastIndex = at
    const text = isBreak(char) ? null : run.exec(piece)
    const read = text?.[0].length ?? 1
    at += read
    state.chars += read
    if (text) {
      state.cell += text[0]
      if (state.place !== 'quoted') state.place = 'plain'
    } else if (isSecondHalf) {
      if (state.place === 'quoted') state.cell += char
    } else if (state.place === 'quoted') takeQuoted(state, char)
    else if (isBreak(char)) {
      const record = endRecord(state)
      state.beganAt = ++state.line
      if (record) yield record
    } else takePlain(state, char, delimiter)
    if (state.chars > maxRowChars) {
      const why = `a row is longer than ${maxRowChars} characters; is a quote never closed?`
      yield { line: state.beganAt, why }
      return
    }
  }
}

/**
 * RFC 4180, and what is met beside it: any line ends, blanks before an opening quote, quotes in the middle of a cell,
 * text after a closing one. Empty lines are no records.
 * @param delimiter one character that needs no escape between the brackets of a pattern
 * @returns at last what is broken: a quote that is never closed, or a row longer than {@link maxRowChars}
 */
export async function* csvRecords(pieces: Pieces, delimiter: string): AsyncGenerator<CsvRecord | BrokenCsv> {
  const state: State = {
    place: 'begin',
    line: 1,
    beganAt: 1,
    chars: 0,
    cells: [],
    cell: '',
    afterCr: false,
  }
  for await (const piece of pieces)
    for (const record of recordsIn(piece, state, delimiter)) {
      yield record
      if ('why' in record) return
    }
  if (state.place === 'quoted') {
    yield { line: state.beganAt, why: 'a quote of this row is never closed' }
    return
  }
  const last = endRecord(state)
  if (last) yield last
}
