import type { CompiledPlaybook } from '../playbook/compile.ts'
import { endAfterLength, withEnd, zoneOf } from '../trial/clock.ts'
import { done, type Of, type PersonPatch, type Reduced, refused } from '../trial/command.ts'
import type { Trial, TrialClock } from '../trial/model.ts'
import { datesKey, describePerson, outweighs } from '../trial/person.ts'
import { mergeUsage } from '../trial/usage.ts'

/** Dates as the team’s server knows them. A start without an end gives a new trial the playbook’s length. */
function describeClock(
  trial: Trial,
  dates: NonNullable<PersonPatch['trial']>,
  playbook: CompiledPlaybook,
  now: number,
): TrialClock {
  const { clock } = trial
  const startsAt = dates.startsAt ?? clock.startsAt
  const endsAt =
    dates.endsAt !== undefined
      ? dates.endsAt
      : trial.version === 0 && dates.startsAt !== undefined
        ? endAfterLength(startsAt, zoneOf(trial, playbook), playbook)
        : clock.endsAt
  if (startsAt === clock.startsAt && endsAt === clock.endsAt) return clock
  return withEnd({ ...clock, startsAt }, endsAt, now)
}

/** A bounce says something about an address, not about the person: another address starts clean. */
function withAddress(trial: Trial, described: Trial): Trial {
  const { suppressed, softBounces } = trial.contact
  if (described.person.email === trial.person.email || (!suppressed && softBounces.length === 0))
    return described
  const isOfAddress = suppressed?.reason === 'hard_bounce' || suppressed?.reason === 'soft_bounces'
  return {
    ...described,
    contact: { ...trial.contact, suppressed: isOfAddress ? null : suppressed, softBounces: [] },
  }
}

export function describe(
  trial: Trial,
  { patch, at: saidAt, expectedEnd }: Of<'describe'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (expectedEnd !== undefined && expectedEnd !== trial.clock.endsAt)
    return refused(trial, 'conflict', 'The end of the trial is not the one you saw.')
  const at = saidAt ?? now
  const dates = patch.trial
  if (dates && trial.clock.status === 'anonymous')
    return refused(trial, 'invalid', 'An anonymous visitor has no trial yet.')
  const { startsAt = trial.clock.startsAt, endsAt = null } = dates ?? {}
  if (endsAt !== null && endsAt <= startsAt)
    return refused(trial, 'invalid', 'The trial would end before it begins.')
  const described = describePerson(trial.person, patch, at)
  const tellsDates = dates !== undefined && outweighs(described.traitsAt, datesKey, at, dates, null)
  const person =
    tellsDates && described.traitsAt[datesKey] !== at
      ? { ...described, traitsAt: { ...described.traitsAt, [datesKey]: at } }
      : described
  const clock = tellsDates ? describeClock({ ...trial, person }, dates, playbook, now) : trial.clock
  if (person === trial.person && clock === trial.clock) return done(trial)
  return done(withAddress(trial, { ...trial, person, clock }))
}

/** Takes over what an anonymous visitor did before it was known who they are; each visitor only once. */
export function absorb(
  trial: Trial,
  { anonymousId, usage }: Of<'absorb'>,
  playbook: CompiledPlaybook,
): Reduced {
  if (trial.absorbed.includes(anonymousId)) return done(trial)
  return done({
    ...trial,
    anonymousId: trial.anonymousId ?? anonymousId,
    absorbed: [...trial.absorbed, anonymousId],
    usage: mergeUsage(trial.usage, usage, playbook),
  })
}

export const merge = (trial: Trial, { into }: Of<'merge'>): Reduced =>
  trial.mergedInto === into
    ? done(trial)
    : trial.mergedInto !== null || into === trial.id
      ? refused(trial, 'conflict', 'This visitor already belongs to someone.')
      : done({ ...trial, mergedInto: into })

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
