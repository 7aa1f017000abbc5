/** JPEG, ITU-T T.81 annex B. */

interface ReadPicture {
  readonly width: number
  readonly height: number
  readonly bytes: Buffer
  readonly pixels?: undefined
}

const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda

/** Frames that every browser and email client decodes: baseline, extended, progressive. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2])
/** Tables, the frame, restarts, scans, JFIF and Adobe’s colour transform; notes, places and profiles are not kept. */
const kept: ReadonlySet<number> = new Set([...frames, 0xc4, 0xdb, 0xdd, startOfScan, 0xe0, 0xee])

/** Where the data of a scan ends: at the next marker that is no restart and no stuffed byte. */
function endOfScan(bytes: Buffer, from: number): number {
  for (
    let at = bytes.indexOf(0xff, from);
    at >= 0 && at + 1 < bytes.length;
    at = bytes.indexOf(0xff, at + 1)
  ) {
    const next = bytes[at + 1] ?? 0
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
    if (!isData) return at
  }
  return -1
}

interface Segment {
  readonly marker: number
  readonly data: Buffer
  readonly end: number
}

/** The segment at `at`, with the data of the scan that it starts; null when it is cut off. */
function segmentAt(bytes: Buffer, at: number): Segment | null {
  const marker = bytes[at + 1] ?? 0
  if (bytes[at] !== 0xff || marker < 0xc0 || at + 4 > bytes.length) return null
  const length = bytes.readUInt16BE(at + 2)
  const end = at + 2 + length
  if (length < 2 || end > bytes.length) return null
  const last = marker === startOfScan ? endOfScan(bytes, end) : end
  return last < 0 ? null : { marker, data: bytes.subarray(at + 4, end), end: last }
}

interface Size {
  readonly width: number
  readonly height: number
}

/** @returns null for a frame we do not take. */
function sizeOf({ marker, data }: Segment): Size | null {
  if (!frames.has(marker) || data.length < 6 || data[0] !== 8) return null
  const [height, width] = [data.readUInt16BE(1), data.readUInt16BE(3)]
  return width > 0 && height > 0 ? { width, height } : null
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** @returns null when it is no whole JPEG of a common kind. */
export function cleanJpeg(bytes: Buffer): ReadPicture | null {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return null
  const parts: Buffer[] = [bytes.subarray(0, 2)]
  let size: Size | null = null
  let hasScan = false
  for (let at = 2; at + 2 <= bytes.length; ) {
    if (bytes[at] === 0xff && bytes[at + 1] === endOfImage) {
      parts.push(bytes.subarray(at, at + 2))
      return size && hasScan ? { ...size, bytes: Buffer.concat(parts) } : null
    }
    const segment = segmentAt(bytes, at)
    if (!segment) return null
    if (isFrame(segment.marker)) {
      if (size) return null
      size = sizeOf(segment)
      if (!size) return null
    }
    hasScan ||= segment.marker === startOfScan
    if (kept.has(segment.marker)) parts.push(bytes.subarray(at, segment.end))
    at = segment.end
  }
  return null
}
