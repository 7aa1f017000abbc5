import { type Condition, conditionHolds } from '../../../shared/condition.ts'
import { factsOfTrial } from '../activation/facts.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { statusAt } from '../trial/clock.ts'
import type { Trial } from '../trial/model.ts'

/** Whether the condition of a block holds for this trialist. */
export function holdsFor(
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): (condition: Condition) => boolean {
  const facts = factsOfTrial(trial, trial.standing, statusAt(trial.clock, now), playbook, now)
  return (condition) => conditionHolds(condition, facts)
}
