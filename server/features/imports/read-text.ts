import { breathe } from '../../storage/breathe.ts'

/** Text of an upload, piece by piece: whatever its encoding and whatever ends its lines. */
export type Pieces = Iterable<string> | AsyncIterable<string>

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** A piece that is read in one go holds the thread for a few milliseconds at most. */
const pieceBytes = 64 * 1024

/** @returns the same bytes in pieces that are quickly read. */
export function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** By its byte order mark; without one by the zero that one half of each Latin letter is in UTF-16. */
function encodingOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (second === 0 && first !== 0)) return 'utf-16le'
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : 'utf-8'
}

/**
 * What old spreadsheets of Western Europe and the Americas write. A text in it is hardly ever valid UTF-8 by chance,
 * and each of its bytes means a letter, so nothing is lost where it is another encoding of that family.
 */
export const oldEncoding = 'windows-1252'

/** Whether these bytes are neither UTF-16 nor valid UTF-8. */
export async function isOldEncoding(chunks: Chunks): Promise<boolean> {
  let decoder: InstanceType<typeof TextDecoder> | null = null
  try {
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue
      if (!decoder) {
        const encoding = encodingOf(chunk)
        if (encoding !== 'utf-8') return false
        decoder = new TextDecoder(encoding, { fatal: true })
      }
      decoder.decode(chunk, { stream: true })
      await breathe()
    }
    decoder?.decode()
    return false
  } catch {
    return true
  }
}

/** UTF-8 or UTF-16, with or without a byte order mark, as spreadsheets write it. The mark is left out. */
export async function* textPieces(
  chunks: Chunks,
  { isOld = false }: { isOld?: boolean } = {},
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    decoder ??= new TextDecoder(isOld ? oldEncoding : encodingOf(chunk))
    yield decoder.decode(chunk, { stream: true })
  }
  const rest = decoder?.decode()
  if (rest) yield rest
}

/** A longer row is not read: what is kept of it is only enough to say so. */
export const maxRowChars = 100_000

/** Lines as an editor shows them: CRLF, LF and CR each end one. Counted from 1. */
export async function* linesOf(pieces: Pieces): AsyncGenerator<{ line: number; text: string }> {
  let [line, rest] = [1, '']
  let afterCr = false
  for await (const piece of pieces) {
    const lines = (afterCr && piece.startsWith('\n') ? piece.slice(1) : piece).split(/\r\n|\n|\r/)
    if (piece !== '') afterCr = piece.endsWith('\r')
    const last = lines.pop() ?? ''
    for (const text of lines) {
      yield { line: line++, text: rest + text }
      rest = ''
    }
    if (rest.length <= maxRowChars) rest += last
  }
  yield { line, text: rest }
}
