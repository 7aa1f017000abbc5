import { LRUCache } from 'lru-cache'

/** A rate limit per key: `burst` at once, `perSecond` in the long run. Refilled on use, so it needs no timer. */
export interface TokenBuckets {
  /** @returns 0 when the request may pass, else the seconds after which it may be tried again. */
  take(key: string, now: number): number
  /** What turned out to cost more than one: the debt is paid before the next may pass. */
  charge(key: string, tokens: number): void
}

/** A key that is forgotten starts over with a full bucket. */
const maxKeys = 50_000

/** @param now of {@link TokenBuckets.take}: milliseconds of a clock that never goes back. */
export function createTokenBuckets({ perSecond, burst }: { perSecond: number; burst: number }): TokenBuckets {
  // By size, not by `max`, for which room would be made at once: 1.2 MB for each of a dozen limits.
  const buckets = new LRUCache<string, { tokens: number; at: number }>({
    maxSize: maxKeys,
    sizeCalculation: () => 1,
  })
  return {
    take(key, now) {
      let bucket = buckets.get(key)
      if (!bucket) {
        bucket = { tokens: burst, at: now }
        buckets.set(key, bucket)
      }
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000)
      bucket.at = now
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      bucket.tokens -= 1
      return 0
    },
    charge(key, tokens) {
      const bucket = buckets.get(key)
      if (bucket) bucket.tokens -= tokens
    },
  }
}
