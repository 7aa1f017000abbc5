import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { isOpen, type ParsedWindow } from './send-window.ts'
import { localMs } from './zoned-time.ts'

/** How many events the cohort’s habit weighs: a person with fewer is mostly taken for one of the many. */
const priorWeight = 10
/** Before the hour of most activity, so that the email lies on top when they come. */
export const leadMs = 45 * minuteMs
const step = 15 * minuteMs

/** When product users work when nothing else is known: office hours, local time. */
export const officeHours: readonly number[] = [
  0, 0, 0, 0, 0, 0, 1, 2, 6, 10, 10, 9, 6, 8, 10, 9, 8, 6, 3, 2, 2, 2, 1, 0,
]

const shares = (hours: readonly number[]): number[] => {
  const sum = hours.reduce((total, n) => total + n, 0)
  return hours.map((n) => (sum > 0 ? n / sum : 1 / hours.length))
}

/**
 * A person’s hours in their own zone, as shares of a day: their own events, smoothed over neighbouring hours and
 * shrunk to the cohort’s.
 * @param utcHours events by UTC hour, 24 numbers
 * @param at decides which offset of the zone holds
 */
export function localHabit(
  utcHours: readonly number[],
  zone: string,
  at: number,
  cohort: readonly number[] = officeHours,
): number[] {
  const offset = Math.round((localMs(at, zone) - at) / hourMs)
  const own = Array.from({ length: 24 }, (_, hour) => utcHours[(((hour - offset) % 24) + 24) % 24] ?? 0)
  const smooth = own.map(
    (n, hour) => 0.5 * n + 0.25 * ((own[(hour + 23) % 24] as number) + (own[(hour + 1) % 24] as number)),
  )
  const prior = shares(cohort)
  return shares(smooth.map((n, hour) => n + priorWeight * (prior[hour] as number)))
}

/** How good a moment is: the activity of the hour that begins {@link leadMs} later. */
const worthAt = (at: number, habit: readonly number[], zone: string): number =>
  habit[Math.floor((((localMs(at + leadMs, zone) % dayMs) + dayMs) % dayMs) / hourMs)] as number

/**
 * The best moment for this person from `earliest` on, within a day of it: open in the window, and not later than
 * `latest`. `earliest` itself when nothing better is found.
 * @param earliest when the email could go, already inside the window
 */
export function bestMoment(
  earliest: number,
  {
    latest,
    window,
    zone,
    habit,
  }: { latest: number; window: ParsedWindow | null; zone: string; habit: readonly number[] },
): number {
  let best = earliest
  let worth = worthAt(earliest, habit, zone)
  const until = Math.min(latest, earliest + dayMs)
  for (let at = Math.ceil((earliest + 1) / step) * step; at < until; at += step) {
    if (!isOpen(at, window, zone)) continue
    const candidate = worthAt(at, habit, zone)
    // Clearly better, so that no one waits half a day for a trifle.
    if (candidate > worth * 1.05) {
      best = at
      worth = candidate
    }
  }
  return best
}
