import type { LocalRules, TrialSnapshot } from '../shared/collect.ts'
import { type Condition, type ConditionFacts, conditionHolds } from '../shared/condition.ts'
import { type Happening, isTriggered } from '../shared/nudge-rule.ts'
import type { Properties } from './types.ts'

/** Decisions the browser makes by itself, pure; they and the manners belong to the nudge chunk. */

export type LocalRule = LocalRules['rules'][number]

export const isReached = (
  { reached, event, count, threshold }: TrialSnapshot['milestones'][number],
  since: (event: string) => number,
): boolean => reached || (!!event && count + since(event) >= threshold)

/**
 * Facts of the last answer, carried on with what happened since (`since` counts an event's tracking from then on).
 * Pace, score and the survey's answer live on the server: rules that ask for them are decided there.
 */
export const factsOf = (
  trial: TrialSnapshot,
  traits: Properties,
  since: (event: string) => number,
  now: number,
): ConditionFacts => ({
  segment: trial.segment,
  status: trial.status,
  pace: 'not_started',
  score: 0,
  surveyAnswer: null,
  reachedMilestones: {
    has: (name) => trial.milestones.some((it) => it.name === name && isReached(it, since)),
  },
  eventCount: (name) => (trial.counts[name] ?? 0) + since(name),
  trait: (path) => {
    let value: unknown = traits
    for (const key of path.split('.')) value = (value as Properties | null | undefined)?.[key]
    return value
  },
  value: (name) => trial.values[name] ?? null,
  daysLeft: trial.endsAt ? (Date.parse(trial.endsAt) - now) / 86_400_000 : null,
})

/** Rules that this happening triggers and whose conditions hold, in the playbook's order. */
export const matchingRules = (
  { rules }: LocalRules,
  facts: ConditionFacts,
  happening: Happening,
): LocalRule[] => rules.filter((rule) => isTriggered(rule.on, happening) && conditionHolds(rule.when, facts))

/** How many questions a condition asks: of two rules of equal priority the more specific goes first. */
export function specificityOf({ all = [], any = [], ...rest }: Condition): number {
  let count = Object.keys(rest).length
  for (const part of [...all, ...any]) count += specificityOf(part)
  return count
}
