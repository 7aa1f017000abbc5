/** A second way to read a clock in a zone, for comparison: what Intl writes, weekday included. */
export interface WallClock {
  /** Days since 1970-01-01 of the calendar date shown. */
  readonly day: number
  /** ISO, 1 = Monday. */
  readonly weekday: number
  readonly minutes: number
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const formats = new Map<string, Intl.DateTimeFormat>()
const dayMs = 86_400_000
const quarterMs = 900_000

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(zone, format)
  }
  return format
}

/** As en-GB writes it; formatToParts takes four times as long. */
const written = /^(\w{3}), (\d{2})\/(\d{2})\/(\d{4}), (\d{2}):(\d{2})$/

/** Asked again each time. */
export function readWallClock(at: number, zone: string): WallClock {
  const text = formatOf(zone).format(at)
  const [, weekday = '', day, month, year, hour, minute] = written.exec(text) ?? []
  if (!weekday) throw new Error(`no clock in "${text}"`)
  return {
    day: Date.UTC(Number(year), Number(month) - 1, Number(day)) / dayMs,
    weekday: weekdays.indexOf(weekday) + 1,
    minutes: Number(hour) * 60 + Number(minute),
  }
}

/** Local minus UTC by zone and quarter hour, as read. */
const read = new Map<string, Map<number, number>>()

function shift(quarter: number, zone: string): number {
  let known = read.get(zone)
  if (!known) {
    known = new Map()
    read.set(zone, known)
  }
  let found = known.get(quarter)
  if (found === undefined) {
    const { day, minutes } = readWallClock(quarter * quarterMs, zone)
    found = day * dayMs + minutes * 60_000 - quarter * quarterMs
    known.set(quarter, found)
  }
  return found
}

/** The same for loops: between two midnights (UTC) with the same reading nothing changed in between. */
export function wallClock(at: number, zone: string): WallClock {
  const midnight = Math.floor(at / dayMs) * 96
  const atMidnight = shift(midnight, zone)
  const same = atMidnight === shift(midnight + 96, zone)
  const local = at + (same ? atMidnight : shift(Math.floor(at / quarterMs), zone))
  const day = Math.floor(local / dayMs)
  return { day, weekday: ((day + 3) % 7) + 1, minutes: Math.floor((local - day * dayMs) / 60_000) }
}

/** Zones with half-hour changes, skipped days, odd offsets, changes at midnight, and plain ones. */
export const testZones = [
  'UTC',
  'America/Los_Angeles',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Europe/Berlin',
  'Europe/London',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Asia/Tehran',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Apia',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
] as const
