import { parseDay, parseInstant } from '../../../shared/clock.ts'

import { endOfLocalDay, startOfLocalDay } from './zoned-time.ts'

/** @returns the instant, or the first millisecond of that calendar day in the zone. */
export const startInstant = (text: string, timeZone: string): number =>
  parseDay(text) === null ? (parseInstant(text) as number) : startOfLocalDay(text, timeZone)

/** @returns the instant, or the last millisecond of that calendar day in the zone. */
export const endInstant = (text: string, timeZone: string): number =>
  parseDay(text) === null ? (parseInstant(text) as number) : endOfLocalDay(text, timeZone)
