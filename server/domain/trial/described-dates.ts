import { dayMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { readableInstant } from '../time/readable-instant.ts'
import { endOfLocalDay } from '../time/zoned-time.ts'
import { endAfterLength, withEnd, zoneOf } from './clock.ts'
import type { PersonPatch } from './command.ts'
import type { Actor, Person, SaidEnd, Trial, TrialClock } from './model.ts'
import { ageOf, dated, datesKey, startKey, type When } from './person.ts'

/**
 * What others say about the dates of a trial: the product's server, a billing system, an import. They repeat
 * themselves (a sync at every sign-in), so only a changed word counts, and a word never silently takes back days that
 * were promised.
 */
type SaidDates = NonNullable<PersonPatch['trial']>

/** The end of the granted extensions that still count. */
const grantedEnd = ({ extensions }: TrialClock): number | null =>
  extensions.reduce<number | null>(
    (latest, { after, undoneAt }) =>
      undoneAt === null && (latest === null || after > latest) ? after : latest,
    null,
  )

function takesBackExtension(clock: TrialClock, endsAt: number | null): boolean {
  const granted = grantedEnd(clock)
  if (granted === null || endsAt === null || clock.endsAt === null) return false
  return endsAt < granted && endsAt < clock.endsAt
}

const withStart = (clock: TrialClock, startsAt: number, now: number): TrialClock =>
  startsAt === clock.startsAt ? clock : withEnd({ ...clock, startsAt }, clock.endsAt, now, clock.endsOn)

/** Nothing but its birth lies behind it: what is said in that instant may come in one group or in several. */
const isBeingMade = ({ version, createdAt }: Trial, now: number): boolean =>
  version === 0 || createdAt === now

/** A start without an end gives a new trial the playbook’s length. */
function startedAt(trial: Trial, startsAt: number, playbook: CompiledPlaybook, now: number): TrialClock {
  const { clock } = trial
  const hasOwnEnd = clock.said !== undefined || clock.extensions.length > 0
  if (hasOwnEnd || !isBeingMade(trial, now) || startsAt === clock.startsAt)
    return withStart(clock, startsAt, now)
  return withEnd({ ...clock, startsAt }, endAfterLength(startsAt, zoneOf(trial, playbook), playbook), now)
}

type Word = SaidEnd['end']

/** Of two ends named in one instant the later one holds, a day before an instant: in any order, the same. */
function isLaterWord(word: Word, than: Word, zone: string): boolean {
  const instantOf = (end: Word) =>
    end === null ? Number.POSITIVE_INFINITY : typeof end === 'string' ? endOfLocalDay(end, zone) : end
  const [mine, other] = [instantOf(word), instantOf(than)]
  return mine === other ? typeof word === 'string' && typeof than !== 'string' : mine > other
}

export interface Speech extends When {
  readonly by: Actor
  /** The speaker saw the present end and means to replace it. */
  readonly isInformed: boolean
}

/**
 * @returns what is noted of this source: null when the word is no news (it repeats itself, or has said a later end in
 * this very instant)
 */
function noted(
  clock: TrialClock,
  word: Word,
  said: Speech,
  zone: string,
): NonNullable<TrialClock['said']> | null {
  const mine = clock.said?.[said.by.kind]
  const isSameInstant = mine !== undefined && mine.at === said.at && !said.isLatest && !said.isInformed
  const isRepeated = mine?.end === word || (isSameInstant && mine.was === word)
  if (isRepeated && !said.isInformed) return null
  if (isSameInstant && !isLaterWord(word, mine.end, zone)) return null
  const was = isSameInstant ? mine.was : mine?.end
  return {
    ...clock.said,
    [said.by.kind]: { end: word, at: said.at, ...(was !== undefined && { was }) },
  }
}

/** Whether another source has named an end in the same instant that is as late or later. */
const isOutdone = (clock: TrialClock, word: Word, said: Speech, zone: string): boolean =>
  !said.isLatest &&
  !said.isInformed &&
  Object.entries(clock.said ?? {}).some(
    ([kind, other]) => kind !== said.by.kind && other.at === said.at && !isLaterWord(word, other.end, zone),
  )

/**
 * @returns the clock as it is now; `refusedEnd` when the word would have taken back an extension: then what was said
 * is noted, and the start holds.
 */
export function describeDates(
  trial: Trial,
  dates: SaidDates,
  said: Speech,
  playbook: CompiledPlaybook,
  now: number,
): { readonly clock: TrialClock; readonly refusedEnd: number | null } {
  const startsAt = dates.startsAt ?? trial.clock.startsAt
  const zone = zoneOf(trial, playbook)
  const { endsOn } = dates
  const endsAt = endsOn === undefined ? dates.endsAt : endOfLocalDay(endsOn, zone)
  if (endsAt === undefined) return { clock: startedAt(trial, startsAt, playbook, now), refusedEnd: null }
  const { clock } = trial
  const word = endsOn ?? endsAt
  const words = noted(clock, word, said, zone)
  const started = withStart(clock, startsAt, now)
  if (words === null) return { clock: started, refusedEnd: null }
  if (isOutdone(clock, word, said, zone)) return { clock: { ...started, said: words }, refusedEnd: null }
  const mayShorten = said.isInformed || playbook.playbook.trial.endDecidedBy === 'product'
  if (!mayShorten && takesBackExtension(clock, endsAt))
    return { clock: { ...started, said: words }, refusedEnd: endsAt }
  return {
    clock: withEnd({ ...clock, startsAt, said: words }, endsAt, now, endsOn ?? null),
    refusedEnd: null,
  }
}

/** Under which names products, Segment and CRMs say when an account was made. */
const signUpTraits = ['createdAt', 'created_at'] as const
export const accountMadeAt = (traits: Readonly<Record<string, unknown>> = {}): number | null =>
  signUpTraits.reduce<number | null>((at, name) => at ?? readableInstant(traits[name]), null)

/** A sign-up that is told of with a delay is still a sign-up. */
const signUpDelayMs = dayMs

/**
 * Someone new of whom no dates are said has begun when their account was made, where that is long past: an old
 * customer who is imported, or seen for the first time, is not welcomed as if they had just signed up.
 */
export function signUpDates(
  trial: Trial,
  { traits = {} }: PersonPatch,
  startIfNew: number | undefined,
  now: number,
): SaidDates | undefined {
  if (trial.userId === null || !isBeingMade(trial, now)) return undefined
  const madeAt = accountMadeAt(traits) ?? startIfNew ?? null
  if (madeAt === null || madeAt > now - signUpDelayMs || madeAt >= trial.clock.startsAt) return undefined
  return { startsAt: madeAt }
}

/** Without what is older than the last word about it; of two starts said in one instant the earlier one holds. */
export function timelyDates(person: Person, dates: SaidDates, said: Speech, clock: TrialClock): SaidDates {
  const { startsAt, ...end } = dates
  const age = ageOf(person.traitsAt, startKey, said)
  const startHolds =
    startsAt !== undefined && (age === 'later' || (age === 'same' && startsAt < clock.startsAt))
  const endHolds = said.isInformed || ageOf(person.traitsAt, datesKey, said) !== 'older'
  return { ...(startHolds && { startsAt }), ...(endHolds && end) }
}

/** When the start and the end were said, for what arrives out of order. */
export function withDatesSaid(person: Person, dates: SaidDates, said: When): Person {
  const { startsAt, ...end } = dates
  let { traitsAt } = person
  if (startsAt !== undefined) traitsAt = dated(traitsAt, startKey, said)
  if (Object.keys(end).length > 0) traitsAt = dated(traitsAt, datesKey, said)
  return traitsAt === person.traitsAt ? person : { ...person, traitsAt }
}

/** A trial that ends with a calendar day ends with that day where its person lives, wherever that turns out to be. */
export function followZone(before: Trial, after: Trial, playbook: CompiledPlaybook, now: number): TrialClock {
  const { clock } = after
  const [oldZone, newZone] = [zoneOf(before, playbook), zoneOf(after, playbook)]
  if (oldZone === newZone || !clock.endsOn) return clock
  if (clock.endsAt !== endOfLocalDay(clock.endsOn, oldZone)) return clock
  return withEnd(clock, endOfLocalDay(clock.endsOn, newZone), now, clock.endsOn)
}
