import { dayMs, parseInstant, secondMs } from '../../../shared/clock.ts'

const zero = 48
const dash = 45
const colon = 58
const dot = 46
const letterT = 84
const letterZ = 90

/** Two digits from there on; negative where one of them is none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero
  const ones = text.charCodeAt(at + 1) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

const firstYear = 2000
const daysBeforeYear = Int32Array.from({ length: 100 }, (_, index) => Date.UTC(firstYear + index, 0) / dayMs)
const daysBeforeMonth = Int32Array.of(0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)

/**
 * `parseInstant`, several times faster for `2026-01-24T12:34:56.789Z`, which is what `toISOString` writes: digit by
 * digit, without a regular expression. Every other form, and what only looks like this one, is left to the shared
 * parser.
 */
export function instantOf(value: unknown): number | null {
  if (typeof value !== 'string') return null
  return (isUsualForm(value) ? readUsualForm(value) : null) ?? parseInstant(value)
}

const isUsualForm = (text: string): boolean =>
  text.length === 24 &&
  text.charCodeAt(4) === dash &&
  text.charCodeAt(7) === dash &&
  text.charCodeAt(10) === letterT &&
  text.charCodeAt(13) === colon &&
  text.charCodeAt(16) === colon &&
  text.charCodeAt(19) === dot &&
  text.charCodeAt(23) === letterZ

/** @returns null when a part of it is no such number, or lies outside. */
function readUsualForm(text: string): number | null {
  if (two(text, 0) !== firstYear / 100) return null
  const year = two(text, 2)
  const month = two(text, 5) - 1
  const day = two(text, 8) - 1
  // Days that not every month has are not worth a look-up here.
  if (year < 0 || month < 0 || month > 11 || day < 0 || day > 27) return null
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  const hundredths = two(text, 20)
  const thousandths = text.charCodeAt(22) - zero
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null
  if (hundredths < 0 || thousandths < 0 || thousandths > 9) return null
  const leapDay = month > 1 && year % 4 === 0 ? 1 : 0
  const days = (daysBeforeYear[year] as number) + (daysBeforeMonth[month] as number) + leapDay + day
  const seconds = (hour * 60 + minute) * 60 + second
  return days * dayMs + seconds * secondMs + hundredths * 10 + thousandths
}
