import { LRUCache } from 'lru-cache'
import { currencyFormat, toMajor } from '../../shared/currency.ts'

/** Dates, numbers and money as a person reads them: in their language, their zone, the Gregorian calendar. */

export interface Writing {
  readonly locale: string
  readonly timeZone: string
}

const cached = <T extends object>(make: (locale: string, options: object) => T) => {
  const made = new LRUCache<string, T>({ max: 500 })
  return (locale: string, options: object): T => {
    const key = `${locale} ${JSON.stringify(options)}`
    const known = made.get(key)
    if (known) return known
    const fresh = make(locale, options)
    made.set(key, fresh)
    return fresh
  }
}

const dateFormat = cached((locale, options) => new Intl.DateTimeFormat(locale, options))
const numberFormat = cached((locale, options) => new Intl.NumberFormat(locale, options))
const pluralRules = cached((locale, options) => new Intl.PluralRules(locale, options))
const listFormat = cached((locale, options) => new Intl.ListFormat(locale, options))
const relativeFormat = cached((locale, options) => new Intl.RelativeTimeFormat(locale, options))

const dateStyles = {
  /** Thursday 24 January; with the year when it is not this year. */
  long: { weekday: 'long', day: 'numeric', month: 'long' },
  /** Thu, 24 Jan */
  short: { weekday: 'short', day: 'numeric', month: 'short' },
  weekday: { weekday: 'long' },
  /** Thursday 24 January at 18:00 GMT+7 */
  time: {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

export type DateStyle = keyof typeof dateStyles

const isInstant = (at: unknown): at is number => typeof at === 'number' && Number.isFinite(at) && at > 0

/** CLDR’s dates stand alone; these languages write them otherwise after “until” or “on”. */
const withinSentence: Readonly<Record<string, (date: string) => string>> = {
  /** el jueves 9 de enero */
  es: (date) => date.replace(', ', ' '),
  /** thứ Năm, ngày 9 tháng 1 năm 2027 */
  vi: (date) =>
    date
      .replace(/^(Thứ|Chủ)/, (word) => word.toLowerCase())
      .replace(/, (\d+ tháng \d+)/, ', ngày $1')
      .replace(/(tháng \d+), (\d{4})/, '$1 năm $2'),
}

/** @throws RangeError when `at` is no instant (0 is a missing value, not 1970) or the zone is unknown. */
export function writeDate(
  at: unknown,
  style: DateStyle,
  { locale, timeZone, now }: Writing & { now: number },
): string {
  if (!isInstant(at)) throw new RangeError(`${String(at)} is no date`)
  const year = (instant: number) => dateFormat('en', { year: 'numeric', timeZone }).format(instant)
  const options: Intl.DateTimeFormatOptions = { ...dateStyles[style], timeZone, calendar: 'gregory' }
  if (style !== 'weekday' && year(at) !== year(now)) options.year = 'numeric'
  const text = dateFormat(locale, options).format(at)
  return withinSentence[locale.split('-')[0] ?? '']?.(text) ?? text
}

/** Calendar days from `now` to `at` in that zone; negative when it has passed. */
export function calendarDaysBetween(now: number, at: number, timeZone: string): number {
  const dayNumber = (instant: number) => {
    const parts = dateFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
      instant,
    )
    return Date.parse(`${parts}T00:00:00Z`) / 86_400_000
  }
  return dayNumber(at) - dayNumber(now)
}

/** “today”, “tomorrow”, “in 3 days”. @throws RangeError when `at` is no instant or lies on an earlier day. */
export function writeDaysUntil(at: unknown, { locale, timeZone, now }: Writing & { now: number }): string {
  if (!isInstant(at)) throw new RangeError(`${String(at)} is no date`)
  const days = calendarDaysBetween(now, at, timeZone)
  if (days < 0) throw new RangeError('that day has passed')
  return relativeFormat(locale, { numeric: 'auto' }).format(days, 'day')
}

/** @throws RangeError for 0, a negative number or none at all: such a number has no place in an email. */
export function writeNumber(n: unknown, locale: string): string {
  if (typeof n !== 'number' || !Number.isFinite(n) || n <= 0)
    throw new RangeError(`${String(n)} is no amount`)
  return numberFormat(locale, { maximumFractionDigits: 2 }).format(n)
}

const twoHours = 120

/** “12 hours” from two hours on, “90 minutes” below. @throws RangeError for less than a minute. */
export function writeDuration(minutes: unknown, locale: string): string {
  if (typeof minutes !== 'number' || !Number.isFinite(minutes) || minutes < 1)
    throw new RangeError(`${String(minutes)} is no span of time`)
  const [n, unit] = minutes < twoHours ? [minutes, 'minute'] : [minutes / 60, 'hour']
  return numberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 0,
  }).format(n)
}

/** Hours leave minutes out. */
export const isDurationRounded = (minutes: number): boolean =>
  minutes < twoHours ? !Number.isInteger(minutes) : minutes % 60 !== 0

/** CLDR opens Arabic amounts with it, and the sign of “US$” then stands on the wrong side of its letters. */
const rightToLeftMark = '\u200f'

/** @throws RangeError for nothing, less than nothing, or a currency Intl does not know the form of. */
export function writeMoney(price: unknown, locale: string): string {
  const { amountMinor, currency } = (price ?? {}) as { amountMinor?: unknown; currency?: unknown }
  if (typeof amountMinor !== 'number' || !Number.isFinite(amountMinor) || amountMinor <= 0)
    throw new RangeError('there is no price')
  const format = numberFormat(locale, {
    ...currencyFormat(String(currency)),
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  })
  const text = format.format(toMajor(amountMinor, String(currency)))
  return text.startsWith(rightToLeftMark) && /[A-Z]/.test(text)
    ? `\u2066${text.replaceAll(rightToLeftMark, '')}\u2069`
    : text
}

export const pluralForm = (n: number, locale: string): Intl.LDMLPluralRule =>
  pluralRules(locale, {}).select(n)

export const writeList = (items: readonly string[], locale: string, type: 'and' | 'or' = 'and'): string =>
  listFormat(locale, { type: type === 'or' ? 'disjunction' : 'conjunction' }).format(items)
