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
