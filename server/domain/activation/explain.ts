import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { type Condition, type ConditionFacts, conditionHolds } from '../../../shared/condition.ts'
import type { CompiledRule } from '../playbook/compile.ts'

/** Sentences for the decision log and for "what comes next and why". */

interface Bounds {
  readonly atLeast?: number | undefined
  readonly atMost?: number | undefined
}

const boundsText = ({ atLeast, atMost }: Bounds): string =>
  [atLeast === undefined ? null : `at least ${atLeast}`, atMost === undefined ? null : `at most ${atMost}`]
    .filter((part) => part !== null)
    .join(' and ') || 'at least 1'

const shown = (n: number | null): string => (n === null ? 'unknown' : String(Math.round(n * 10) / 10))

type Part = { [K in keyof Condition]-?: (test: NonNullable<Condition[K]>, facts: ConditionFacts) => string }

/** One sentence for each kind of test, asked only when that test fails. */
const failureOf: Part = {
  all: (parts, facts) => explainFailure(parts.find((part) => !conditionHolds(part, facts)) ?? {}, facts),
  any: (parts, facts) => parts.map((part) => explainFailure(part, facts)).join('; '),
  not: () => 'an excluding condition holds',
  segment: (asked, facts) => `the segment is ${facts.segment}, not ${asked.join(' or ')}`,
  pace: (asked, facts) => `the pace is ${facts.pace}, not ${asked.join(' or ')}`,
  status: (asked, facts) => `the trial is ${facts.status}, not ${asked.join(' or ')}`,
  reached: (name) => `"${name}" is not reached`,
  event: (test, facts) =>
    `"${test.name}" happened ${facts.eventCount(test.name)} times, asked: ${boundsText(test)}`,
  trait: (test) => `the trait "${test.path}" does not match`,
  value: (test, facts) =>
    `the value "${test.name}" is ${shown(facts.value(test.name))}, asked: ${boundsText(test)}`,
  score: (test, facts) => `the score is ${facts.score}, asked: ${boundsText(test)}`,
  surveyAnswer: (asked, facts) =>
    `the survey answer is ${facts.surveyAnswer ?? 'missing'}, not ${asked.join(' or ')}`,
  daysLeft: (test, facts) => `${shown(facts.daysLeft)} days are left, asked: ${boundsText(test)}`,
}

/** Which test of a condition that does not hold fails first, in words. */
export function explainFailure(condition: Condition, facts: ConditionFacts): string {
  for (const key of Object.keys(condition) as (keyof Condition)[]) {
    const test = condition[key]
    if (test === undefined || conditionHolds({ [key]: test }, facts)) continue
    // Key and test belong together; the compiler cannot follow that through a loop.
    return (failureOf[key] as (test: unknown, facts: ConditionFacts) => string)(test, facts)
  }
  return 'its condition does not hold'
}

const units = [
  [dayMs, 'day'],
  [hourMs, 'hour'],
  [minuteMs, 'minute'],
  [1000, 'second'],
] as const

/** `3 days`, `1 hour`; in the largest unit that divides it. */
function spanText(ms: number): string {
  const [unit, word] = units.find(([unit]) => ms % unit === 0) ?? units[3]
  const n = Math.round(ms / unit)
  return `${n} ${word}${n === 1 ? '' : 's'}`
}

const anchorText: Record<CompiledRule['anchorOf']['type'], (name: string) => string> = {
  trialStart: () => 'the trial began',
  trialEnd: () => 'the trial ends',
  activated: () => 'the trialist was activated',
  lastSeen: () => 'the last visit',
  surveyAnswered: () => 'the survey was answered',
  extended: () => 'the trial was extended',
  milestone: (name) => `"${name}" was reached`,
  event: (name) => `"${name}"`,
}

/** Why a rule’s time is what it is: `3 days before the trial ends`. */
export function whyThen({ anchorOf, offsetMs, milestone }: CompiledRule): string {
  const anchor = anchorText[anchorOf.type]('name' in anchorOf ? anchorOf.name : '')
  const when =
    offsetMs === 0
      ? anchorOf.type === 'trialEnd'
        ? 'when the trial ends'
        : `as soon as ${anchor}`
      : `${spanText(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} ${anchor}`
  return milestone === undefined ? when : `${when}, if "${milestone}" is still missing`
}
