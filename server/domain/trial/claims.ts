import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Person, Trial } from './model.ts'
import { mergeUsage } from './usage.ts'

/**
 * In a trusting workspace anyone who has the public write key can name a user. What such events say is kept apart
 * from what is proven: the team sees both together, emails rest on what is proven alone.
 */

/** The trial as the team and a signed user see it: with what was merely claimed. */
export const withClaims = (trial: Trial, playbook: CompiledPlaybook): Trial =>
  trial.claimed ? { ...trial, usage: mergeUsage(trial.usage, trial.claimed, playbook) } : trial

/** How far back a word is dated that no one vouches for (317 years): it never outweighs one that someone does. */
export const unvouchedOffsetMs = 1e13

/** Whether a word was dated back by {@link unvouchedOffsetMs}. */
export const isUnvouched = (at: number): boolean => at < 0

/** Without the traits that no one vouches for; the same object when there are none. */
export function provenPerson(person: Person): Person {
  const { traits, traitsAt } = person
  const isProven = (name: string) => !isUnvouched(traitsAt[name] ?? 0)
  const names = Object.keys(traits)
  return names.every(isProven)
    ? person
    : { ...person, traits: Object.fromEntries(Object.entries(traits).filter(([name]) => isProven(name))) }
}
