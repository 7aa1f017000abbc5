/**
 * A second way to read a clock in a zone, for comparison: Intl.formatToParts, nothing remembered but the answer for
 * the same minute.
 */
export interface WallClock {
  /** Days since 1970-01-01 of the calendar date shown. */
  readonly day: number
  /** ISO, 1 = Monday. */
  readonly weekday: number
  readonly minutes: number
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const formats = new Map<string, Intl.DateTimeFormat>()
const remembered = new Map<string, WallClock>()

export function wallClock(at: number, zone: string): WallClock {
  const minute = Math.floor(at / 60_000) * 60_000
  const key = `${zone}@${minute}`
  const known = remembered.get(key)
  if (known) return known
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
  const parts = Object.fromEntries(format.formatToParts(minute).map(({ type, value }) => [type, value]))
  const clock = {
    day: Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day)) / 86_400_000,
    weekday: weekdays.indexOf(parts.weekday ?? '') + 1,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  }
  if (remembered.size > 2_000_000) remembered.clear()
  remembered.set(key, clock)
  return clock
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
