import { adoptedOutbox } from '../messages/adopted-outbox.ts'
import { supersede } from '../messages/outbox-plan.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { adoptedClock } from '../trial/adopted-clock.ts'
import { adoptedPerson } from '../trial/adopted-person.ts'
import { done, type Of, type Reduced, refused } from '../trial/command.ts'
import {
  absorbedLimit,
  adoptedLimit,
  type Contact,
  decisionLimit,
  type NudgeState,
  type Trial,
} from '../trial/model.ts'
import { strongerOf } from '../trial/suppression.ts'
import { emptyUsage, mergeUsage } from '../trial/usage.ts'

/** Two user ids that are one person: `retire` ends the former one, `adopt` gives what it had to the one that stays. */

/** All former ids of the two as one person, without what either repeats. */
const adoptedIds = (
  adopted: readonly string[],
  from: Pick<Trial, 'userId' | 'adopted'>,
): readonly string[] => [
  ...new Set([...adopted, ...(from.userId === null ? [] : [from.userId]), ...(from.adopted ?? [])]),
]

/**
 * Nothing is decided here any more, and lists, reports and the due loop pass it by as they do a visitor. The one step
 * that can refuse: what is retired is always adopted, with all that it had.
 */
export function retire(
  trial: Trial,
  { into, formerIds = [] }: Of<'retire'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (trial.mergedInto === into) return done(trial)
  if (trial.mergedInto !== null || into === trial.id || trial.userId === null)
    return refused(trial, 'conflict', 'This person is already known under another user ID.')
  if (adoptedIds(formerIds, trial).length > adoptedLimit)
    return refused(trial, 'policy', 'This person has had too many user IDs.')
  let result: Trial = { ...trial, mergedInto: into, clock: { ...trial.clock, status: 'anonymous' } }
  for (const message of trial.outbox)
    if (message.state === 'due')
      result = supersede(result, message, 'superseded', 'the person is known under another user ID', now)
  return done(result)
}

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** Bounces speak of an address, objections of a person. */
export function adoptedContact(mine: Contact, theirs: Contact, sameAddress: boolean, now: number): Contact {
  const said = theirs.suppressed
  const isOfAddress = said?.reason === 'hard_bounce' || said?.reason === 'soft_bounces'
  const carries = said !== null && (sameAddress || !isOfAddress)
  return {
    suppressed: carries ? strongerOf(mine.suppressed, said, now) : mine.suppressed,
    repliedAt: latest(mine.repliedAt, theirs.repliedAt),
    repMailedAt: latest(mine.repMailedAt, theirs.repMailedAt),
    pausedUntil: latest(mine.pausedUntil, theirs.pausedUntil),
    lastTrialMailAt: latest(mine.lastTrialMailAt, theirs.lastTrialMailAt),
    silencedAt: mine.silencedAt ?? theirs.silencedAt ?? null,
    softBounces: sameAddress
      ? [...mine.softBounces, ...theirs.softBounces].sort((a, b) => a - b)
      : mine.softBounces,
  }
}

const showsKept = 50

const adoptedNudge = (a: NudgeState, b: NudgeState): NudgeState => ({
  shownAt: [...new Set([...a.shownAt, ...b.shownAt])].sort((x, y) => x - y).slice(-showsKept),
  dismissals: a.dismissals + b.dismissals,
  snoozedUntil: latest(a.snoozedUntil, b.snoozedUntil),
  clickedAt: latest(a.clickedAt, b.clickedAt),
  heldOut: a.heldOut || b.heldOut,
})

export function adoptedNudges(mine: Trial['nudges'], theirs: Trial['nudges']): Trial['nudges'] {
  const nudges = { ...mine }
  for (const [id, state] of Object.entries(theirs))
    nudges[id] = Object.hasOwn(mine, id) ? adoptedNudge(mine[id] as NudgeState, state) : state
  return nudges
}

/**
 * Takes over what this person did and was told under a former id; each id only once.
 * @param command.from as {@link retire} has left it: it does not change any more.
 */
export function adopt(trial: Trial, { from }: Of<'adopt'>, playbook: CompiledPlaybook, now: number): Reduced {
  const adopted = trial.adopted ?? []
  const formerId = from.userId
  if (formerId === null || from.id === trial.id || trial.company)
    return refused(trial, 'invalid', 'A user cannot be merged with itself.')
  if (adopted.includes(formerId)) return done(trial)
  const person = adoptedPerson(trial.person, from.person)
  const sameAddress = from.person.email !== null && from.person.email === person.email
  const claimed = trial.claimed ?? from.claimed
  return done({
    ...trial,
    anonymousId: trial.anonymousId ?? from.anonymousId,
    createdAt: Math.min(trial.createdAt, from.createdAt),
    person,
    clock: adoptedClock(trial, from, now),
    usage: mergeUsage(trial.usage, from.usage, playbook),
    ...(claimed && {
      claimed: mergeUsage(trial.claimed ?? emptyUsage, from.claimed ?? emptyUsage, playbook),
    }),
    contact: adoptedContact(trial.contact, from.contact, sameAddress, now),
    outbox: adoptedOutbox(trial, from),
    decisions: [...trial.decisions, ...from.decisions].sort((a, b) => a.at - b.at).slice(-decisionLimit),
    settled: { ...from.settled, ...trial.settled },
    survey: trial.survey ?? from.survey,
    nudges: adoptedNudges(trial.nudges, from.nudges),
    ...((trial.claimedNudges ?? from.claimedNudges) && {
      claimedNudges: adoptedNudges(trial.claimedNudges ?? {}, from.claimedNudges ?? {}),
    }),
    absorbed: [...new Set([...trial.absorbed, ...from.absorbed])].slice(0, absorbedLimit),
    adopted: adoptedIds(adopted, from),
  })
}
