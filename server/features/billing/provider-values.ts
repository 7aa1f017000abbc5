import { parseInstant, secondMs } from '../../../shared/clock.ts'

/** Reading of what came from outside: whatever is not as expected is absent. */

export type Json = Readonly<Record<string, unknown>>

export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

export const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : [])

export const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : typeof value === 'number' ? String(value) : null

/** Unix seconds; absent and 0 are none. */
export const unixSeconds = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value * secondMs) : null

/** A whole number, also as text. */
export const integer = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

const intervals = { day: 'day', week: 'week', month: 'month', year: 'year' } as const

/** `null` for what is no such interval. */
export const intervalOf = (value: unknown): keyof typeof intervals | null =>
  typeof value === 'string' && Object.hasOwn(intervals, value) ? (value as keyof typeof intervals) : null

/** What of several ids is there. */
export const idsOf = (...values: readonly unknown[]): string[] => [
  ...new Set(values.flatMap((value) => text(value) ?? [])),
]

export const instant = (value: unknown): number | null => parseInstant(value)

/** The user id that the team’s server gave along, by either spelling. */
export const userIdIn = (metadata: unknown): string | null => {
  const { userId, user_id } = object(metadata)
  return text(userId) ?? text(user_id)
}

export function parseObject(bytes: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
  } catch {
    return null
  }
}
