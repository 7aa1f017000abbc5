import { randomBytes } from 'node:crypto'

/**
 * Names one fold of some events into one trial, never twice. Begins with the time by the database server’s clock, so
 * that what has been waiting since before an instant is a range of an index.
 */
export const newFoldIds = (now: number): ((index: number) => string) => {
  const call = `${timeText(now)}-${randomBytes(9).toString('base64url')}`
  return (index) => `${call}.${index}`
}

/** Sorts behind the folds begun before that instant and before all others. */
export const foldIdAt = (at: number): string => timeText(at)

/** Nine digits of base 36 last until the year 5188, so text order is time order. */
const timeText = (at: number): string => Math.max(0, Math.floor(at)).toString(36).padStart(9, '0')
