import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { minuteMs } from '../../../shared/clock.ts'

/** How far the signed time may be from ours, in either direction. */
export const toleranceMs = 5 * minuteMs

export const isFresh = (signedAt: number, now: number): boolean =>
  Number.isFinite(signedAt) && Math.abs(now - signedAt) <= toleranceMs

/**
 * Whether any of the given hex signatures is HMAC-SHA256 of `prefix` + body under any of the secrets: during a
 * rotation there are two of either.
 */
export function isSigned(
  given: readonly string[],
  secrets: readonly string[],
  prefix: string,
  rawBody: Buffer,
): boolean {
  const signatures = given
    .filter((hex) => /^[0-9a-f]{64}$/i.test(hex))
    .slice(0, 5)
    .map((hex) => Buffer.from(hex, 'hex'))
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(prefix).update(rawBody).digest()
    return signatures.some((signature) => timingSafeEqual(signature, expected))
  })
}

const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest()

/** In constant time, whatever the lengths. */
export const isOneOf = (given: string, secrets: readonly string[]): boolean =>
  secrets.filter((secret) => timingSafeEqual(sha256(given), sha256(secret))).length > 0

export const header = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? ''
