import type { TrialId } from '../../shared/trial.ts'
import type { LoggedEvent } from './port.ts'

/** Events by the trial they count in, in their order, without those at the positions left out. */
export function groupByTrial(
  events: readonly LoggedEvent[],
  leftOut: ReadonlySet<number> = new Set(),
): Map<TrialId, LoggedEvent[]> {
  const groups = new Map<TrialId, LoggedEvent[]>()
  events.forEach((event, index) => {
    if (leftOut.has(index)) return
    const group = groups.get(event.trialId)
    if (group) group.push(event)
    else groups.set(event.trialId, [event])
  })
  return groups
}
