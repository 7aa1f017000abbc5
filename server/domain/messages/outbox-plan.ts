import type { DecisionOutcome } from '../../../shared/trial.ts'
import { withDecision, withMessage } from '../trial/decisions.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import type { Candidate } from './due.ts'
import { freshMessage } from './fresh-message.ts'
import type { MessagePlan } from './plan.ts'

/** How emails come into a trial's outbox and leave it without being sent. */

/** Emails that never went are kept for the record, but not without limit. */
const supersededKept = 20

function fresh({ rule, key, cycle, to, roles, dueAt, notAfter }: Candidate, now: number): OutboxMessage {
  const whom = to !== undefined && roles !== undefined ? { to, roles } : {}
  return freshMessage({ key, ruleId: rule.id, kind: rule.kind, cycle, ...whom, dueAt, notAfter }, now)
}

export const settle = (trial: Trial, { settles, settleAt }: Candidate): Trial => ({
  ...trial,
  settled: { ...trial.settled, ...Object.fromEntries(settles.map((slot) => [slot, settleAt])) },
})

/** Takes an email that has not gone out of the way; its key can be used again when it falls due again. */
export function supersede(
  trial: Trial,
  message: OutboxMessage,
  outcome: DecisionOutcome,
  why: string,
  now: number,
): Trial {
  const gone = { ...message, state: 'superseded' as const, fence: null, answer: why }
  return withDecision(withMessage(trial, gone), message, outcome, why, now)
}

/** More than these have been written and never sent by no trial we know of. */
const formerTokensKept = 200

/** @param left of the outbox; whatever else in it was written stays to be found. */
function withFormerTokens(trial: Trial, left: readonly OutboxMessage[]): Trial {
  const gone = trial.outbox.flatMap((message) =>
    message.token === null || left.includes(message) ? [] : [message.token],
  )
  if (gone.length === 0) return trial
  const formerTokens = [...new Set([...(trial.formerTokens ?? []), ...gone])].slice(-formerTokensKept)
  return { ...trial, formerTokens }
}

function enqueue(trial: Trial, candidate: Candidate, now: number): Trial {
  const others = trial.outbox.filter((message) => message.key !== candidate.key)
  const superseded = others.filter((message) => message.state === 'superseded')
  const tooOld = new Set(superseded.slice(0, Math.max(0, superseded.length - supersededKept)))
  const left = others.filter((message) => !tooOld.has(message))
  return {
    ...withFormerTokens(trial, left),
    outbox: [...left, fresh(candidate, now)],
  }
}

/** Carries a plan out: what it decided is recorded, what is due is in the outbox. */
export function applyPlan(trial: Trial, plan: MessagePlan, now: number): Trial {
  let result = trial
  const settledNow = new Set(plan.settled.map(({ candidate }) => candidate.key))
  for (const { message, why } of plan.dropped)
    result = settledNow.has(message.key)
      ? withMessage(result, { ...message, state: 'superseded', fence: null, answer: why })
      : supersede(result, message, 'superseded', why, now)
  for (const { candidate, outcome, why } of plan.settled) {
    const { rule, to } = candidate
    const about = { ruleId: rule.id, kind: rule.kind, to }
    result = withDecision(settle(result, candidate), about, outcome, why, now)
  }
  for (const { message, until } of plan.postponed)
    result = withMessage(result, { ...message, nextAttemptAt: until })
  for (const candidate of plan.due) result = enqueue(result, candidate, now)
  return result
}
