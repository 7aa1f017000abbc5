import { createHash } from 'node:crypto'
import type { MessageKey } from '../../../shared/trial.ts'
import { absorbedOutbox } from '../messages/adopted-outbox.ts'
import { isUsedUp } from '../messages/due.ts'
import { supersede } from '../messages/outbox-plan.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { adoptedClock } from '../trial/adopted-clock.ts'
import { done, type Of, type Reduced, refused } from '../trial/command.ts'
import type { Member } from '../trial/company.ts'
import { memberUsageOf, mergeMemberUsage } from '../trial/member-usage.ts'
import {
  blankContact,
  blankPerson,
  memberOf,
  withMember,
  withoutMember,
  withRoomFor,
} from '../trial/members.ts'
import { mergedPerson } from '../trial/merged-person.ts'
import { absorbedLimit, type Contact, decisionLimit, type OutboxMessage, type Trial } from '../trial/model.ts'
import { emptyUsage, mergeUsage } from '../trial/usage.ts'
import { adoptedContact, adoptedNudges } from './adopt-commands.ts'

/**
 * How people come to a company and leave it. Each step is one save of one document and may be repeated: `enlist` ends
 * the user’s own trial and says where they belong, `leave` freezes what the former company has of them, `join` takes
 * that over, `enlisted` and `forgetMember` say that it has been done.
 */

/** Short, because a company has many: what of a member has been counted before. */
export const absorbedKey = (userId: string, what: string): string =>
  createHash('sha256').update(`${userId}\0${what}`).digest('base64url').slice(0, 10)

const notOfCompany = (trial: Trial) => refused(trial, 'invalid', 'This is not the trial of a company.')

/** Of two words of one instant the one that sorts last holds, so that any order ends the same. */
function outweighs(trial: Trial, { into, at }: Of<'enlist'>): boolean {
  const { membership, mergedInto } = trial
  if (!membership) return true
  return at > membership.at || (at === membership.at && into > (mergedInto ?? ''))
}

/** What a document has no more once a company has taken it over. */
const handedOver = (trial: Trial): Trial => {
  const { claimed: _, claimedNudges: __, ...rest } = trial
  return { ...rest, usage: emptyUsage, outbox: [], decisions: [], settled: {}, survey: null, nudges: {} }
}

export function enlist(
  trial: Trial,
  command: Of<'enlist'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const { into, at } = command
  if (trial.userId === null || into === trial.id)
    return refused(trial, 'invalid', 'Only users belong to companies.')
  if (trial.mergedInto !== null && !trial.membership)
    return refused(trial, 'conflict', 'This person is known under another user ID.')
  if (trial.membership?.pending && trial.mergedInto !== into)
    return refused(trial, 'conflict', 'This person is just being moved to another company.')
  if (!outweighs(trial, command)) return done(trial)
  const { membership, mergedInto } = trial
  if (mergedInto === into) return done({ ...trial, membership: { ...membership, at } })
  let result: Trial = membership ? handedOver(trial) : trial
  for (const message of result.outbox)
    if (message.state === 'due')
      result = supersede(result, message, 'superseded', 'the person belongs to a company now', now)
  return done({
    ...result,
    mergedInto: into,
    membership: { at, pending: { from: membership ? mergedInto : null } },
    clock: { ...result.clock, status: 'anonymous' },
  })
}

export function enlisted(trial: Trial, { at }: Of<'enlisted'>): Reduced {
  if (!trial.membership?.pending || trial.membership.at !== at) return done(trial)
  return done({ ...trial, membership: { at } })
}

export function noteVisitor(trial: Trial, { anonymousId }: Of<'noteVisitor'>): Reduced {
  const { absorbed } = trial
  const isNoted = absorbed.includes(anonymousId) || absorbed.length >= absorbedLimit
  return done(isNoted ? trial : { ...trial, absorbed: [...absorbed, anonymousId] })
}

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** What a rep or a reply meant for the person’s trial holds for the company’s. */
const pausedBy = (mine: Contact, theirs: Contact): Contact => ({
  ...mine,
  repliedAt: latest(mine.repliedAt, theirs.repliedAt),
  repMailedAt: latest(mine.repMailedAt, theirs.repMailedAt),
  pausedUntil: latest(mine.pausedUntil, theirs.pausedUntil),
})

const withKeys = (absorbed: readonly string[], keys: readonly string[]): readonly string[] =>
  [...new Set([...absorbed, ...keys])].slice(0, absorbedLimit)

/** Decided against for the person: decided for the company too, as whatever the email goes to. */
function settledOf({ settled }: Trial, userId: string, playbook: CompiledPlaybook): Record<string, number> {
  const result: Record<string, number> = {}
  for (const [slot, at] of Object.entries(settled)) {
    const rule = playbook.ruleById.get(slot.slice(0, slot.indexOf('/')))
    for (const role of rule?.recipients ?? [])
      result[role === 'everyone' ? `${slot}/${userId}` : `${slot}/@${role}`] = at
  }
  return result
}

/**
 * Takes over what a user had in a trial of their own, once: its start when that was earlier, its end when that is
 * later, every conversion, what was done, and what was sent.
 */
