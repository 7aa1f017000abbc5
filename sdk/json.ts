import { attempt } from './guard.ts'

type Bag = Record<string, unknown>

/** Then nothing is counted: what is remembered is written with each answer. */
const noLimit = 1e9

/**
 * JSON of whatever a page hands over. A value that JSON cannot say costs itself, not what it belongs to: cycles,
 * getters that throw, functions, and what has no room. BigInt becomes text. `toJSON` of an object is asked, that of
 * built-in prototypes is not: old libraries put one there that returns JSON text.
 * @param room most bytes of UTF-8; a property of the value, or of one of its objects, that is too large is left out.
 */
export function json(value: unknown, room = noLimit): string {
  const plain = (it: unknown, above: readonly unknown[] = []): unknown => {
    if (it instanceof Date) it = it.toISOString()
    if (typeof it === 'bigint') it = `${it}`
    if (typeof it !== 'object' || !it) {
      // Nothing asks a primitive value for its toJSON. Characters outside the BMP count six bytes instead of four.
      if (room < noLimit) room -= `${JSON.stringify(it)}`.replace(/[^ -~]/g, '???').length
      return it
    }
    if (room < 0 || above[19] || above.includes(it)) return
    const { toJSON } = it as Bag
    const isList = Array.isArray(it)
    if (!isList && toJSON && toJSON !== (Object.prototype as Bag).toJSON)
      return plain((it as Date).toJSON(), above)
    // Without a prototype no toJSON is inherited, and `__proto__` is a key like any other.
    const made: Bag = Object.setPrototypeOf(isList ? [] : {}, null)
    const path = [...above, it]
    for (const key of Object.keys(it)) {
      const before = room
      plain(key)
      const inner = attempt(() => plain((it as Bag)[key], path))
      if (room < 0 && !above[1]) room = before
      else made[key] = inner
    }
    return made
  }
  return JSON.stringify(plain(value))
}

/** What arrives of it on the other side. */
export const copy = <T>(value: T, room?: number): T => JSON.parse(json(value, room))
