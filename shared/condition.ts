import type { Pace, Segment, TrialStatus } from './trial.ts'

/**
 * A question about one trialist, answered the same by the server and by the browser's local rules.
 * Every key of one object must hold; `all`, `any` and `not` combine. An empty object always holds.
 */
export interface Condition {
  all?: Condition[] | undefined
  any?: Condition[] | undefined
  not?: Condition | undefined
  segment?: Segment[] | undefined
  pace?: Pace[] | undefined
  status?: TrialStatus[] | undefined
  /** Name of a milestone that has been reached. */
  reached?: string | undefined
  /** How often an event has happened. `atLeast` defaults to 1 when neither bound is given. */
  event?: { name: string; atLeast?: number | undefined; atMost?: number | undefined } | undefined
  /** A trait by dotted path. Without a test it must be present and not empty. */
  trait?:
    | {
        path: string
        is?: string | number | boolean | undefined
        in?: (string | number | boolean)[] | undefined
        endsWith?: string[] | undefined
        atLeast?: number | undefined
        atMost?: number | undefined
        exists?: boolean | undefined
      }
    | undefined
  /** A value formula of the playbook, e.g. minutes saved. */
  value?: { name: string; atLeast?: number | undefined; atMost?: number | undefined } | undefined
  /** Activation score, 0 to 100. */
  score?: { atLeast?: number | undefined; atMost?: number | undefined } | undefined
  /** Answer given to the survey after the end of the trial. */
  surveyAnswer?: string[] | undefined
  /** Whole and part days left before the current end; never holds when the trial has no end. */
  daysLeft?: { atLeast?: number | undefined; atMost?: number | undefined } | undefined
}

/** Everything a condition may ask about. The server derives it from a trial, the SDK from the last answer. */
export interface ConditionFacts {
  segment: Segment
  pace: Pace
  status: TrialStatus
  score: number
  reachedMilestones: { has(name: string): boolean }
  eventCount(name: string): number
  trait(path: string): unknown
  /** null when the value cannot be computed or a counter it needs is missing. */
  value(name: string): number | null
  surveyAnswer: string | null
  daysLeft: number | null
}

const within = (
  n: number | null,
  b: { atLeast?: number | undefined; atMost?: number | undefined },
): boolean =>
  n !== null && (b.atLeast === undefined || n >= b.atLeast) && (b.atMost === undefined || n <= b.atMost)

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

function traitHolds(test: NonNullable<Condition['trait']>, value: unknown): boolean {
  if (test.exists === false) return isEmpty(value)
  if (isEmpty(value)) return false
  if (test.is !== undefined && value !== test.is) return false
  if (test.in && !test.in.some((candidate) => candidate === value)) return false
  if (test.endsWith) {
    const text = String(value).toLowerCase()
    if (!test.endsWith.some((suffix) => text.endsWith(suffix.toLowerCase()))) return false
  }
  if (test.atLeast === undefined && test.atMost === undefined) return true
  return typeof value === 'number' && within(value, test)
}

export function conditionHolds(condition: Condition, facts: ConditionFacts): boolean {
  const { event } = condition
  return (
    (!condition.all || condition.all.every((part) => conditionHolds(part, facts))) &&
    (!condition.any || condition.any.some((part) => conditionHolds(part, facts))) &&
    (!condition.not || !conditionHolds(condition.not, facts)) &&
    (!condition.segment || condition.segment.includes(facts.segment)) &&
    (!condition.pace || condition.pace.includes(facts.pace)) &&
    (!condition.status || condition.status.includes(facts.status)) &&
    (condition.reached === undefined || facts.reachedMilestones.has(condition.reached)) &&
    (!event ||
      within(
        facts.eventCount(event.name),
        event.atLeast === undefined && event.atMost === undefined ? { atLeast: 1 } : event,
      )) &&
    (!condition.trait || traitHolds(condition.trait, facts.trait(condition.trait.path))) &&
    (!condition.value || within(facts.value(condition.value.name), condition.value)) &&
    (!condition.score || within(facts.score, condition.score)) &&
    (!condition.surveyAnswer ||
      (facts.surveyAnswer !== null && condition.surveyAnswer.includes(facts.surveyAnswer))) &&
    (!condition.daysLeft || within(facts.daysLeft, condition.daysLeft))
  )
}
