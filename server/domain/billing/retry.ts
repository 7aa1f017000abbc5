import { hourMs, minuteMs, secondMs } from '../../../shared/clock.ts'

const retryMs = [
  10 * secondMs,
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  6 * hourMs,
  12 * hourMs,
  24 * hourMs,
]

/**
 * When to try again after so many failures, a fifth earlier or later so that many do not come at once.
 * @returns null: not any more (after about two days).
 */
export function nextAttemptAt(failures: number, now: number, random: number): number | null {
  const waitMs = retryMs[failures - 1]
  return waitMs === undefined ? null : now + Math.round(waitMs * (0.8 + 0.4 * random))
}
