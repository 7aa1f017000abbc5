import { setTimeout as sleep } from 'node:timers/promises'
import type { Storage } from '../storage/port.ts'
import type { MovableClock } from './movable-clock.ts'

export interface TimeTravel {
  /**
   * Lets time pass through every due moment until `at`. Resolves when all that fell due has been handed over.
   * One journey at a time: a second one waits for the first.
   */
  passTo(at: () => number): Promise<number>
}

/** How long a moment may stay due, e.g. while another part of the server holds that trial, before we go on. */
const patienceMs = 5000

export function createTimeTravel({
  clock,
  storage,
  drain,
}: {
  clock: MovableClock
  storage: Storage
  /** Sends all that is due now; resolves when it has been handed over. */
  drain: () => Promise<unknown>
}): TimeTravel {
  /**
   * Works off everything due by now, also what an answer to it makes due in the same moment.
   * @returns false when something stays due: then there is no telling what lies behind it.
   */
  const settle = async (): Promise<boolean> => {
    const impatientAt = performance.now() + patienceMs
    for (;;) {
      await drain()
      const dueAt = await storage.trials.nextDueAt()
      if (dueAt === null || dueAt > clock.now()) return true
      if (performance.now() > impatientAt) return false
      await sleep(5)
    }
  }

  const travel = async (target: number) => {
    while (await settle()) {
      const dueAt = await storage.trials.nextDueAt()
      if (dueAt === null || dueAt > target) break
      if (dueAt > clock.now()) clock.moveTo(dueAt)
    }
    if (target > clock.now()) clock.moveTo(target)
    await settle()
    return clock.now()
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    passTo(at) {
      const journey = last.then(() => travel(at()))
      last = journey.catch(() => {})
      return journey
    },
  }
}
