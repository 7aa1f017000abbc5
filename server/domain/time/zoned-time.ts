import { LRUCache } from 'lru-cache'
import { dayMs, minuteMs, parseDay } from '../../../shared/clock.ts'
import { formatIn } from '../../../shared/time-zone.ts'

/**
 * Instants ↔ wall clocks in IANA zones. Intl holds the zone data; asking it takes microseconds, so offsets are
 * remembered per zone, by day and on days of a change by quarter hour. A local time that a clock change skips means the instant as far after the
 * change as the time lies behind it (02:30 → 03:30); of a repeated local time the first is meant (RFC 5545 §3.3.5).
 */

const quarterMs = 15 * minuteMs
const quartersPerDay = dayMs / quarterMs

interface Zone {
  /** The name in lower case: Intl takes each in any mix of capitals, and strangers write them. */
  readonly key: string
  readonly format: Intl.DateTimeFormat
  readonly offsets: LRUCache<number, number>
}

/** Of the 600 names there are, more than customers live in. */
const zones = new LRUCache<string, Zone>({ max: 300 })
/** Names as they were written, so that the usual spelling is looked up once. */
const spellings = new LRUCache<string, Zone | 'unknown'>({ max: 1000 })
const maxQuartersPerZone = 400

function zoneNamed(name: string): Zone | null {
  if (name.length > 64) return null
  const known = spellings.get(name)
  if (known !== undefined) return known === 'unknown' ? null : known
  const key = name.toLowerCase()
  const zone = zones.get(key) ?? makeZone(key)
  if (zone) zones.set(key, zone)
  spellings.set(name, zone ?? 'unknown')
  return zone
}

function makeZone(key: string): Zone | null {
  const format = formatIn(key, {
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return format && { key, format, offsets: new LRUCache({ max: maxQuartersPerZone }) }
}

/** Whether the name is an IANA zone this runtime knows. */
export const isTimeZone = (name: string): boolean => zoneNamed(name) !== null

/** One key for every spelling of a zone, to remember things by. An unknown zone counts as UTC. */
export const zoneKey = (name: string): string => zoneNamed(name)?.key ?? 'utc'

function exactOffset(zone: Zone, at: number): number {
  // Formatted as "M/D/YYYY, HH:MM:SS"; matching digits is several times faster than formatToParts.
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] =
    zone.format.format(at).match(/\d+/g)?.map(Number) ?? []
  return Date.UTC(year, month - 1, day, hour, minute, second) - (at - (((at % 1000) + 1000) % 1000))
}

function offsetOfQuarter(zone: Zone, quarter: number): number {
  let offset = zone.offsets.get(quarter)
  if (offset === undefined) {
    offset = exactOffset(zone, quarter * quarterMs)
    zone.offsets.set(quarter, offset)
  }
  return offset
}

/** Local time minus UTC at that instant, in ms. An unknown zone counts as UTC. */
export function offsetMs(at: number, zoneName: string): number {
  if (zoneName === 'UTC') return 0
  const zone = zoneNamed(zoneName)
  if (!zone) return 0
  // No zone has ever changed twice within a day, so equal ends mean the same offset all day long.
  const midnight = Math.floor(at / dayMs) * quartersPerDay
  const atMidnight = offsetOfQuarter(zone, midnight)
  if (atMidnight === offsetOfQuarter(zone, midnight + quartersPerDay)) return atMidnight
  const quarter = Math.floor(at / quarterMs)
  const before = offsetOfQuarter(zone, quarter)
  // Some changes fall between quarter hours (00:01 in St. John’s until 2011).
  return before === offsetOfQuarter(zone, quarter + 1) ? before : exactOffset(zone, at)
}

/** The wall clock as if it were UTC: `localMs` of 09:00 on 2026-01-24 anywhere is 2026-01-24T09:00Z. */
export const localMs = (at: number, zone: string): number => at + offsetMs(at, zone)

/** Calendar day in the zone, as days since 1970-01-01. */
export const localDay = (at: number, zone: string): number => Math.floor(localMs(at, zone) / dayMs)

/** ISO weekday of a day number, 1 = Monday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** The instant at which a wall clock in the zone shows `local` (see {@link localMs}). */
export function instantOfLocal(local: number, zone: string): number {
  const before = offsetMs(local - dayMs, zone)
  const after = offsetMs(local + dayMs, zone)
  const early = local - before
  if (before === after || offsetMs(early, zone) === before) return early
  const late = local - after
  return offsetMs(late, zone) === after ? late : early
}

/** The same wall-clock time so many calendar days later. */
export const addLocalDays = (at: number, days: number, zone: string): number =>
  days === 0 ? at : instantOfLocal(localMs(at, zone) + days * dayMs, zone)

/** How many midnights of the zone lie between: 0 = the same day there, negative when `to` is earlier. */
export const calendarDaysBetween = (from: number, to: number, zone: string): number =>
  localDay(to, zone) - localDay(from, zone)

/**
 * The last millisecond of a calendar day in the zone.
 * @param day `YYYY-MM-DD`
 * @throws RangeError when it is no day
 */
export const endOfLocalDay = (day: string, zone: string): number => midnightAfter(day, 1, zone) - 1

/**
 * The first millisecond of a calendar day in the zone.
 * @param day `YYYY-MM-DD`
 * @throws RangeError when it is no day
 */
export const startOfLocalDay = (day: string, zone: string): number => midnightAfter(day, 0, zone)

function midnightAfter(day: string, days: number, zone: string): number {
  const number = parseDay(day)
  if (number === null) throw new RangeError(`not a day: ${day}`)
  return instantOfLocal((number + days) * dayMs, zone)
}

/** The moment by which an end is named: midnight belongs to the day that it ends, as people say it. */
export const namedEnd = (endsAt: number, zone: string): number =>
  localMs(endsAt, zone) % dayMs === 0 ? endsAt - 1 : endsAt
