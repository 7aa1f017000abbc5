import { dayMs } from '../../../shared/clock.ts'
import type { TrialStatus } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { addLocalDays, calendarDaysBetween, isTimeZone } from '../time/zoned-time.ts'
import type { Command, Outcome } from './command.ts'
import type { Actor, Extension, Trial, TrialClock } from './model.ts'

/** A new quoted date is told again only when it moved later by at least this. */
const cycleAfterMs = dayMs

/** The zone in which this person’s days and hours are counted. */
export const zoneOf = (trial: Pick<Trial, 'person'>, playbook: CompiledPlaybook): string =>
  trial.person.timeZone !== null && isTimeZone(trial.person.timeZone)
    ? trial.person.timeZone
    : playbook.playbook.product.timeZone

/** What the status is at that moment, whatever is stored: the end passes by itself. */
export function statusAt(clock: TrialClock, at: number): TrialStatus {
  if (clock.status === 'anonymous' || clock.status === 'converted') return clock.status
  return clock.endsAt !== null && clock.endsAt <= at ? 'ended' : 'trialing'
}

/** The end so many calendar days after the start, at the same wall-clock time. */
export const endAfterLength = (startsAt: number, zone: string, playbook: CompiledPlaybook): number | null => {
  const { lengthDays } = playbook.playbook.trial
  return lengthDays === null ? null : addLocalDays(startsAt, lengthDays, zone)
}

/** A new end earns new emails when an email has told one that is earlier by a day or more. */
function retold(clock: TrialClock): TrialClock {
  const { quotedEndsAt, endsAt } = clock
  if (quotedEndsAt === null || endsAt === null || endsAt - quotedEndsAt < cycleAfterMs) return clock
  return { ...clock, cycle: clock.cycle + 1, quotedEndsAt: null }
}

/**
 * The end moves, for whatever reason; cycle and status follow.
 * @param endsOn the calendar day that the new end is the end of, when it was given as a day
 */
export function withEnd(
  clock: TrialClock,
  endsAt: number | null,
  now: number,
  endsOn: string | null = null,
): TrialClock {
  const moved = retold(
    endsOn === (clock.endsOn ?? null) ? { ...clock, endsAt } : { ...clock, endsAt, endsOn },
  )
  return { ...moved, status: statusAt(moved, now) }
}

/** A trial that unsigned events alone had begun begins again with the first trusted word. */
export function confirmedStart(trial: Trial, at: number, playbook: CompiledPlaybook, now: number): Trial {
  const { provisional, ...clock } = trial.clock
  if (!provisional) return trial
  // A rep or the billing system has given it dates meanwhile.
  if (clock.extensions.length > 0 || clock.convertedAt !== null) return { ...trial, clock }
  const startsAt = Math.min(at, now)
  const endsAt = endAfterLength(startsAt, zoneOf(trial, playbook), playbook)
  const begun = { ...clock, startsAt, endsAt, cycle: 0, quotedEndsAt: null }
  return { ...trial, createdAt: startsAt, clock: { ...begun, status: statusAt(begun, now) } }
}

/** An email that names this end has gone out, or may have. */
export const withQuoted = (clock: TrialClock, endsAt: number): TrialClock =>
  retold({ ...clock, quotedEndsAt: endsAt })

const refuse = (reason: Extract<Outcome, { ok: false }>['reason'], detail: string) =>
  ({ ok: false, reason, detail }) as const

type Refused = ReturnType<typeof refuse>
type ExtendCommand = Extract<Command, { type: 'extend' }>

const live = (extensions: readonly Extension[]) =>
  extensions.filter((extension) => extension.undoneAt === null)

/** Billing tells what is already so; only people and API callers are held to the policy. */
function policyRefusal(
  clock: TrialClock,
  days: number,
  by: Actor,
  playbook: CompiledPlaybook,
): Refused | null {
  const { maxPerTrial, maxTotalDays, selfServe } = playbook.playbook.extensions
  const given = live(clock.extensions)
  if (by.kind === 'billing' || by.kind === 'system') return null
  if (given.length >= maxPerTrial)
    return refuse(
      'policy',
      `The trial was extended ${given.length} times; the playbook allows ${maxPerTrial}.`,
    )
  const total = given.reduce((sum, extension) => sum + extension.days, 0)
  if (total + days > maxTotalDays)
    return refuse(
      'policy',
      `${total + days} days in total would be more than the ${maxTotalDays} the playbook allows.`,
    )
  if (by.kind !== 'trialist') return null
  const taken = given.filter((extension) => extension.by.kind === 'trialist').length
  if (taken >= selfServe.maxPerTrial)
    return refuse('policy', `Trialists may extend ${selfServe.maxPerTrial} times themselves.`)
  return days > selfServe.days
    ? refuse('policy', `Trialists may extend by ${selfServe.days} days themselves.`)
    : null
}

