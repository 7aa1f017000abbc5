import type { CompiledPlaybook } from '../playbook/compile.ts'
import { provenPerson } from '../trial/claims.ts'
import { statusAt } from '../trial/clock.ts'
import type { Trial } from '../trial/model.ts'
import { standingOf } from './activation.ts'

/**
 * The trial as emails see it: nothing in it was said by an unsigned event alone. The same object when nothing was,
 * which is always so where identities are required.
 */
export function asProven(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  const person = provenPerson(trial.person)
  if (trial.claimed === undefined && person === trial.person) return trial
  const { claimed: _, ...rest } = trial
  const { usage, clock, survey } = rest
  const subject = { usage, person, clock, surveyAnswer: survey?.answer ?? null }
  const standing = standingOf(subject, statusAt(clock, now), trial.standing, playbook, now)
  return { ...rest, person, standing }
}
