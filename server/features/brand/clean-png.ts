import { crc32 } from 'node:zlib'

/** PNG, third edition, §5 and §11. */

export interface PngPixels {
  readonly packed: Buffer
  readonly unpackedBytes: number
}

interface ReadPicture {
  readonly width: number
  readonly height: number
  readonly bytes: Buffer
  readonly pixels?: PngPixels
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** What the picture itself is made of; text, places, times, colour profiles and animations are not kept. */
const kept: ReadonlySet<string> = new Set([
  'IHDR',
  'PLTE',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'pHYs',
  'IDAT',
  'IEND',
])

/** Samples of a pixel, by colour type, and the depths it allows. */
const colourTypes: Readonly<
  Record<number, { readonly samples: number; readonly depths: readonly number[] }>
> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
}

interface Header {
  readonly width: number
  readonly height: number
  readonly bitsPerPixel: number
  readonly isInterlaced: boolean
  readonly isPalette: boolean
}

function readHeader(data: Buffer): Header | null {
  if (data.length !== 13) return null
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)]
  const [depth = 0, colour = 0, compression, filter, interlace] = data.subarray(8)
  const type = colourTypes[colour]
  const isKnown = compression === 0 && filter === 0 && (interlace === 0 || interlace === 1)
  if (!type?.depths.includes(depth) || !isKnown || width < 1 || height < 1) return null
  const bitsPerPixel = type.samples * depth
  return { width, height, bitsPerPixel, isInterlaced: interlace === 1, isPalette: colour === 3 }
}

/** Of Adam7: where each pass begins and how far apart its pixels are. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Each row has one byte for its filter. */
function unpackedBytesOf({ width, height, bitsPerPixel, isInterlaced }: Header): number {
  const rows = (wide: number, high: number) =>
    wide === 0 ? 0 : high * (1 + Math.ceil((wide * bitsPerPixel) / 8))
  if (!isInterlaced) return rows(width, height)
  return passes.reduce((sum, [x, y, dx, dy]) => {
    const [wide, high] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)]
    return sum + rows(Math.max(0, wide), Math.max(0, high))
  }, 0)
}

interface Chunk {
  readonly type: string
  readonly data: Buffer
  readonly whole: Buffer
}

/** @returns null where a chunk is cut off, its sum is wrong, or nothing ends the file. */
function chunksOf(bytes: Buffer): Chunk[] | null {
  const chunks: Chunk[] = []
  for (let at = signature.length; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const end = at + 12 + length
    if (end > bytes.length) return null
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return null
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) })
    if (type === 'IEND') return chunks
    at = end
  }
  return null
}

/** @returns null when it is no whole PNG. */
export function cleanPng(bytes: Buffer): ReadPicture | null {
  if (!bytes.subarray(0, signature.length).equals(signature)) return null
  const chunks = chunksOf(bytes)
  const first = chunks?.[0]
  const header = first?.type === 'IHDR' ? readHeader(first.data) : null
  if (!chunks || !header) return null
  const count = (type: string) => chunks.filter((chunk) => chunk.type === type).length
  const data = chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data)
  // A critical chunk we do not know would change how the picture is read.
  const isStrange = chunks.some(({ type }) => /^[A-Z]/.test(type) && !kept.has(type))
  if (count('IHDR') !== 1 || data.length === 0 || isStrange || (header.isPalette && count('PLTE') !== 1))
    return null
  return {
    width: header.width,
    height: header.height,
    bytes: Buffer.concat([
      signature,
      ...chunks.filter(({ type }) => kept.has(type)).map(({ whole }) => whole),
    ]),
    pixels: { packed: Buffer.concat(data), unpackedBytes: unpackedBytesOf(header) },
  }
}
