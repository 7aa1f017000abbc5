import type { Clock } from '../../server/ports.ts'

/** A clock that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /** Also backwards, as a corrected system clock would. */
  set(at: number): void
  advance(ms: number): void
}

export function createFakeClock(startAt: number): FakeClock {
  let now = startAt
  const waiting = new Set<() => void>()
  const clock: FakeClock = {
    now: () => now,
    set(at) {
      now = at
      for (const look of [...waiting]) look()
    },
    advance: (ms) => clock.set(now + ms),
    waitUntil: (at, signal) =>
      new Promise((resolve) => {
        const look = () => {
          if (now < at && !signal.aborted) return
          waiting.delete(look)
          signal.removeEventListener('abort', look)
          resolve()
        }
        waiting.add(look)
        signal.addEventListener('abort', look)
        look()
      }),
  }
  return clock
}
