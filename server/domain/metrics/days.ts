import { dayMs, dayText } from '../../../shared/clock.ts'

/** UTC days `YYYY-MM-DD`, both included. */
export interface Period {
  readonly from: string
  readonly to: string
}

export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / dayMs)
export const startOfDay = (day: string): number => dayNumber(day) * dayMs
export const daysLater = (day: string, days: number): string => dayText(dayNumber(day) + days)
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from) + 1
export const monthStart = (day: string): string => `${day.slice(0, 7)}-01`