export function takeOver(
  trial: Trial,
  userId: string,
  from: Trial,
  playbook: CompiledPlaybook,
  now: number,
): Trial {
  const { company } = trial
  // Not by when it was said: while it is carried out, another process may hear of it again, later.
  const key = absorbedKey(userId, `${from.id}@${from.membership?.pending?.from ?? ''}`)
  if (!company || trial.absorbed.includes(key)) return trial
  const claimed = trial.claimed ?? from.claimed
  const used = memberUsageOf(from.usage, playbook)
  const member = memberOf(company, userId)
  const { person } = trial
  return {
    ...trial,
    createdAt: Math.min(trial.createdAt, from.createdAt),
    clock: adoptedClock(trial, from, now),
    person: {
      ...person,
      company: person.company ?? from.person.company,
      plan: person.plan ?? from.person.plan,
    },
    usage: mergeUsage(trial.usage, from.usage, playbook),
    ...(claimed && {
      claimed: mergeUsage(trial.claimed ?? emptyUsage, from.claimed ?? emptyUsage, playbook),
    }),
    contact: pausedBy(trial.contact, from.contact),
    outbox: absorbedOutbox(trial, from, userId, playbook),
    decisions: [...trial.decisions, ...from.decisions.map((decision) => ({ ...decision, to: userId }))]
      .sort((a, b) => a.at - b.at)
      .slice(-decisionLimit),
    settled: { ...settledOf(from, userId, playbook), ...trial.settled },
    survey: trial.survey ?? from.survey,
    absorbed: withKeys(trial.absorbed, [key, ...from.absorbed.map((id) => absorbedKey(userId, id))]),
    company: member
      ? withMember(company, userId, withTaken(member, from, used, now))
      : { ...company, others: mergeMemberUsage(company.others, used) },
  }
}

function withTaken(member: Member, from: Trial, used: Member['usage'], now: number): Member {
  const person = mergedPerson(member.person, from.person)
  const sameAddress = from.person.email === person.email
  const survey = member.survey ?? from.survey
  const adopted = [...new Set([...(member.adopted ?? []), ...(from.adopted ?? [])])]
  return {
    ...member,
    person,
    contact: adoptedContact(member.contact ?? blankContact, from.contact, sameAddress, now),
    usage: mergeMemberUsage(member.usage, used),
    joinedAt: Math.min(member.joinedAt, from.createdAt),
    ...(survey && { survey }),
    nudges: adoptedNudges(member.nudges ?? {}, from.nudges),
    ...(adopted.length > 0 && { adopted }),
  }
}

/** @param moved as the former company has them; their usage stays there */
function arrived(member: Member, moved: Member | undefined, now: number): Member {
  if (!moved) return member
  const person = mergedPerson(member.person, moved.person)
  const survey = member.survey ?? moved.survey
  const contact = adoptedContact(
    member.contact ?? blankContact,
    moved.contact ?? blankContact,
    person.email === moved.person.email,
    now,
  )
  return {
    ...member,
    person,
    contact,
    ...(survey && { survey }),
    nudges: adoptedNudges(member.nudges ?? {}, moved.nudges ?? {}),
    ...(moved.adopted && { adopted: moved.adopted }),
  }
}

const isOutdated = ({ saidAt, left }: Member, at: number): boolean =>
  saidAt > at || (saidAt === at && left === true)

/** The member with one more word about when they belonged here. */
const saidOf = (member: Member, at: number): Member =>
  at < member.joinedAt ? { ...member, joinedAt: at } : member

export function join(
  trial: Trial,
  { userId, at, from, moved }: Of<'join'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (!trial.company) return notOfCompany(trial)
  const found = withRoomFor(trial.company, userId)
  const taken = (joined: Trial) => done(from ? takeOver(joined, userId, from, playbook, now) : joined)
  if (!found) return taken({ ...trial, company: { ...trial.company, beyond: trial.company.beyond + 1 } })
  const member = saidOf(found.member, at)
  const as = (changed: Member): Trial =>
    changed === found.member ? trial : { ...trial, company: withMember(found.company, userId, changed) }
  if (isOutdated(member, at) || member.saidAt === at) return taken(as(member))
  const { left: _, ...known } = member
  return taken(as(arrived({ ...known, saidAt: at }, moved, now)))
}

export function leave(trial: Trial, { userId, at }: Of<'leave'>): Reduced {
  if (!trial.company) return notOfCompany(trial)
  const found = withRoomFor(trial.company, userId)
  if (!found || found.member.saidAt > at || (found.member.left && found.member.saidAt === at))
    return done(trial)
  const member: Member = { ...found.member, saidAt: at, left: true }
  return done({ ...trial, company: withMember(found.company, userId, member) })
}

/** What they did stays the company’s. */
export function forgetMember(trial: Trial, { userId, erased }: Of<'forgetMember'>): Reduced {
  if (!trial.company) return notOfCompany(trial)
  const member = memberOf(trial.company, userId)
  if (!member) return done(trial)
  if (erased) return done({ ...withoutTraces(trial, userId), company: withoutMember(trial.company, userId) })
  if (!member.left) return done(trial)
  const { usage, joinedAt, saidAt } = member
  const gone: Member = { person: blankPerson, usage, joinedAt, saidAt, left: true }
  return done({ ...trial, company: withMember(trial.company, userId, gone) })
}

/** Whom an email went to is gone; that one went, and as what, still keeps another from going. */
function withoutTraces(trial: Trial, userId: string): Trial {
  const outbox = trial.outbox.flatMap((message, index): OutboxMessage[] => {
    const { to, ...rest } = message
    if (to !== userId) return [message]
    if (!isUsedUp(message)) return []
    const key = `${message.key.slice(0, -userId.length)}~${index}` as MessageKey
    return [{ ...rest, key, token: null, messageId: null, subject: null, facts: null }]
  })
  const decisions = trial.decisions.filter(({ to }) => to !== userId)
  const settled = Object.entries(trial.settled).filter(([slot]) => !slot.endsWith(`/${userId}`))
  return { ...trial, outbox, decisions, settled: Object.fromEntries(settled) }
}
