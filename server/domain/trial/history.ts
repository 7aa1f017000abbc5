import { dayMs } from '../../../shared/clock.ts'
import type { Command } from './command.ts'
import type { Trial, TrialClock } from './model.ts'
import { startKey } from './person.ts'

/** A trial that began earlier than this before it became known is history, not a sign-up. */
const historyAfterMs = dayMs

const isHistory = (startsAt: number, now: number): boolean => startsAt <= now - historyAfterMs

/** The clock of someone who becomes known now, by what they did at the start of it. */
export const knownSince = (clock: TrialClock, now: number): TrialClock =>
  clock.status !== 'anonymous' && isHistory(clock.startsAt, now) ? { ...clock, historyUntil: now } : clock

/**
 * Whether a change tells that a trial had long begun: the first trusted word, or the first dates that anyone names (an
 * import, a first sync). Who has named dates before and moves them knows this trial.
 */
function tellsHistory(before: Trial, { clock }: Trial, command: Command, now: number): boolean {
  if (!isHistory(clock.startsAt, now)) return false
  if (before.clock.provisional && !clock.provisional) return true
  // What an id had is told by its own clock, see `adoptedClock`.
  if (command.type !== 'describe') return false
  const saidAt = before.person.traitsAt[startKey]
  const isFirstStart = saidAt === undefined || saidAt === command.at
  if (isFirstStart && !isHistory(before.clock.startsAt, now)) return true
  return before.clock.said === undefined && clock.said !== undefined
}

/** Marks what lies before now as history, where a change has just told of it. */
export function withHistory(before: Trial, after: Trial, command: Command, now: number): Trial {
  const { clock } = after
  if (clock === before.clock || clock.status === 'anonymous' || clock.historyUntil === now) return after
  if (!tellsHistory(before, after, command, now)) return after
  return { ...after, clock: { ...clock, historyUntil: now } }
}
