import { isoInstant } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { endOfLocalDay } from '../time/zoned-time.ts'
import { isUnvouched } from '../trial/claims.ts'
import { confirmedStart } from '../trial/clock.ts'
import { done, type Of, type PersonPatch, type Reduced, refused } from '../trial/command.ts'
import {
  describeDates,
  followZone,
  type Speech,
  signUpDates,
  timelyDates,
  withDatesSaid,
} from '../trial/described-dates.ts'
import { absorbedLimit, type Contact, type Trial } from '../trial/model.ts'
import { describePerson } from '../trial/person.ts'
import { emptyUsage, mergeUsage } from '../trial/usage.ts'

/** A bounce says something about an address, not about the person: another address starts clean. */
export function contactAtAddress(contact: Contact, isAnother: boolean): Contact {
  const { suppressed, softBounces } = contact
  if (!isAnother || (!suppressed && softBounces.length === 0)) return contact
  const isOfAddress = suppressed?.reason === 'hard_bounce' || suppressed?.reason === 'soft_bounces'
  return { ...contact, suppressed: isOfAddress ? null : suppressed, softBounces: [] }
}

function withAddress(trial: Trial, described: Trial): Trial {
  const contact = contactAtAddress(trial.contact, described.person.email !== trial.person.email)
  return contact === trial.contact ? described : { ...described, contact }
}

const dateText = (at: number): string => isoInstant(at).slice(0, 10)

/** What the dates of a patch do to the clock, once it is known that they outweigh earlier words. */
function withDates(
  trial: Trial,
  dates: NonNullable<PersonPatch['trial']>,
  said: Speech,
  { onShorten }: Of<'describe'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const { clock, refusedEnd } = describeDates(trial, dates, said, playbook, now)
  if (refusedEnd !== null && onShorten !== 'keep')
    return refused(
      trial,
      'conflict',
      `The trial was extended and ends on ${dateText(trial.clock.endsAt ?? 0)}; ${dateText(refusedEnd)} would take that back. Send expectedEnd to do so on purpose.`,
    )
  return done(clock === trial.clock ? trial : { ...trial, clock })
}

/** @throws nothing; a patch whose dates cannot be is refused as a whole. */
function datesFault(trial: Trial, dates: PersonPatch['trial']): string | null {
  if (!dates) return null
  if (trial.clock.status === 'anonymous') return 'An anonymous visitor has no trial yet.'
  const { startsAt = trial.clock.startsAt, endsAt = null, endsOn } = dates
  const end = endsOn === undefined ? endsAt : endOfLocalDay(endsOn, trial.person.timeZone ?? 'UTC')
  return end !== null && end <= startsAt ? 'The trial would end before it starts.' : null
}

export function describe(
  stored: Trial,
  command: Of<'describe'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const { patch, by, expectedEnd, startIfNew } = command
  if (expectedEnd !== undefined && expectedEnd !== stored.clock.endsAt)
    return refused(stored, 'conflict', 'The trial end has changed since you loaded it.')
  const at = command.at ?? now
  const trial = isUnvouched(at) ? stored : confirmedStart(stored, at, playbook, now)
  const dates = patch.trial ?? (isUnvouched(at) ? undefined : signUpDates(trial, patch, startIfNew, now))
  const fault = datesFault(trial, dates)
  if (fault !== null) return refused(stored, 'invalid', fault)
  const said = { by, at, isInformed: expectedEnd !== undefined, isLatest: command.at === undefined }
  const described = describePerson(trial.person, patch, said)
  const timely = dates && timelyDates(described, dates, said, trial.clock)
  const person = timely ? withDatesSaid(described, timely, said) : described
  const known = person === trial.person ? trial : { ...trial, person }
  const zoned = { ...known, clock: followZone(trial, known, playbook, now) }
  if (!timely || Object.keys(timely).length === 0)
    return done(person === trial.person ? trial : withAddress(trial, zoned))
  const dated = withDates(zoned, timely, said, command, playbook, now)
  if (!dated.outcome.ok) return { ...dated, trial: stored }
  if (person === trial.person && dated.trial.clock === trial.clock) return done(trial)
  return done(withAddress(trial, dated.trial))
}

/** Takes over what an anonymous visitor did before it was known who they are; each visitor only once. */
export function absorb(
  stored: Trial,
  { anonymousId, usage, claimed, ofUser }: Of<'absorb'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const trial = claimed ? stored : confirmedStart(stored, now, playbook, now)
  if (trial.absorbed.includes(anonymousId)) return done(trial)
  if (trial.absorbed.length >= absorbedLimit)
    return refused(trial, 'policy', 'Too many visitors were joined to this person.')
  return done({
    ...trial,
    anonymousId: trial.anonymousId ?? (ofUser ? null : anonymousId),
    absorbed: [...trial.absorbed, anonymousId],
    ...(claimed
      ? { claimed: mergeUsage(trial.claimed ?? emptyUsage, usage, playbook) }
      : { usage: mergeUsage(trial.usage, usage, playbook) }),
  })
}

/** The first person wins, but who proves it wins over who only claims it. */
export function merge(trial: Trial, { into, claimed }: Of<'merge'>): Reduced {
  const { mergedByClaim, ...visitor } = trial
  const isFree = trial.mergedInto === null || (mergedByClaim === true && !claimed)
  if (trial.mergedInto === into && !(mergedByClaim && !claimed)) return done(trial)
  if (!isFree || into === trial.id)
    return refused(trial, 'conflict', 'This visitor already belongs to someone.')
  return done({ ...visitor, mergedInto: into, ...(claimed && { mergedByClaim: claimed }) })
}

/** The answer may be changed; the moment of the first one stays what follow-ups count from, unless it changes. */
export function answerSurvey(
  trial: Trial,
  { answer, comment }: Of<'answerSurvey'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (!playbook.playbook.survey.answers.some((candidate) => candidate.id === answer))
    return refused(trial, 'invalid', 'The survey has no such answer.')
  const { survey } = trial
  if (survey?.answer === answer && (comment === null || comment === survey.comment)) return done(trial)
  const at = survey?.answer === answer ? survey.at : now
  return done({ ...trial, survey: { answer, at, comment: comment ?? survey?.comment ?? null } })
}
