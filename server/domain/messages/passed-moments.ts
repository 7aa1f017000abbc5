import type { CompiledPlaybook } from '../playbook/compile.ts'
import { withDecision } from '../trial/decisions.ts'
import type { Trial } from '../trial/model.ts'
import { candidateOf, hadPassed, isSettled, isUsedUp, messageOf, passedWhy } from './due.ts'

/** Notes at once what {@link hadPassed}: an import does not leave that to the due loop, person by person. */
export function withPassedMoments(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  // Who of a company it would have gone to is not known yet; the due loop notes it.
  if (trial.company) return trial
  let result = trial
  const settled: Record<string, number> = {}
  for (const rule of playbook.rules) {
    const candidate = candidateOf(rule, trial, playbook)
    if (!candidate || !hadPassed(candidate, trial.clock)) continue
    if (isUsedUp(messageOf(trial, candidate.key)) || isSettled(trial, candidate)) continue
    settled[candidate.slot] = candidate.dueAt
    result = withDecision(result, { ruleId: rule.id, kind: rule.kind }, 'skipped', passedWhy, now)
  }
  return Object.keys(settled).length === 0 ? trial : { ...result, settled: { ...trial.settled, ...settled } }
}
