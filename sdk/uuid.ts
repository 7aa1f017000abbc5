function randomBytes(length: number): number[] {
  const bytes = new Uint8Array(length)
  try {
    crypto.getRandomValues(bytes)
  } catch {
    return [...bytes].map(() => Math.random() * 256)
  }
  return [...bytes]
}

/** UUIDv7 (RFC 9562 §5.7): 48 bits of `now`, then random. Time-ordered, so the server's index fills at its end. */
export function uuid7(now: number): string {
  const time = Math.floor(now).toString(16).padStart(12, '0')
  const hex = randomBytes(10)
    .map((byte) => (byte | 256).toString(16).slice(1))
    .join('')
  const variant = '89ab'[hex.charCodeAt(3) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`
}
