import type { DecisionOutcome } from '../../../shared/trial.ts'
import type { CompiledRule } from '../playbook/compile.ts'
import { decisionLimit, type OutboxMessage, type Trial } from './model.ts'

/** Adds a line to the log unless the last line about this rule already says the same. */
export function withDecision(
  trial: Trial,
  rule: Pick<CompiledRule, 'kind'> & { readonly ruleId: string },
  outcome: DecisionOutcome,
  why: string,
  now: number,
): Trial {
  const last = trial.decisions.findLast((decision) => decision.ruleId === rule.ruleId)
  if (last?.outcome === outcome && last.why === why) return trial
  const decision = { at: now, ruleId: rule.ruleId, kind: rule.kind, outcome, why }
  return { ...trial, decisions: [...trial.decisions, decision].slice(-decisionLimit) }
}

export const withMessage = (trial: Trial, changed: OutboxMessage): Trial => ({
  ...trial,
  outbox: trial.outbox.map((message) => (message.key === changed.key ? changed : message)),
})
