import type { DecisionOutcome } from '../../../shared/trial.ts'
import type { CompiledRule } from '../playbook/compile.ts'
import { decisionLimit, type OutboxMessage, type Trial } from './model.ts'

/** What many people of a company can have in common is told once. */
const toldOnce: ReadonlySet<DecisionOutcome> = new Set(['skipped', 'superseded', 'held_out'])

/** Adds a line to the log unless the last line about this rule already says the same. */
export function withDecision(
  trial: Trial,
  rule: Pick<CompiledRule, 'kind'> & { readonly ruleId: string; readonly to?: string | undefined },
  outcome: DecisionOutcome,
  why: string,
  now: number,
): Trial {
  const last = trial.decisions.findLast((decision) => decision.ruleId === rule.ruleId)
  const { ruleId, kind, to } = rule
  if (last?.outcome === outcome && last.why === why && (last.to === to || toldOnce.has(outcome))) return trial
  const decision = { at: now, ruleId, kind, ...(to !== undefined && { to }), outcome, why }
  return { ...trial, decisions: [...trial.decisions, decision].slice(-decisionLimit) }
}

export const withMessage = (trial: Trial, changed: OutboxMessage): Trial => ({
  ...trial,
  outbox: trial.outbox.map((message) => (message.key === changed.key ? changed : message)),
})
