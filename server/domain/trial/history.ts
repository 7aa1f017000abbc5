import { dayMs } from '../../../shared/clock.ts'
import type { Command } from './command.ts'
import type { Trial, TrialClock } from './model.ts'

/** A trial that began earlier than this before it became known is history, not a sign-up. */
const historyAfterMs = dayMs

/**
 * Whether a change tells of a trial that had long begun: of someone unknown (an import, a first sync, old events) or
 * who seemed to have just signed up or was not vouched for, the first end that anyone names, or an end that is moved to a day long past.
 */
function tellsHistory(before: Trial, { clock }: Trial, command: Command, now: number): boolean {
  if (clock.startsAt > now - historyAfterMs) return false
  // What an id had is told by its own clock, see `adoptedClock`.
  if (command.type === 'adopt' || before.adopted !== undefined) return false
  if (before.version === 0) return true
  if (before.clock.startsAt > now - historyAfterMs) return true
  if (before.clock.provisional && !clock.provisional) return true
  if (command.type !== 'describe') return false
  if (before.clock.said === undefined && clock.said !== undefined) return true
  return command.by.kind !== 'billing' && isLongPast(clock, now) && !isLongPast(before.clock, now)
}

const isLongPast = ({ endsAt }: TrialClock, now: number): boolean =>
  endsAt !== null && endsAt <= now - historyAfterMs

/** Marks what lies before now as history, where a change has just told of it. */
export function withHistory(before: Trial, after: Trial, command: Command, now: number): Trial {
  if (after.clock.status === 'anonymous' || after.mergedInto !== null) return after
  if (after.clock.historyUntil === now || !tellsHistory(before, after, command, now)) return after
  return { ...after, clock: { ...after.clock, historyUntil: now } }
}
