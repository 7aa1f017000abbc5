import { dayMs } from '../../../shared/clock.ts'
import type { Command } from './command.ts'
import type { Trial, TrialClock } from './model.ts'

/** A trial that began earlier than this before it became known is history, not a sign-up. */
const historyAfterMs = dayMs

const isHistory = (startsAt: number, now: number): boolean => startsAt <= now - historyAfterMs

/** The clock of someone who becomes known now, by what they did at the start of it. */
export const knownSince = (clock: TrialClock, now: number): TrialClock =>
  clock.status !== 'anonymous' && isHistory(clock.startsAt, now) ? { ...clock, historyUntil: now } : clock

/**
 * Whether a change tells that a trial had long begun: of someone who seemed to have just signed up (an import, a first
 * sync) or was not vouched for, by the first end that anyone names, or by an end that is moved to a day long past.
 */
function tellsHistory(before: TrialClock, clock: TrialClock, command: Command, now: number): boolean {
  // What an id had is told by its own clock, see `adoptedClock`.
  if (command.type === 'adopt' || !isHistory(clock.startsAt, now)) return false
  if (!isHistory(before.startsAt, now) || (before.provisional && !clock.provisional)) return true
  if (command.type !== 'describe') return false
  if (before.said === undefined && clock.said !== undefined) return true
  return command.by.kind !== 'billing' && isLongPast(clock, now) && !isLongPast(before, now)
}

const isLongPast = ({ endsAt }: TrialClock, now: number): boolean =>
  endsAt !== null && endsAt <= now - historyAfterMs

/** Marks what lies before now as history, where a change has just told of it. */
export function withHistory(before: Trial, after: Trial, command: Command, now: number): Trial {
  const { clock } = after
  if (clock === before.clock || clock.status === 'anonymous' || clock.historyUntil === now) return after
  if (!tellsHistory(before.clock, clock, command, now)) return after
  return { ...after, clock: { ...clock, historyUntil: now } }
}
