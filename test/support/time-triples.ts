import { equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import {
  isOpen,
  lastOpen,
  nextOpen,
  type ParsedWindow,
  parseWindow,
} from '../../server/domain/time/send-window.ts'
import { addLocalDays, calendarDaysBetween, localMs, weekdayOf } from '../../server/domain/time/zoned-time.ts'
import { dayMs, minuteMs } from '../../shared/clock.ts'
import { readWallClock, testZones, type WallClock } from './wall-clock.ts'

/** Local-time decisions against what Intl writes, for any zone of the process that runs them. */

interface Triple {
  readonly zone: string
  readonly now: number
  readonly end: number
}

const quarterMs = 15 * minuteMs

/** Around each of these a zone of the list changes its clocks, or skips a day. */
const changes = [
  Date.UTC(2011, 11, 30, 10), // Samoa leaves out 30 December
  Date.UTC(2026, 2, 8, 10), // United States forward
  Date.UTC(2026, 2, 29, 1), // Europe forward
  Date.UTC(2026, 3, 4, 15), // Lord Howe back by half an hour
  Date.UTC(2026, 3, 5, 4), // Santiago back, at midnight
  Date.UTC(2026, 8, 6, 4), // Santiago forward, at midnight
  Date.UTC(2026, 9, 3, 15, 30), // Lord Howe forward
  Date.UTC(2026, 9, 25, 1), // Europe back
  Date.UTC(2026, 10, 1, 9), // United States back
  Date.UTC(2028, 1, 29), // 29 February
  Date.UTC(2026, 11, 31, 23), // year end
]

const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2010, 0, 1) / minuteMs, max: Date.UTC(2036, 0, 1) / minuteMs }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * 1440, max: 3 * 1440 }))
    .map(([at, minutes]) => at / minuteMs + minutes),
)

export const triple: fc.Arbitrary<Triple> = fc
  .record({
    zone: fc.constantFrom(...testZones),
    now: instant,
    length: fc.integer({ min: 1, max: 60 * 1440 }),
  })
  .map(({ zone, now, length }) => ({ zone, now: now * minuteMs, end: (now + length) * minuteMs }))

const office = parseWindow({ weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' })
/** Opens and closes inside the hours that clock changes skip and repeat. */
const night = parseWindow({ weekdays: [1, 4, 6, 7], from: '00:30', until: '02:45' })

function isIn({ weekday, minutes }: WallClock, window: ParsedWindow): boolean {
  const time = minutes * minuteMs
  return window.weekdays.has(weekday) && time >= window.fromMs && time < window.untilMs
}

const opens = (at: number, window: ParsedWindow, zone: string): boolean =>
  isIn(readWallClock(at, zone), window)

/** Calendar days, weekday and open hours, each read from Intl once. */
export function checkTriple({ zone, now, end }: Triple): void {
  const [from, to] = [readWallClock(now, zone), readWallClock(end, zone)]
  equal(calendarDaysBetween(now, end, zone), to.day - from.day)
  const local = localMs(now, zone)
  equal(local, from.day * dayMs + from.minutes * minuteMs + (now % minuteMs))
  equal(weekdayOf(Math.floor(local / dayMs)), from.weekday)
  for (const window of [office, night]) {
    equal(isOpen(now, window, zone), isIn(from, window))
    equal(isOpen(end, window, zone), isIn(to, window))
  }
}

/** The same wall-clock time, the first of two; a time that does not exist moves by as much as was skipped. */
export function checkAddedDays({ zone, now, end }: Triple): void {
  const days = Math.round((end - now) / dayMs)
  const wanted = readWallClock(now, zone)
  const later = addLocalDays(now, days, zone)
  const got = readWallClock(later, zone)
  const isSame = (at: number) => {
    const { day, minutes } = readWallClock(at, zone)
    return day === wanted.day + days && minutes === wanted.minutes
  }
  if (days === 0) equal(later, now)
  else if (isSame(later)) for (const back of [30, 60, 120]) equal(isSame(later - back * minuteMs), false)
  else {
    for (let at = later - 2 * dayMs; at < later + 2 * dayMs; at += quarterMs)
      equal(isSame(at - (at % quarterMs) + (now % quarterMs)), false)
    const moved = (got.day - wanted.day - days) * 1440 + got.minutes - wanted.minutes
    ok([30, 60, 1440].includes(moved), `moved by ${moved} minutes`)
  }
}

/** Stepping through the quarter hours finds nothing earlier, and nothing later before the end. */
export function checkWindow({ zone, now, end }: Triple): void {
  for (const window of [office, night]) {
    const next = nextOpen(now, window, zone)
    ok(next !== null)
    equal(opens(next, window, zone), true)
    for (let at = now; at < next; at = at - (at % quarterMs) + quarterMs)
      equal(opens(at, window, zone), false)
    const last = lastOpen(end, window, zone)
    ok(last !== null && last < end)
    equal(opens(last, window, zone), true)
    let closes = last
    while (closes < end && opens(closes, window, zone)) closes = closes - (closes % quarterMs) + quarterMs
    for (let at = closes; at < end; at += quarterMs) equal(opens(at, window, zone), false)
    const room = Math.min(closes, end) - last
    ok(room <= 60 * minuteMs, `room of ${room} ms`)
  }
}
