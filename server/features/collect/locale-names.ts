import { LRUCache } from 'lru-cache'
import { isTimeZone as isZone } from '../../domain/time/zoned-time.ts'

/** An IANA time zone. */
export const isTimeZone = (name: unknown): name is string => typeof name === 'string' && isZone(name)

const knownTags = new LRUCache<string, boolean>({ max: 1000 })

/** A BCP 47 language tag. Verdicts are kept: few tags are in use, and asking Intl costs microseconds. */
export function isLocale(tag: unknown): tag is string {
  if (typeof tag !== 'string' || tag.length > 35) return false
  const known = knownTags.get(tag)
  if (known !== undefined) return known
  const valid = isValidTag(tag)
  knownTags.set(tag, valid)
  return valid
}

function isValidTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
