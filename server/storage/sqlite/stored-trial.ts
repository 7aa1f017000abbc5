import type { Trial } from '../../domain/trial/model.ts'

/**
 * A trial is two texts: what most events change, and all the rest, which is written only when it has changed. Rows
 * of before that have everything in the second, and none of the first.
 */
export const usageText = ({ version, usage }: Trial): string => JSON.stringify({ version, usage })

export const restText = (trial: Trial): string =>
  JSON.stringify({ ...trial, version: undefined, usage: undefined })

/** Both, one a line, as JSON writes no line breaks; in SQL, where `trials` or a part of it is read. */
export const storedTrial = "body || char(10) || coalesce(usage, '{}')"

/** @param rest @param usage the two lines of {@link storedTrial} */
export const parseTrial = (rest: string, usage: string): Trial =>
  Object.assign(JSON.parse(rest), JSON.parse(usage)) as Trial

/** Whether nothing but the usage differs, by identity: changes make new objects of what they touch. */
export function hasSameRest(before: Trial, after: Trial): boolean {
  const keys = Object.keys(after) as (keyof Trial)[]
  for (const key of keys) if (after[key] !== before[key] && key !== 'version' && key !== 'usage') return false
  return keys.length === Object.keys(before).length
}
