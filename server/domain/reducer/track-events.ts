import { minuteMs } from '../../../shared/clock.ts'
import { championOf } from '../activation/members.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { confirmedStart } from '../trial/clock.ts'
import { foldMembers } from '../trial/members.ts'
import type { TrackedEvent, Trial } from '../trial/model.ts'
import { emptyUsage, foldUsage } from '../trial/usage.ts'
import { isBehind, plansAlike, refresh, standingNow, withStatus } from './refresh.ts'

const earlier = (a: number | null, b: number): number => (a === null || b < a ? b : a)

/** A moment at which to look again that follows from activity alone; too early does no harm. */
function withHint(trial: Trial, playbook: CompiledPlaybook): number | null {
  const { lastSeenAt } = trial.usage
  const { activatedAt, pace } = trial.standing
  const { status } = trial.clock
  if (status === 'anonymous' || status === 'converted' || trial.mergedInto !== null || lastSeenAt === null)
    return trial.nextAt
  return activatedAt === null && pace !== 'stalled' && pace !== 'not_started'
    ? earlier(trial.nextAt, lastSeenAt + playbook.stalledAfterMs)
    : trial.nextAt
}

function planDependsOn(events: readonly TrackedEvent[], playbook: CompiledPlaybook): boolean {
  if (playbook.followsLastSeen) return true
  if (playbook.planEvents.size === 0) return false
  return events.some((event) => event.type === 'track' && playbook.planEvents.has(event.name))
}

/** After the end a milestone event may be the comeback that earns the upgrade email. */
function mayBeComeback(trial: Trial, events: readonly TrackedEvent[], playbook: CompiledPlaybook): boolean {
  return (
    trial.clock.status === 'ended' &&
    events.some((event) => event.type === 'track' && playbook.milestonesByEvent.has(event.name))
  )
}

/** Colleagues overtake each other many times a day; who leads is asked again at each gate, so the plan may wait. */
const leadSettlesMs = minuteMs

/** Who gets the emails of a company follows from who does the most. */
const isLedByAnother = ({ company: before }: Trial, { company: after }: Trial, playbook: CompiledPlaybook) =>
  before !== undefined && after !== undefined && championOf(before, playbook) !== championOf(after, playbook)

const earliestOf = (events: readonly TrackedEvent[]): number | null =>
  events.reduce<number | null>((first, { at }) => earlier(first, at), null)

function claimsOf(trial: Trial, events: readonly TrackedEvent[], playbook: CompiledPlaybook) {
  const claims = events.filter((event) => event.claimed)
  return claims.length === 0 ? trial.claimed : foldUsage(trial.claimed ?? emptyUsage, claims, playbook)
}

/**
 * Folds events into usage and standing. The message plan is only made again when these events can have
 * changed it: usually they just count.
 */
export function trackEvents(
  trial: Trial,
  events: readonly TrackedEvent[],
  playbook: CompiledPlaybook,
  now: number,
): Trial {
  if (events.length === 0) return trial
  const proven = events.filter((event) => !event.claimed)
  const startedAt = earliestOf(proven)
  const begun = startedAt === null ? trial : confirmedStart(trial, startedAt, playbook, now)
  const claimed = claimsOf(begun, events, playbook)
  const usage = foldUsage(begun.usage, proven, playbook)
  const clock = withStatus(begun.clock, now)
  if (usage === trial.usage && clock === trial.clock && claimed === trial.claimed) return trial
  const company = begun.company && foldMembers(begun.company, proven, playbook)
  const counted: Trial = { ...begun, usage, clock, ...(claimed && { claimed }), ...(company && { company }) }
  if (isBehind(playbook, counted)) return refresh(counted, playbook, now)
  const folded: Trial = { ...counted, standing: standingNow(counted, playbook, now) }
  const { standing } = folded
  const replans =
    trial.version === 0 ||
    claimed !== undefined ||
    clock !== trial.clock ||
    !plansAlike(standing, trial.standing) ||
    planDependsOn(events, playbook) ||
    mayBeComeback(folded, events, playbook)
  if (replans) return refresh(folded, playbook, now)
  const hint = withHint(folded, playbook)
  const nextAt = isLedByAnother(trial, folded, playbook) ? earlier(hint, now + leadSettlesMs) : hint
  return nextAt === folded.nextAt ? folded : { ...folded, nextAt }
}