function newEnd(
  clock: TrialClock & { endsAt: number },
  command: ExtendCommand,
  zone: string,
  now: number,
): { after: number; days: number } | Refused {
  if ((command.days === undefined) === (command.until === undefined))
    return refuse('invalid', 'Give either days or until.')
  // A trial that has ended is extended from today, not from a day long past.
  const base = Math.max(clock.endsAt, now)
  if (command.days !== undefined) {
    if (!Number.isInteger(command.days) || command.days < 1)
      return refuse('invalid', 'days must be a whole number above 0.')
    return { after: addLocalDays(base, command.days, zone), days: command.days }
  }
  const until = command.until as number
  if (!Number.isFinite(until) || until <= base)
    return refuse('invalid', 'The new end must be in the future and later than the current end.')
  return { after: until, days: Math.max(1, calendarDaysBetween(base, until, zone)) }
}

/** Days are calendar days in the person’s zone: the end keeps its wall-clock time over clock changes. */
export function extendClock(
  clock: TrialClock,
  command: ExtendCommand,
  zone: string,
  playbook: CompiledPlaybook,
  now: number,
): { clock: TrialClock; extension: Extension } | Refused {
  const { endsAt } = clock
  const repeated = clock.extensions.find((extension) => extension.id === command.id)
  if (repeated) return { clock, extension: repeated }
  const status = statusAt(clock, now)
  if (status === 'converted')
    return refuse('policy', 'This person has converted; there is no trial to extend.')
  if (status === 'anonymous') return refuse('invalid', 'An anonymous visitor has no trial yet.')
  if (endsAt === null) return refuse('policy', 'A free plan has no end to extend.')
  if (command.expectedEnd !== undefined && command.expectedEnd !== endsAt)
    return refuse('conflict', 'The trial end has changed since you loaded it.')
  if (now > endsAt + playbook.reopenWithinMs)
    return refuse('policy', 'The trial ended too long ago to be reopened.')
  const target = newEnd({ ...clock, endsAt }, command, zone, now)
  if ('ok' in target) return target
  const refusal = policyRefusal(clock, target.days, command.by, playbook)
  if (refusal) return refusal
  const extension: Extension = {
    id: command.id,
    at: now,
    days: target.days,
    before: endsAt,
    after: target.after,
    by: command.by,
    reason: command.reason,
    note: command.note,
    undoneAt: null,
    cycleBefore: clock.cycle,
    quotedBefore: clock.quotedEndsAt,
  }
  const moved = withEnd(clock, target.after, now)
  return { clock: { ...moved, extensions: [...clock.extensions, extension] }, extension }
}

/**
 * Takes an extension back as if it had never been.
 * @param mayHaveQuoted whether an email that names this end may be on its way
 */
export function undoExtension(
  clock: TrialClock,
  id: string,
  mayHaveQuoted: (endsAt: number) => boolean,
  now: number,
): { clock: TrialClock; extension: Extension } | Refused {
  const extension = clock.extensions.find((candidate) => candidate.id === id)
  if (!extension) return refuse('not_found', 'There is no such extension.')
  if (extension.undoneAt !== null) return { clock, extension }
  if (clock.status === 'converted') return refuse('policy', 'This person has converted.')
  if (clock.endsAt !== extension.after || live(clock.extensions).at(-1) !== extension)
    return refuse('conflict', 'The end has moved again since; only the last extension can be undone.')
  if (clock.quotedEndsAt === extension.after || mayHaveQuoted(extension.after))
    return refuse('policy', 'An email has already named the new end.')
  const undone = { ...extension, undoneAt: now }
  const restored: TrialClock = {
    ...clock,
    endsAt: extension.before,
    cycle: extension.cycleBefore,
    quotedEndsAt: extension.quotedBefore,
    extensions: clock.extensions.map((candidate) => (candidate === extension ? undone : candidate)),
  }
  return { clock: { ...restored, status: statusAt(restored, now) }, extension: undone }
}
