import { LRUCache } from 'lru-cache'
import { parseLocale } from '../../../shared/locale.ts'
import { isTimeZone as isZone } from '../../domain/time/zoned-time.ts'

/** @returns the IANA time zone, as given; undefined when it is none. */
export const timeZoneOf = (name: unknown): string | undefined =>
  typeof name === 'string' && isZone(name) ? name : undefined

/** Few names are in use, and asking Intl costs microseconds. */
const known = new LRUCache<string, { readonly tag: string | null }>({ max: 1000 })
const longestName = 100

/** @returns the canonical language tag, see {@link parseLocale}; undefined when it names no language. */
export function localeOf(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length > longestName) return undefined
  let found = known.get(name)
  if (!found) {
    found = { tag: parseLocale(name) }
    known.set(name, found)
  }
  return found.tag ?? undefined
}
