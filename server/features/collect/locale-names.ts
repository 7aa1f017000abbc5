import { LRUCache } from 'lru-cache'
import { parseLocale } from '../../../shared/locale.ts'
import { parseTimeZone } from '../../../shared/named-zone.ts'

const longestName = 120
/** Few names are in use, and asking Intl costs microseconds. */
const zones = new LRUCache<string, { readonly zone: string | null }>({ max: 1000 })

/** @returns the IANA time zone, see {@link parseTimeZone}; undefined when it is none. */
export function timeZoneOf(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length > longestName) return undefined
  let found = zones.get(name)
  if (!found) {
    found = { zone: parseTimeZone(name) }
    zones.set(name, found)
  }
  return found.zone ?? undefined
}

const known = new LRUCache<string, { readonly tag: string | null }>({ max: 1000 })

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
