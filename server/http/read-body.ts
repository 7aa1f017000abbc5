import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { mentionsHeader } from './mentions-header.ts'

/** Why a body could not be had. `gone`: the client hung up; no one is there to be answered. */
export type BodyFault = 'too-large' | 'unsupported-encoding' | 'undecodable' | 'gone'

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly fault: BodyFault }

const fail = (fault: BodyFault): Body => ({ ok: false, fault })

/**
 * The whole body, inflated. The limit holds for the bytes received and again for the inflated ones, and is checked
 * while they stream, so neither a are in Content-Length nor a compression bomb takes more memory than that. What
 * comes after the limit is received and thrown away: closing the socket instead would reset it under the answer.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    let first: Buffer | null = null
    let rest: Buffer[] | null = null
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        first = rest = null
        resolve(fail('too-large'))
      } else if (first === null) first = chunk
      else if (rest === null) rest = [chunk]
      else rest.push(chunk)
    })
    request.on('end', () => {
      if (size > maxBytes) return
      const bytes = first === null ? empty : rest === null ? first : Buffer.concat([first, ...rest], size)
      if (!mentionsHeader(request, 'content-encoding') && !isGzip(bytes)) resolve({ ok: true, bytes })
      else decode(bytes, request.headers['content-encoding'] ?? 'gzip', maxBytes).then(resolve)
    })
    // A client that hangs up; `error` is only emitted to those who listen. After `end` the promise is settled already.
    request.on('close', () => {
      if (!request.complete) resolve(fail('gone'))
    })
  })
}

const empty = Buffer.alloc(0)

/** Some senders compress and do not say so; no JSON begins with these bytes. */
const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
  /** RFC 9110 §8.4.1.2: some senders leave out the zlib wrapper of `deflate`. */
  raw: promisify(inflateRaw),
} as const

async function decode(bytes: Buffer, contentEncoding: string, maxBytes: number): Promise<Body> {
  const name = contentEncoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return { ok: true, bytes }
  if (!(name === 'gzip' || name === 'x-gzip' || name === 'br' || name === 'deflate'))
    return fail('unsupported-encoding')
  const wrapped = name !== 'deflate' || ((bytes[0] ?? 0) & 0x0f) === 8
  try {
    const inflated = await decoders[wrapped ? name : 'raw'](bytes, { maxOutputLength: maxBytes })
    return { ok: true, bytes: inflated as Buffer }
  } catch (error) {
    return fail(
      (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'undecodable',
    )
  }
}
