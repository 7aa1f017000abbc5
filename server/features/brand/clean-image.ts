import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { cleanJpeg } from './clean-jpeg.ts'
import { cleanPng, type PngPixels } from './clean-png.ts'

/**
 * A picture someone uploads, as it may be served from our host: its type is told by its bytes, it is read from its
 * first to its last one, and only the parts that make up the picture are kept. Notes, places, thumbnails, animations
 * and whatever follows the end are gone.
 */

interface CleanImage {
  readonly type: 'png' | 'jpg'
  readonly width: number
  readonly height: number
  readonly bytes: Buffer
}

export type CleanResult =
  | { readonly ok: true; readonly image: CleanImage }
  | { readonly ok: false; readonly why: string }

/** Nothing may be wider or higher. */
const mostSide = 4000
/** Unpacked it takes four times as many bytes. */
const mostPixels = 4_000_000

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'))

/** What it is, when it is none of those we take. */
function refusalOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 1000).toString('latin1').trimStart().toLowerCase()
  if (head.startsWith('<svg') || (head.startsWith('<?xml') && head.includes('<svg')))
    return 'This is an SVG, which can hold scripts and which email clients do not show. Upload a PNG or JPEG.'
  if (startsWith(bytes, 'GIF8')) return 'This is a GIF. Upload a PNG or JPEG.'
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8))
    return 'This is a WebP, which many email clients do not show. Upload a PNG or JPEG.'
  return 'This is neither a PNG nor a JPEG.'
}

const unpack = promisify(inflate)

/** A header may promise anything; the pixels must be there, and not one byte more. */
async function hasItsPixels({ packed, unpackedBytes }: PngPixels): Promise<boolean> {
  try {
    const raw = await unpack(packed, { maxOutputLength: unpackedBytes })
    return (raw as Buffer).length === unpackedBytes
  } catch {
    return false
  }
}

const isTooLarge = ({ width, height }: { width: number; height: number }): boolean =>
  width > mostSide || height > mostSide || width * height > mostPixels

const tooLarge = ({ width, height }: { width: number; height: number }) =>
  `It is ${width} × ${height} pixels. A logo is at most ${mostSide} on a side and ${mostPixels / 1e6} million in all.`

export async function cleanImage(bytes: Buffer): Promise<CleanResult> {
  const isPng = startsWith(bytes, '\x89PNG')
  if (!isPng && !startsWith(bytes, '\xff\xd8\xff')) return { ok: false, why: refusalOf(bytes) }
  const read = isPng ? cleanPng(bytes) : cleanJpeg(bytes)
  if (!read) return { ok: false, why: `This ${isPng ? 'PNG' : 'JPEG'} is damaged or not complete.` }
  if (isTooLarge(read)) return { ok: false, why: tooLarge(read) }
  if (read.pixels && !(await hasItsPixels(read.pixels)))
    return { ok: false, why: 'This PNG is damaged or not complete.' }
  const { width, height, bytes: clean } = read
  return { ok: true, image: { type: isPng ? 'png' : 'jpg', width, height, bytes: clean } }
}
