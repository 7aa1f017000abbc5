/** Random draws that a seed repeats. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  happens(probability: number): boolean
  between(low: number, high: number): number
  /** Uniform in the logarithm: many short waits, a few long ones. */
  wait(low: number, high: number): number
  pick<T>(list: readonly T[]): T
  /** A name of the table, as often as its share says; shares need not come to 1. */
  share<Name extends string>(table: Readonly<Record<Name, number>>): Name
}

/** FNV-1a over the text of all parts. */
function seedOf(parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const char of parts.join('\u0000'))
    hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193)
  return hash >>> 0
}

/** Of its own for each subject, so that nobody’s behaviour hangs on the order in which things are asked. */
export function chanceOf(...parts: readonly (string | number)[]): Chance {
  let state = seedOf(parts)
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number) => low + (high - low) * next()
  return {
    next,
    happens: (probability) => next() < probability,
    between,
    wait: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
    share(table) {
      const entries = Object.entries<number>(table)
      let left = next() * entries.reduce((sum, [, share]) => sum + share, 0)
      for (const [name, share] of entries) {
        left -= share
        if (left < 0) return name as never
      }
      return entries.at(-1)?.[0] as never
    },
  }
}
