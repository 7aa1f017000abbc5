/** What an email may ask of its reader. It is looked at before anything is parsed, in one pass over the bytes. */
export const mimeBounds = {
  /** Anything larger is read up to here: words and reports come first, attachments behind them. */
  bytes: 1024 * 1024,
  headerBytes: 64 * 1024,
  headerLines: 1000,
  parts: 100,
  /** The parser takes its time for each line, short or long. */
  lines: 20_000,
  depth: 5,
} as const

const lf = 0x0a
const cr = 0x0d
const dash = 0x2d

/** Some very old systems end their lines with a carriage return alone. */
function withLineFeeds(raw: Buffer): Buffer {
  if (raw.includes(lf)) return raw
  const copy = Buffer.from(raw)
  for (let at = copy.indexOf(cr); at >= 0; at = copy.indexOf(cr, at + 1)) copy[at] = lf
  return copy
}

const boundaryPattern = /\bboundary[ \t]{0,9}=[ \t]{0,9}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/gi

function boundariesOf(raw: Buffer): Set<string> {
  const found = new Set<string>()
  for (const [, quoted, bare] of raw.toString('latin1').matchAll(boundaryPattern)) {
    found.add((quoted ?? bare ?? '').trimEnd())
    if (found.size > mimeBounds.parts) break
  }
  return found
}

/** @returns where the part or the line after the last permitted one begins, or the length. */
function endOfWanted(raw: Buffer): number {
  const boundaries = boundariesOf(raw)
  let parts = 0
  let lines = 0
  for (let start = 0; start < raw.length; ) {
    if (++lines > mimeBounds.lines) return start
    const found = raw.indexOf(lf, start)
    const end = found < 0 ? raw.length : found
    if (raw[start] === dash && raw[start + 1] === dash && end - start < 210) {
      const line = raw.toString('latin1', start + 2, end).trimEnd()
      if (boundaries.has(line) && ++parts > mimeBounds.parts) return start
    }
    start = end + 1
  }
  return raw.length
}

function headerFault(raw: Buffer): string | null {
  let lines = 0
  for (let start = 0; start < raw.length; ) {
    const found = raw.indexOf(lf, start)
    const end = found < 0 ? raw.length : found
    if (end === start || (end === start + 1 && raw[start] === cr)) return null
    if (end > mimeBounds.headerBytes || ++lines > mimeBounds.headerLines)
      return 'its header is longer than any email needs'
    start = end + 1
  }
  return null
}

export type Bounded =
  | { readonly ok: true; readonly raw: Buffer }
  | { readonly ok: false; readonly why: string }

/** Cuts what is too large and too many; refuses only a header that nothing sensible could be cut from. */
export function boundMail(whole: Uint8Array): Bounded {
  const size = Math.min(whole.byteLength, mimeBounds.bytes)
  const raw = withLineFeeds(Buffer.from(whole.buffer, whole.byteOffset, size))
  const why = headerFault(raw)
  return why === null ? { ok: true, raw: raw.subarray(0, endOfWanted(raw)) } : { ok: false, why }
}
