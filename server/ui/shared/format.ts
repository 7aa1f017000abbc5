import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** Instants are shown in the zone of the reader; the page says so. */
export const dateTimeText = (iso: string): string => dateTime.format(new Date(iso))
export const dateText = (iso: string): string => date.format(new Date(iso))

/** “in 3 days”, “2 hours ago”. */
export function relativeText(iso: string, now: number): string {
  const ms = Date.parse(iso) - now
  const size = Math.abs(ms)
  if (size < hourMs) return relative.format(Math.round(ms / minuteMs), 'minute')
  if (size < dayMs) return relative.format(Math.round(ms / hourMs), 'hour')
  return relative.format(Math.round(ms / dayMs), 'day')
}

export const percentText = (share: {
  numerator: number
  denominator: number
  rate: number | null
}): string =>
  share.rate === null ? '–' : `${Math.round(share.rate * 100)} % (${share.numerator} of ${share.denominator})`
