import type { MessageKey } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { type Command, done, type Of, type PersonPatch, type Reduced } from '../trial/command.ts'
import { memberUsageOf, mergeMemberUsage } from '../trial/member-usage.ts'
import { blankContact, memberOf, withMember } from '../trial/members.ts'
import type { Contact, Trial } from '../trial/model.ts'
import { describePerson } from '../trial/person.ts'
import { asOwn, withOwn } from '../trial/recipient.ts'
import { emptyUsage, mergeUsage } from '../trial/usage.ts'
import { absorbedKey, takeOver } from './company-commands.ts'
import { contactAtAddress, describe } from './person-commands.ts'

/**
 * In the trial of a company: what a command says of a person goes to that member, what it says of the clock to the
 * company. Most commands of a person run as they are, on the member’s own part.
 */

type Reduce = (trial: Trial, command: Command, playbook: CompiledPlaybook, now: number) => Reduced

const ofPerson = new Set<Command['type']>([
  'suppress',
  'unsuppress',
  'replied',
  'repMailed',
  'pause',
  'softBounce',
  'hardBounce',
  'answerSurvey',
  'nudge',
])

const recipientOf = (trial: Trial, key: MessageKey): string | undefined =>
  trial.outbox.find((message) => message.key === key)?.to

/** Whom of the company a command is about. */
function peopleOf(trial: Trial, command: Command): string[] {
  const members = Object.entries(trial.company?.members ?? {})
  if ('userId' in command && command.userId !== undefined) return [command.userId]
  if ('address' in command && command.address !== undefined && !('key' in command && command.key !== null))
    return members.filter(([, { person }]) => person.email === command.address).map(([userId]) => userId)
  if ('key' in command && command.key) {
    const to = recipientOf(trial, command.key)
    return to === undefined ? [] : [to]
  }
  // Whoever was imported without messages goes on with the others.
  if (command.type === 'pause' && command.until === null) return members.map(([userId]) => userId)
  return []
}

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** A reply to one of them, or an email of a rep, is about the company. */
function shared(trial: Trial, command: Command): Trial {
  const { contact } = trial
  const changed: Partial<Contact> | null =
    command.type === 'replied'
      ? { repliedAt: latest(contact.repliedAt, command.at) }
      : command.type === 'repMailed'
        ? { repMailedAt: latest(contact.repMailedAt, command.at) }
        : command.type === 'pause'
          ? command.until === null
            ? { pausedUntil: null, silencedAt: null }
            : { pausedUntil: command.until }
          : null
  return changed ? { ...trial, contact: { ...contact, ...changed } } : trial
}

function survey(before: Trial, after: Trial, command: Command, userId: string): Trial {
  if (command.type !== 'answerSurvey') return after
  const said = memberOf(after.company ?? before.company!, userId)?.survey ?? null
  return said === null || after.survey ? after : { ...after, survey: said }
}

function eachMember(
  trial: Trial,
  command: Command,
  people: readonly string[],
  run: Reduce,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  let result = shared(trial, command)
  let outcome: Reduced['outcome'] = { ok: true }
  for (const userId of people) {
    const member = result.company && memberOf(result.company, userId)
    if (!member) continue
    const seen = asOwn(result, member)
    const own =
      command.type === 'pause' && command.until !== null ? done(seen) : run(seen, command, playbook, now)
    if (!own.outcome.ok) return { trial, outcome: own.outcome }
    outcome = own.outcome
    result = survey(result, withOwn(result, userId, seen, own.trial), command, userId)
  }
  return { trial: result, outcome }
}

/** Name, plan and dates are the company’s, the rest is the person’s. */
function describeMember(
  trial: Trial,
  command: Of<'describe'>,
  userId: string,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const { company: name, plan, trial: dates, ...own } = command.patch
  const said: PersonPatch = {
    ...(name !== undefined && { company: name }),
    ...(plan !== undefined && { plan }),
    ...(dates !== undefined && { trial: dates }),
  }
  const isOfCompany = Object.keys(said).length > 0 || command.expectedEnd !== undefined
  const described = isOfCompany ? describe(trial, { ...command, patch: said }, playbook, now) : done(trial)
  const { company } = described.trial
  const member = company && memberOf(company, userId)
  if (!described.outcome.ok || !company || !member) return described
  const when = { at: command.at ?? now, isLatest: command.at === undefined }
  const person = describePerson(member.person, own, when)
  if (person === member.person) return described
  const before = member.contact ?? blankContact
  const contact = contactAtAddress(before, member.person.email !== person.email)
  const changed = { ...member, person, ...(contact !== before && { contact }) }
  return { ...described, trial: { ...described.trial, company: withMember(company, userId, changed) } }
}

/** A device of a member, counted once. */
function absorbForMember(
  trial: Trial,
  { anonymousId, usage, claimed }: Of<'absorb'>,
  userId: string,
  playbook: CompiledPlaybook,
): Reduced {
  const key = absorbedKey(userId, anonymousId)
  const { company } = trial
  if (!company || trial.absorbed.includes(key)) return done(trial)
  const absorbed = [...trial.absorbed, key]
  if (claimed)
    return done({ ...trial, absorbed, claimed: mergeUsage(trial.claimed ?? emptyUsage, usage, playbook) })
  const member = memberOf(company, userId)
  const used = memberUsageOf(usage, playbook)
  return done({
    ...trial,
    absorbed,
    usage: mergeUsage(trial.usage, usage, playbook),
    company: member
      ? withMember(company, userId, { ...member, usage: mergeMemberUsage(member.usage, used) })
      : { ...company, others: mergeMemberUsage(company.others, used) },
  })
}

/** @returns null when the command is about the company as a whole. */
export function onMember(
  trial: Trial,
  command: Command,
  run: Reduce,
  playbook: CompiledPlaybook,
  now: number,
): Reduced | null {
  const userId = 'userId' in command ? command.userId : undefined
  if (ofPerson.has(command.type)) {
    const people = peopleOf(trial, command)
    return eachMember(trial, command, people, run, playbook, now)
  }
  if (userId === undefined) return null
  if (command.type === 'describe') return describeMember(trial, command, userId, playbook, now)
  if (command.type === 'absorb') return absorbForMember(trial, command, userId, playbook)
  if (command.type === 'adopt') return done(takeOver(trial, userId, command.from, playbook, now))
  return null
}
