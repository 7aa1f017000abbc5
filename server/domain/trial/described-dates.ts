import type { CompiledPlaybook } from '../playbook/compile.ts'
import { endOfLocalDay } from '../time/zoned-time.ts'
import { endAfterLength, withEnd, zoneOf } from './clock.ts'
import type { PersonPatch } from './command.ts'
import type { Actor, Trial, TrialClock } from './model.ts'

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

/** A start without an end gives a new trial the playbook’s length. */
function startedAt(trial: Trial, startsAt: number, playbook: CompiledPlaybook, now: number): TrialClock {
  const { clock } = trial
  if (trial.version > 0 || startsAt === clock.startsAt) return withStart(clock, startsAt, now)
  return withEnd({ ...clock, startsAt }, endAfterLength(startsAt, zoneOf(trial, playbook), playbook), now)
}

/**
 * @param said.at when it was said
 * @param said.isInformed the speaker saw the present end and means to replace it
 * @returns the clock as it is now; `refusedEnd` when the word would have taken back an extension: then only what was
 * said is noted.
 */
export function describeDates(
  trial: Trial,
  dates: SaidDates,
  said: { readonly by: Actor; readonly at: number; readonly isInformed: boolean },
  playbook: CompiledPlaybook,
  now: number,
): { readonly clock: TrialClock; readonly refusedEnd: number | null } {
  const startsAt = dates.startsAt ?? trial.clock.startsAt
  const { endsOn } = dates
  const endsAt = endsOn === undefined ? dates.endsAt : endOfLocalDay(endsOn, zoneOf(trial, playbook))
  if (endsAt === undefined) return { clock: startedAt(trial, startsAt, playbook, now), refusedEnd: null }
  const { clock } = trial
  const word = endsOn ?? endsAt
  const isNews = clock.said?.[said.by.kind]?.end !== word
  if (!isNews && !said.isInformed) return { clock: withStart(clock, startsAt, now), refusedEnd: null }
  const noted = { ...clock.said, [said.by.kind]: { end: word, at: said.at } }
  const mayShorten = said.isInformed || playbook.playbook.trial.endDecidedBy === 'product'
  if (!mayShorten && takesBackExtension(clock, endsAt))
    return { clock: { ...clock, said: noted }, refusedEnd: endsAt }
  return {
    clock: withEnd({ ...clock, startsAt, said: noted }, endsAt, now, endsOn ?? null),
    refusedEnd: null,
  }
}

/** A trial that ends with a calendar day ends with that day where its person lives, wherever that turns out to be. */
export function followZone(before: Trial, after: Trial, playbook: CompiledPlaybook, now: number): TrialClock {
  const { clock } = after
  const [oldZone, newZone] = [zoneOf(before, playbook), zoneOf(after, playbook)]
  if (oldZone === newZone || !clock.endsOn) return clock
  if (clock.endsAt !== endOfLocalDay(clock.endsOn, oldZone)) return clock
  return withEnd(clock, endOfLocalDay(clock.endsOn, newZone), now, clock.endsOn)
}
