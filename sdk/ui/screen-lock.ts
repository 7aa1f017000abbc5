import { attempt, guard } from '../guard.ts'

/**
 * Asks for the one place at which a prompt may stand, across all tabs of the origin. Without Web Locks each tab
 * keeps to itself.
 * @param then told a function that gives the place back, or null when another tab has it.
 */
export function holdScreen(name: string, then: (release: (() => void) | null) => void): void {
  const answer = guard(then)
  const locks = attempt(() => navigator.locks)
  if (!locks) return void answer(() => {})
  const asked = attempt(() =>
    locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return void answer(null)
      return new Promise<void>((release) => {
        // A page that holds a lock cannot enter the back/forward cache.
        addEventListener('pagehide', () => release(), { once: true })
        answer(() => release())
      })
    }),
  )
  if (asked) asked.catch(() => answer(() => {}))
  else answer(() => {})
}
