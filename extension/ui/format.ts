import type { Card } from '../../shared/api/card.ts'
import { dayMs, hourMs, minuteMs } from '../../shared/clock.ts'
import { currencyFormat, toMajor } from '../../shared/currency.ts'
import type { Pace } from '../../shared/trial.ts'

/** Words and dates of the card, in the rep’s own locale. A trial’s dates are days where the trialist lives. */

export const paceLabels: Record<Pace, string> = {
  ahead: 'faster than most buyers',
  on_pace: 'on pace',
  slow: 'slower than most buyers',
  stalled: 'stalled',
  not_started: 'not started',
}

/** @param timeZone of the trialist; without one the rep’s own. */
export const dateText = (iso: string, timeZone?: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone }).format(
    new Date(iso),
  )

export const dateTimeText = (iso: string, timeZone?: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
  }).format(new Date(iso))

/** Named only where it tells another time than the rep’s own clock. */
export function foreignZone(
  card: Card,
  own = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string | null {
  const told = (timeZone: string) => dateTimeText(card.now, timeZone, 'en')
  return told(card.timeZone) === told(own) ? null : card.timeZone.replaceAll('_', ' ')
}

/** `2026-12-01`, for a date field: the calendar day there at that instant. */
export const dayIn = (timeZone: string, at: number): string =>
  new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(at)

/** "3 days ago", "in 2 hours", "just now". */
export function relativeText(iso: string, now: number, locale?: string): string {
  const distance = Date.parse(iso) - now
  const [unit, size] = (
    Math.abs(distance) >= dayMs
      ? ['day', dayMs]
      : Math.abs(distance) >= hourMs
        ? ['hour', hourMs]
        : ['minute', minuteMs]
  ) as [Intl.RelativeTimeFormatUnit, number]
  const amount = Math.round(distance / size)
  if (unit === 'minute' && amount === 0) return 'just now'
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(amount, unit)
}

/** Where the trial stands, in one short phrase. */
export function clockText(card: Card, now: number): string {
  if (card.status === 'converted') return 'Customer'
  if (!card.endsAt) return 'No end (free plan)'
  const verb = Date.parse(card.endsAt) > now ? 'Ends' : 'Ended'
  return `${verb} ${relativeText(card.endsAt, now)}, ${dateText(card.endsAt, card.timeZone)}`
}

/** Share of the trial that has passed, 0 to 1. */
export function clockShare(card: Card, now: number): number {
  if (!card.endsAt) return 0
  const start = Date.parse(card.startsAt)
  const whole = Date.parse(card.endsAt) - start
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, (now - start) / whole))
}

export const moneyText = (
  { amountMinor, currency }: { amountMinor: number; currency: string },
  locale?: string,
): string => new Intl.NumberFormat(locale, currencyFormat(currency)).format(toMajor(amountMinor, currency))
