import { pause } from '../../pause.ts'
import type { Measures, WarnLog } from './measures.ts'

/** Folds soon after something was marked, so that metrics are fresh, yet rests ten times as long as that took. */
export interface FoldSoon {
  /** Where it is called and nothing is under way, a pass is about to begin. */
  marked(): void
  /** Resolves when what was marked so far is folded, or at once when that takes a while. It sets nothing going. */
  upToDate(): Promise<void>
  /** Lets the pass under way end. */
  stop(): Promise<void>
}

interface Pass {
  /** By the process’s monotonic clock; of a waiting one the earliest. */
  readonly startsAt: number
  readonly done: Promise<void>
}

const leastRestMs = 20
const longestRestMs = 10_000
/** A reader waits only for a pass that is about to begin or has just begun, and only so long. */
const soonMs = 250
const longestWaitMs = 500

export function createFoldSoon({ fold }: Pick<Measures, 'fold'>, log: WarnLog): FoldSoon {
  const stopping = new AbortController()
  let restUntil = 0
  let waiting: Pass | null = null
  let running: Pass | null = null

  const rest = (until: number) => pause(Math.max(0, until - performance.now()), stopping.signal)

  async function run(before: Pass | null, startsAt: number): Promise<void> {
    await before?.done
    await rest(Math.max(startsAt, restUntil))
    const began = performance.now()
    running = waiting && { ...waiting, startsAt: began }
    waiting = null
    if (!stopping.signal.aborted)
      await fold(stopping.signal).catch((error: unknown) =>
        log.warn({ err: error }, 'metrics could not be brought up to date, it will be tried again'),
      )
    const ended = performance.now()
    restUntil = ended + Math.min(10 * (ended - began), longestRestMs)
    running = null
  }

  return {
    marked() {
      if (waiting || stopping.signal.aborted) return
      const startsAt = Math.max(performance.now() + leastRestMs, restUntil)
      waiting = { startsAt, done: run(running, startsAt) }
    },
    async upToDate() {
      const now = performance.now()
      const isLong = running && running.startsAt < now - soonMs
      const isFar = waiting && waiting.startsAt > now + soonMs
      const pass = waiting ?? running
      if (!pass || isLong || isFar) return
      await Promise.race([pass.done, pause(longestWaitMs, stopping.signal)])
    },
    async stop() {
      stopping.abort()
      await Promise.all([running?.done, waiting?.done])
    },
  }
}
