import { randomBytes, randomFillSync } from 'node:crypto'
import type { Ids } from '../ports.ts'

const counterBits = 42n
const counterMask = (1n << counterBits) - 1n

const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, '0')

/**
 * UUIDv7 (RFC 9562 §5.7) in strictly rising order, also within one millisecond and when the clock steps back: rand_a
 * and the top of rand_b are a counter that starts at a random place each millisecond (§6.2, method 1); 32 random bits
 * remain.
 */
export function createIds(): Ids {
  let lastAt = 0
  let counter = 0n
  const random = new Uint32Array(3)
  let free = 0

  /** One of three random words at a time, so that the system is asked seldom. */
  const word = (): bigint => {
    if (free === 0) free = randomFillSync(random).length
    return BigInt(random[--free] ?? 0)
  }

  return {
    uuid(now) {
      if (now > lastAt) {
        lastAt = now
        // The top bit stays free, so that the counter has room to rise.
        counter = ((word() << 32n) | word()) & (counterMask >> 1n)
      } else if (++counter > counterMask) {
        lastAt++
        counter = 0n
      }
      const tail = ((counter & ((1n << 30n) - 1n)) << 32n) | word()
      const digits =
        hex(BigInt(lastAt), 12) + hex(0x7000n | (counter >> 30n), 4) + hex((2n << 62n) | tail, 16)
      return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    },
    secret: () => randomBytes(32).toString('base64url'),
  }
}
