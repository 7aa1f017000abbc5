import { dayMs, parseDay, parseInstant, secondMs } from '../../../shared/clock.ts'

/** From here on a number counts milliseconds; below, seconds would lie beyond the year 5000. */
const fewestMs = 100_000_000_000

/** Date and time as databases, PHP and Python write them: a blank for the T, a blank before the zone, or no zone. */
const loose =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/
/** RFC 9110 §5.6.7 and RFC 5322 §3.3: what `toUTCString` and email headers write. */
const written = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC|[+-]\d{4})$/
const longest = 40

/**
 * An instant in any of the forms that callers write by hand: seconds or milliseconds since 1970, also as text; ISO
 * 8601 with a blank for the T; without a zone, which is taken for UTC; a day, which is its first moment.
 * @returns null when it cannot be read or lies outside the years 2000 to 2100.
 */
export function readableInstant(value: unknown): number | null {
  if (typeof value === 'number') return bounded(value < fewestMs ? value * secondMs : value)
  if (typeof value !== 'string' || value.length > longest) return null
  const text = value.trim()
  if (/^\d{9,13}(?:\.\d{1,9})?$/.test(text)) return readableInstant(Number(text))
  const day = parseDay(text)
  if (day !== null) return day * dayMs
  const parts = loose.exec(text)
  if (parts) return parseInstant(`${parts[1]}T${parts[2]?.replace(',', '.')}${zoneOf(parts[3])}`)
  return written.test(text) ? bounded(Date.parse(text)) : null
}

function zoneOf(written: string | undefined): string {
  if (written === undefined || /^[A-Za-z]/.test(written)) return 'Z'
  return written.length === 3 ? `${written}:00` : written
}

/** Through the one parser of instants, so that every form has the same bounds. */
const bounded = (at: number): number | null =>
  Number.isFinite(at) && Math.abs(at) < 8.64e15 ? parseInstant(new Date(Math.round(at)).toISOString()) : null
