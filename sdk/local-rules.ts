import type { LocalRules, NudgeInstance, TrialSnapshot } from '../shared/collect.ts'
import { type Condition, type ConditionFacts, conditionHolds } from '../shared/condition.ts'
import { type Happening, isHeldOut, isTriggered } from '../shared/nudge-rule.ts'

/** A nudge that may be shown, with what decides between several. */
export interface Candidate {
  nudge: NudgeInstance
  /** How many questions its condition asks: of equal priority the more specific goes first. */
  specificity: number
  heldOut: boolean
}

export interface LocalState {
  rules: LocalRules
  trial: TrialSnapshot
  traits: Record<string, unknown>
  /** How often an event was tracked since the snapshot. */
  since(event: string): number
  /** Server time. */
  now: number
  /** User id, or anonymous id. */
  subject: string
}

const dayMs = 86_400_000

export const daysLeft = (trial: TrialSnapshot, now: number): number | null =>
  trial.endsAt ? (Date.parse(trial.endsAt) - now) / dayMs : null

/** Facts of the last answer, carried on with what happened since. */
function factsOf({ trial, traits, since, now }: LocalState): ConditionFacts {
  return {
    segment: trial.segment,
    // Pace, score and the survey's answer live on the server: rules that ask for them are decided there.
    pace: 'not_started',
    score: 0,
    surveyAnswer: null,
    status: trial.status,
    reachedMilestones: new Set(
      trial.milestones
        .filter((m) => m.reached || m.count + (m.event ? since(m.event) : 0) >= m.threshold)
        .map((m) => m.name),
    ),
    eventCount: (name) => (trial.counts[name] ?? 0) + since(name),
    trait: (path) =>
      path.split('.').reduce<unknown>((bag, key) => (bag as Record<string, unknown> | null)?.[key], traits),
    value: (name) => trial.values[name] ?? null,
    daysLeft: daysLeft(trial, now),
  }
}

const specificityOf = (condition: Condition): number =>
  Object.entries(condition).reduce(
    (sum, [key, part]) =>
      sum +
      (Array.isArray(part) && (key === 'all' || key === 'any')
        ? part.reduce((inner, each) => inner + specificityOf(each), 0)
        : 1),
    0,
  )

/** Rules that this happening triggers and whose conditions hold, in the playbook's order. Pure. */
export function localCandidates(state: LocalState, happening: Happening): Candidate[] {
  const facts = factsOf(state)
  return state.rules.rules
    .filter((rule) => isTriggered(rule.on, happening) && conditionHolds(rule.when, facts))
    .map(({ nudge, on, when, holdoutShare = 0 }) => ({
      nudge,
      specificity: specificityOf(when) + (on === 'any' ? 0 : 1),
      heldOut: isHeldOut(nudge.id, state.subject, holdoutShare),
    }))
}
