const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/**
 * The time left in the two largest units, in the words of the locale: `3 days, 4 hours`. Minutes and seconds only
 * within the last hour, so that a screen does not flicker for days.
 */
export function remainingText(remainingMs: number, locale: string): string {
  const left = Math.max(0, remainingMs)
  const first = Math.max(
    0,
    units.findIndex(([, ms]) => left >= ms),
  )
  const start = left < 1000 ? 3 : Math.min(first, 2)
  let rest = left
  const parts = units.slice(start, start + 2).map(([unit, ms]) => {
    const count = Math.floor(rest / ms)
    rest -= count * ms
    return count || start === 3
      ? new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
      : ''
  })
  const said = parts.filter(Boolean)
  return new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }).format(said)
}

export const endDateText = (endsAt: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'long' }).format(
    new Date(endsAt),
  )
