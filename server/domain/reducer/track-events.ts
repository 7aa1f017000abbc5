import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { TrackedEvent, Trial } from '../trial/model.ts'
import { foldUsage } from '../trial/usage.ts'
import { plansAlike, refresh, standingNow, withStatus } from './refresh.ts'

const earlier = (a: number | null, b: number): number => (a === null || b < a ? b : a)

/** A moment at which to look again that follows from activity alone; too early does no harm. */
function withHint(trial: Trial, playbook: CompiledPlaybook): number | null {
  const { lastSeenAt } = trial.usage
  const { activatedAt, pace } = trial.standing
  if (trial.clock.status === 'anonymous' || trial.mergedInto !== null || lastSeenAt === null)
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

/** After the end a milestone event may be the comeback that earns the upgrade mail. */
function mayBeComeback(trial: Trial, events: readonly TrackedEvent[], playbook: CompiledPlaybook): boolean {
  return (
    trial.clock.status === 'ended' &&
    events.some((event) => event.type === 'track' && playbook.milestonesByEvent.has(event.name))
  )
}

/**
 * Folds events into usage and standing. The message plan is only made anew when these events can have
 * changed it: usually they just count.
 */
export function trackEvents(
  trial: Trial,
  events: readonly TrackedEvent[],
  playbook: CompiledPlaybook,
  now: number,
): Trial {
  if (events.length === 0) return trial
  const usage = foldUsage(trial.usage, events, playbook)
  const clock = withStatus(trial.clock, now)
  if (usage === trial.usage && clock === trial.clock) return trial
  const standing = standingNow({ ...trial, usage, clock }, playbook, now)
  const folded: Trial = { ...trial, usage, clock, standing }
  const replans =
    trial.version === 0 ||
    clock !== trial.clock ||
    !plansAlike(standing, trial.standing) ||
    planDependsOn(events, playbook) ||
    mayBeComeback(folded, events, playbook)
  if (replans) return refresh(folded, playbook, now)
  const nextAt = withHint(folded, playbook)
  return nextAt === folded.nextAt ? folded : { ...folded, nextAt }
}
