import { dayMs, hourMs, minuteMs } from '../../shared/clock.ts'
import type { Clock } from '../ports.ts'

/** Real time plus an offset that only grows: in the demo, days pass at the press of a button. */
export interface MovableClock extends Clock {
  /**
   * Sets the clock forward to `at`; waiting parts of the server wake when their moment has come.
   * @throws RangeError when `at` is in the past: what has been sent cannot be unsent.
   */
  moveTo(at: number): void
}

interface Waiter {
  readonly at: number
  wake(): void
}

/** Longest real sleep: far below the 24.8 days at which setTimeout overflows and fires at once. */
const longestSleepMs = hourMs

export function createMovableClock(startAt: number, realNow: () => number = Date.now): MovableClock {
  let offsetMs = startAt - realNow()
  const waiters = new Set<Waiter>()
  const now = () => Math.round(realNow() + offsetMs)

  const wakeDue = () => {
    for (const waiter of [...waiters]) if (waiter.at <= now()) waiter.wake()
  }

  return {
    now,
    moveTo(at) {
      if (at < now()) throw new RangeError('time only moves forward')
      offsetMs = at - realNow()
      wakeDue()
    },
    waitUntil: (at, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || at <= now()) return resolve()
        let timer: NodeJS.Timeout
        const waiter: Waiter = {
          at,
          wake() {
            clearTimeout(timer)
            waiters.delete(waiter)
            signal.removeEventListener('abort', waiter.wake)
            resolve()
          },
        }
        const sleep = () => {
          timer = setTimeout(
            () => (at <= now() ? waiter.wake() : sleep()),
            Math.min(Math.max(1, at - now()), longestSleepMs),
          )
        }
        waiters.add(waiter)
        signal.addEventListener('abort', waiter.wake)
        sleep()
      }),
  }
}

/**
 * When the demo begins. Inside a weekday’s early UTC afternoon it is really now; otherwise the clock starts at
 * 14:30 UTC of the next weekday, an hour at which the default send window (09:00 to 18:00 local, Monday to Friday)
 * is open from New York to Helsinki, so that an email leaves at once whenever and wherever the demo is tried.
 */
export function demoStart(realNow: number): number {
  const midnight = Math.floor(realNow / dayMs) * dayMs
  const isWeekday = (at: number) => ![0, 6].includes(new Date(at).getUTCDay())
  const hour = (realNow - midnight) / hourMs
  if (isWeekday(realNow) && hour >= 14 && hour < 15.5) return realNow
  const start = (day: number) => day + 14 * hourMs + 30 * minuteMs
  let day = start(midnight) > realNow ? midnight : midnight + dayMs
  while (!isWeekday(day)) day += dayMs
  return start(day)
}
