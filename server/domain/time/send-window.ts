import { LRUCache } from 'lru-cache'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import type { SendWindow } from '../../../shared/playbook.ts'
import { instantOfLocal, localDay, localMs, offsetMs, weekdayOf, zoneKey } from './zoned-time.ts'

/** A send window with its times as ms after local midnight; null = any time will do. */
export interface ParsedWindow {
  readonly weekdays: ReadonlySet<number>
  readonly fromMs: number
  readonly untilMs: number
}

const clockMs = (text: string): number =>
  Number(text.slice(0, 2)) * hourMs + Number(text.slice(3, 5)) * minuteMs

export const parseWindow = (window: SendWindow): ParsedWindow => ({
  weekdays: new Set(window.weekdays),
  fromMs: clockMs(window.from),
  untilMs: clockMs(window.until),
})

/** An email pulled forward leaves this long before its window closes, so that a busy mail server can be asked again. */
const pullRoomMs = hourMs

/** Whether email may leave at that instant: weekday and hour are those of the recipient. */
export function isOpen(at: number, window: ParsedWindow | null, zone: string): boolean {
  if (!window) return true
  const local = localMs(at, zone)
  const day = Math.floor(local / dayMs)
  const time = local - day * dayMs
  return window.weekdays.has(weekdayOf(day)) && time >= window.fromMs && time < window.untilMs
}

type Span = readonly [opensAt: number, closesAt: number]

/**
 * Spans of real time in which the window is open on one calendar day of the zone. Usually one; a clock change can
 * shift it, split it in two or leave nothing of it.
 */
function spansOfDay(day: number, window: ParsedWindow, zone: string): readonly Span[] {
  if (!window.weekdays.has(weekdayOf(day))) return []
  const known = rememberedSpans(window, zone)
  let spans = known.get(day)
  if (!spans) {
    spans = findSpans(day, window, zone)
    known.set(day, spans)
  }
  return spans
}

function findSpans(day: number, window: ParsedWindow, zone: string): readonly Span[] {
  const midnight = day * dayMs
  const marginMs = 3 * hourMs
  const before = offsetMs(instantOfLocal(midnight, zone) - marginMs, zone)
  if (before !== offsetMs(instantOfLocal(midnight + dayMs, zone) + marginMs, zone))
    return spansByMinute(day, window, zone)
  return [[instantOfLocal(midnight + window.fromMs, zone), instantOfLocal(midnight + window.untilMs, zone)]]
}

/** Everyone asks about the days around today, in a few zones. */
const remembered = new WeakMap<ParsedWindow, LRUCache<string, LRUCache<number, readonly Span[]>>>()
const maxDaysPerZone = 64
const maxZones = 100

function rememberedSpans(window: ParsedWindow, zone: string): LRUCache<number, readonly Span[]> {
  let zones = remembered.get(window)
  if (!zones) {
    zones = new LRUCache({ max: maxZones })
    remembered.set(window, zones)
  }
  const key = zoneKey(zone)
  let days = zones.get(key)
  if (!days) {
    days = new LRUCache({ max: maxDaysPerZone })
    zones.set(key, days)
  }
  return days
}

/** The same near a clock change, found minute by minute: right by construction, and rare enough to be slow. */
function spansByMinute(day: number, window: ParsedWindow, zone: string): Span[] {
  const spans: Span[] = []
  const from = day * dayMs - 15 * hourMs
  const until = (day + 1) * dayMs + 15 * hourMs
  let opensAt: number | null = null
  for (let at = from; at <= until; at += minuteMs) {
    const open = at < until && localDay(at, zone) === day && isOpen(at, window, zone)
    if (open && opensAt === null) opensAt = at
    if (!open && opensAt !== null) {
      spans.push([opensAt, at])
      opensAt = null
    }
  }
  return spans
}

/** First instant not before `at` in which email may leave. null when there is none within two weeks. */
export function nextOpen(at: number, window: ParsedWindow | null, zone: string): number | null {
  if (!window || isOpen(at, window, zone)) return at
  const today = localDay(at, zone)
  for (let day = today - 1; day <= today + 15; day++)
    for (const [opensAt, closesAt] of spansOfDay(day, window, zone))
      if (closesAt > at) return Math.max(at, opensAt)
  return null
}

/** Latest sensible instant before `notAfter` in which email may leave, with {@link pullRoomMs} to spare. */
export function lastOpen(notAfter: number, window: ParsedWindow | null, zone: string): number | null {
  if (!window) return notAfter
  const today = localDay(notAfter, zone)
  for (let day = today + 1; day >= today - 15; day--)
    for (const [opensAt, closesAt] of spansOfDay(day, window, zone).toReversed())
      if (opensAt < notAfter) return Math.max(opensAt, Math.min(closesAt, notAfter) - pullRoomMs)
  return null
}

/**
 * When an email meant for `targetAt` leaves: the next allowed instant in the recipient’s zone. When that is not
 * before `notAfter` (the end of the trial it speaks of) the email is pulled earlier instead, to the last allowed
 * instant before.
 * @returns null when the window never opens in reach.
 */
export function fitIntoWindow(
  targetAt: number,
  window: ParsedWindow | null,
  zone: string,
  { notAfter }: { notAfter: number | null } = { notAfter: null },
): number | null {
  const next = nextOpen(targetAt, window, zone)
  if (notAfter === null) return next
  if (next !== null && next < notAfter) return withRoom(next, window, zone)
  return lastOpen(notAfter, window, zone)
}

/** The same room as a pulled email has; without it a later end could pull an email before where it stood. */
function withRoom(at: number, window: ParsedWindow | null, zone: string): number {
  if (!window) return at
  const span = spansOfDay(localDay(at, zone), window, zone).find(
    ([opens, closes]) => opens <= at && at < closes,
  )
  return span ? Math.min(at, Math.max(span[0], span[1] - pullRoomMs)) : at
}
