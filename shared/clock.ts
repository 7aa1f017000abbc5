/** Durations and instants. Instants are epoch milliseconds (UTC) named `...At`; durations are named `...Ms`. */

export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const unitMs = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs, w: 7 * dayMs } as const
/** `90s`, `30m`, `3h`, `-3d`, `2w`: a whole number and a unit. A day is 24 h, never a calendar day. */
export const durationPattern = /^([+-]?\d{1,6})(s|m|h|d|w)$/

/** @throws RangeError when the text is not a duration such as `3h` or `-3d`. */
export function durationMs(text: string): number {
  const match = durationPattern.exec(text)
  if (!match) throw new RangeError(`"${text}" is not a duration such as 90s, 30m, 3h, -3d or 2w`)
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
}

/** ISO 8601, UTC, milliseconds: the only form in which an instant leaves the server. */
export const isoInstant = (at: number): string => new Date(at).toISOString()

/** Years 2000 to 2099: what lies outside is a mistake, and no loop over days shall ever meet it. */
const earliestAt = 946_684_800_000
const latestAt = 4_102_444_800_000

/**
 * @returns epoch milliseconds, or null when the text is no instant with date, time and zone, is the epoch itself
 * (a default 0 is a missing value, not 1970) or lies outside the years 2000 to 2100.
 */
export function parseInstant(text: unknown): number | null {
  if (
    typeof text !== 'string' ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/.test(text)
  )
    return null
  const at = Date.parse(text)
  return at >= earliestAt && at < latestAt ? at : null
}

/** @returns days since 1970-01-01, or null when there is no such calendar day in the years 2000 to 2099. */
export function parseDay(text: unknown): number | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return null
  const at = Date.parse(`${text}T00:00:00Z`)
  // The engine takes 31 February for a day in March.
  return at >= earliestAt && at < latestAt && isoInstant(at).startsWith(text) ? at / dayMs : null
}

/** `YYYY-MM-DD` of a number of days since 1970-01-01. */
export const dayText = (day: number): string => isoInstant(day * dayMs).slice(0, 10)
