import { attempt } from './guard.ts'

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of `now`, then random. Time-ordered, so the server's index fills at its end.
 * The random part is that of a v4, whose variant stands at the same place; insecure pages have no randomUUID.
 */
export const uuid7 = (now = Date.now()): string =>
  `${now.toString(16).padStart(12, '0').replace(/.{8}/, '$&-')}-7${
    attempt(() => crypto.randomUUID().slice(15)) ??
    'xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.random().toString(16)[2]!)
  }`
