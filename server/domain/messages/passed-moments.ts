import { dayMs, hourMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { statusAt } from '../trial/clock.ts'
import { withDecision } from '../trial/decisions.ts'
import type { Trial } from '../trial/model.ts'
import { candidateOf, isSettled, isUsedUp, messageOf } from './due.ts'
import { settle } from './outbox-plan.ts'

/** A trial that began earlier than this before it became known is history, not a sign-up. */
const historyAfterMs = dayMs

/**
 * Someone who becomes known in the middle of a trial or after it (an import, a first sync of all users) gets what is
 * still to come, and nothing whose moment has passed. Of a trial that is over nothing is still to come: no survey asks
 * a whole customer base why it left.
 */
export function withPassedMoments(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  if (trial.clock.startsAt > now - historyAfterMs) return trial
  const isOver = statusAt(trial.clock, now) === 'ended'
  let result = trial
  for (const rule of playbook.rules) {
    const candidate = candidateOf(rule, trial, playbook)
    if (!candidate || (!isOver && candidate.dueAt >= now - hourMs)) continue
    if (isUsedUp(messageOf(trial, candidate.key)) || isSettled(trial, candidate)) continue
    const why = 'its time had passed when this person became known'
    result = withDecision(
      settle(result, candidate),
      { ruleId: rule.id, kind: rule.kind },
      'skipped',
      why,
      now,
    )
  }
  return result
}
