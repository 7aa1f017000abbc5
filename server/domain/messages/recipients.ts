import type { RecipientRole } from '../../../shared/trial.ts'
import { actorsOf, canBuy, type RankedMember, rankedMembers } from '../activation/members.ts'
import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import type { Company, Recipient } from '../trial/company.ts'
import { memberOf } from '../trial/members.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { asRecipient } from '../trial/recipient.ts'
import { mailable } from '../trial/suppression.ts'
import { isSettledFor, isUsedUp, occasionOf } from './due.ts'

/** Who of a company gets which email, as things stand: each the right person, and each person once. */

/** The most active of them: a question to more people than this is a circular. */
const everyoneLimit = 50

type Roles = readonly RecipientRole[]
export type CompanyTrial = Trial & { readonly company: Company }

/** What is the same for all rules at one moment. */
interface Lineup {
  readonly trial: CompanyTrial
  readonly ranked: readonly RankedMember[]
  readonly playbook: CompiledPlaybook
  readonly now: number
}

function isMailable({ trial, now }: Lineup, userId: string): boolean {
  const { person, contact } = asRecipient(trial, userId)
  return mailable(person, contact, now).ok
}

/** The best of them who can be mailed; when no one can, the best, whose plan then says why not. */
function bestOf(lineup: Lineup, ranked: readonly RankedMember[]): string[] {
  const best = ranked.find(({ userId }) => isMailable(lineup, userId)) ?? ranked[0]
  return best ? [best.userId] : []
}

function peopleAs(role: RecipientRole, rule: CompiledRule, lineup: Lineup): readonly string[] {
  const { trial, ranked, playbook } = lineup
  switch (role) {
    case 'champion':
      return bestOf(lineup, ranked)
    case 'buyer': {
      const buyers = ranked.filter(({ member }) => canBuy(member, playbook))
      return bestOf(lineup, buyers.some(({ userId }) => isMailable(lineup, userId)) ? buyers : ranked)
    }
    case 'actor': {
      const actors = actorsOf(rule.anchorOf, trial, playbook)
      return actors ?? bestOf(lineup, ranked)
    }
    case 'everyone':
      return ranked
        .filter(({ member }) => member.usage.total > 0)
        .slice(0, everyoneLimit)
        .map(({ userId }) => userId)
  }
}

/** Emails of this rule and cycle that have gone, or are going. @param except one that does not stand in its own way */
function goneOf(trial: Trial, base: string, except: string | null): readonly OutboxMessage[] {
  const prefix = `${trial.id}/${base}/`
  return trial.outbox.filter(
    (message) => message.key.startsWith(prefix) && message.key !== except && isUsedUp(message),
  )
}

/** Each answers to their own answer; all else has one moment for the company. */
const isOwnMoment = ({ anchorOf }: CompiledRule): boolean => anchorOf.type === 'surveyAnswered'

/** The roles in which no one has got it yet, and no one has decided against it. */
function openRoles(rule: CompiledRule, { trial, playbook }: Lineup, gone: readonly OutboxMessage[]): Roles {
  const occasion = occasionOf(rule, trial, playbook)
  if (!occasion) return []
  const taken = new Set(gone.flatMap(({ roles = [] }) => roles))
  return rule.recipients.filter(
    (role) =>
      role === 'everyone' ||
      (!taken.has(role) && !isSettledFor(trial.settled[`${occasion.base}/@${role}`], occasion.anchor)),
  )
}

const addressIn = ({ company }: CompanyTrial, userId: string): string | null =>
  memberOf(company, userId)?.person.email ?? null

/** Two user ids may have one address: whoever reads it gets the email once. */
function withRecipient(
  people: Map<string, RecipientRole[]>,
  trial: CompanyTrial,
  userId: string,
  role: RecipientRole,
): void {
  const address = addressIn(trial, userId)
  const twin =
    address === null ? undefined : [...people.keys()].find((other) => addressIn(trial, other) === address)
  const roles = people.get(twin ?? userId)
  if (roles) roles.push(role)
  else people.set(userId, [role])
}

/** @param except an email that does not stand in its own way */
function rolesOf(rule: CompiledRule, lineup: Lineup, except: string | null): Map<string, RecipientRole[]> {
  const { trial, playbook } = lineup
  const people = new Map<string, RecipientRole[]>()
  const isOwn = isOwnMoment(rule)
  const base =
    occasionOf(rule, trial, playbook)?.base ??
    `${rule.id}/${rule.repeat === 'perCycle' ? trial.clock.cycle : 0}`
  const gone = goneOf(trial, base, except)
  const had = new Set(gone.flatMap(({ to }) => (to === undefined ? [] : (addressIn(trial, to) ?? []))))
  for (const role of isOwn ? rule.recipients : openRoles(rule, lineup, gone))
    for (const userId of peopleAs(role, rule, lineup)) {
      if (had.has(addressIn(trial, userId) ?? '')) continue
      withRecipient(people, trial, userId, isOwn ? 'everyone' : role)
    }
  return people
}

const lineupOf = (trial: CompanyTrial, playbook: CompiledPlaybook, now: number): Lineup => ({
  trial,
  ranked: rankedMembers(trial.company, playbook),
  playbook,
  now,
})

export const isOfCompany = (trial: Trial): trial is CompanyTrial => trial.company !== undefined

/** Everyone who is to get an email, or has one waiting, with what they get as what. */
export function recipientsIn(
  trial: CompanyTrial,
  playbook: CompiledPlaybook,
  now: number,
): Map<string, Recipient['roles']> {
  const lineup = lineupOf(trial, playbook, now)
  const people = new Map<string, Record<string, Roles>>()
  const of = (userId: string): Record<string, Roles> => {
    const known = people.get(userId) ?? {}
    people.set(userId, known)
    return known
  }
  for (const rule of playbook.rules)
    for (const [userId, roles] of rolesOf(rule, lineup, null)) of(userId)[rule.id] = roles
  for (const { to, state } of trial.outbox)
    if (to !== undefined && (state === 'due' || state === 'claimed' || state === 'dot')) of(to)
  return people
}

/**
 * The company’s trial as the recipient of an email sees it.
 * @returns null when it is for someone else now; a person’s trial as it is.
 */
export function seenByRecipient(
  trial: Trial,
  message: OutboxMessage,
  playbook: CompiledPlaybook,
  now: number,
): Trial | null {
  const { to } = message
  if (!isOfCompany(trial)) return trial
  const rule = playbook.ruleById.get(message.ruleId)
  const member = to === undefined ? null : memberOf(trial.company, to)
  if (!rule || to === undefined || !member || member.left) return null
  const roles = rolesOf(rule, lineupOf(trial, playbook, now), message.key).get(to)
  return roles ? asRecipient(trial, to, { [rule.id]: roles }) : null
}

/** The trial that an email speaks of, whoever it would go to now. */
export const seenBy = (trial: Trial, { to, ruleId, roles = [] }: OutboxMessage): Trial =>
  to === undefined ? trial : asRecipient(trial, to, { [ruleId]: roles })
