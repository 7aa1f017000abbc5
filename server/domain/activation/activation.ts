import { conditionHolds } from '../../../shared/condition.ts'
import type { Pace, Segment, TrialStatus } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Person, Standing, Trial, TrialClock, Usage } from '../trial/model.ts'
import { countOf } from '../trial/usage.ts'
import { conditionFacts, daysLeftAt } from './facts.ts'
import { scoreOf } from './score.ts'

/** What standing is derived from. */
export interface Subject {
  readonly usage: Usage
  readonly person: Person
  readonly clock: TrialClock
  readonly surveyAnswer: string | null
}

/** Tracked events that count as having started when none of them belongs to a milestone. */
const startedAfterEvents = 3

/** When each milestone was reached: the instant of its k-th earliest event. */
function milestonesReached(usage: Usage, playbook: CompiledPlaybook): Record<string, number> {
  const reachedAt: Record<string, number> = {}
  for (const { name, event, threshold } of playbook.milestones) {
    if (countOf(usage, event) < threshold) continue
    const counter = usage.counters[event]
    // Events counted before a playbook asked for so many kept fewer instants: the latest one is known to be enough.
    if (counter) reachedAt[name] = counter.earliest[threshold - 1] ?? counter.lastAt
  }
  return reachedAt
}

/** When so many of the asked milestones were reached; null as long as they are not. */
function activationInstant(
  reachedAt: Readonly<Record<string, number>>,
  { activation: { of, atLeast } }: CompiledPlaybook,
): number | null {
  if (of.length === 0) return null
  const instants: number[] = []
  for (const name of of) {
    const at = reachedAt[name]
    if (at !== undefined) instants.push(at)
  }
  if (instants.length < atLeast) return null
  return instants.sort((a, b) => a - b)[atLeast - 1] ?? null
}

function hasStarted(usage: Usage, playbook: CompiledPlaybook): boolean {
  if (usage.total === 0) return false
  for (const event of playbook.milestonesByEvent.keys()) if (countOf(usage, event) > 0) return true
  return usage.total - countOf(usage, 'page') - countOf(usage, 'screen') >= startedAfterEvents
}

/** Milestones against converters’ percentiles at the same number of active days. */
function paceOf(
  subject: Subject,
  reached: number,
  started: boolean,
  mayStall: boolean,
  playbook: CompiledPlaybook,
  now: number,
): Pace {
  const { lastSeenAt, activeDays } = subject.usage
  if (!started || lastSeenAt === null) return 'not_started'
  if (mayStall && now - lastSeenAt >= playbook.stalledAfterMs) return 'stalled'
  const rows = playbook.playbook.pace.converters
  let row = rows[0]
  for (const candidate of rows) if (candidate.activeDays <= activeDays.length) row = candidate
  if (!row) return 'on_pace'
  if (reached >= row.p75) return 'ahead'
  return reached >= row.p25 ? 'on_pace' : 'slow'
}

/**
 * Everything derived from usage, traits and playbook. Time only matters to the pace (stalled) and to the recency in
 * the score.
 * @param status of the trial at `now`
 * @param before the standing so far, for `segmentSince`
 */
export function standingOf(
  subject: Subject,
  status: TrialStatus,
  before: Standing | null,
  playbook: CompiledPlaybook,
  now: number,
): Standing {
  const reachedAt = milestonesReached(subject.usage, playbook)
  const reached = Object.keys(reachedAt).length
  const activatedAt = activationInstant(reachedAt, playbook)
  const started = hasStarted(subject.usage, playbook)
  const byUse: Segment = activatedAt !== null ? 'activated' : started ? 'exploring' : 'unaware'
  const mayStall = activatedAt === null && status !== 'converted'
  const pace = paceOf(subject, reached, started, mayStall, playbook, now)
  const facts = conditionFacts(
    {
      usage: subject.usage,
      person: subject.person,
      segment: byUse,
      pace,
      status,
      score: before?.score ?? 0,
      reachedAt,
      surveyAnswer: subject.surveyAnswer,
      daysLeft: daysLeftAt(subject.clock.endsAt, now),
    },
    playbook,
  )
  const poorFit = playbook.playbook.fit.find((rule) => conditionHolds(rule.when, facts)) ?? null
  // Value experienced decides the segment; whether it also lifts the ban on pitches is up to the fit rule.
  const noPitch =
    activatedAt !== null &&
    poorFit !== null &&
    !(poorFit.pitchWhenActivated ?? poorFit.segment === 'opportunist')
  const segment = activatedAt === null && poorFit ? poorFit.segment : byUse
  const { score, reasons } = scoreOf(subject.usage, facts, { reached, poorFit }, playbook, now)
  const segmentSince =
    activatedAt !== null ? activatedAt : before && before.segment === segment ? before.segmentSince : now
  const standing = { segment, segmentSince, pace, score, reasons, reachedAt, activatedAt }
  return noPitch ? { ...standing, noPitch } : standing
}

/** Whether this person may be asked to buy: not a poor fit, whatever else they did. */
export const mayPitch = ({ segment, noPitch }: Standing): boolean =>
  segment !== 'opportunist' && segment !== 'unqualified' && noPitch !== true

/** When the pace turns `stalled` if nothing happens; null when it cannot. */
export function stallsAt(usage: Usage, standing: Standing, playbook: CompiledPlaybook): number | null {
  if (usage.lastSeenAt === null || standing.activatedAt !== null) return null
  if (standing.pace === 'stalled' || standing.pace === 'not_started') return null
  return usage.lastSeenAt + playbook.stalledAfterMs
}

/** The standing as it will be at a later moment if nothing happens until then. */
export function standingAt(trial: Trial, playbook: CompiledPlaybook, at: number): Standing {
  const stalls = stallsAt(trial.usage, trial.standing, playbook)
  return stalls !== null && at >= stalls
    ? { ...trial.standing, pace: 'stalled' satisfies Pace }
    : trial.standing
}
