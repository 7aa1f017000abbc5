import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import type { Company, Member } from '../trial/company.ts'
import { currentMembers } from '../trial/members.ts'
import type { Trial } from '../trial/model.ts'

/** Who of a company is who: derived from what they did, never stored. */

const milestonesBy = ({ usage }: Member, { milestones }: CompiledPlaybook): number =>
  milestones.filter(({ event, threshold }) => countBy(usage, event) >= threshold).length

const countBy = ({ counters }: Member['usage'], event: string): number =>
  Object.hasOwn(counters, event) ? (counters[event]?.count ?? 0) : 0

export interface RankedMember {
  readonly userId: string
  readonly member: Member
}

/** One save asks several times; the company and the playbook are the very same then. */
const rankings = new WeakMap<
  Company,
  { readonly playbook: CompiledPlaybook; readonly ranked: readonly RankedMember[] }
>()

/** By milestones reached, then active days, then events, then who was there first; the best champion comes first. */
export function rankedMembers(company: Company, playbook: CompiledPlaybook): readonly RankedMember[] {
  const known = rankings.get(company)
  if (known?.playbook === playbook) return known.ranked
  const ranked = rank(company, playbook)
  rankings.set(company, { playbook, ranked })
  return ranked
}

function rank(company: Company, playbook: CompiledPlaybook): RankedMember[] {
  return currentMembers(company)
    .map(([userId, member]) => ({ userId, member, reached: milestonesBy(member, playbook) }))
    .sort(
      (a, b) =>
        b.reached - a.reached ||
        b.member.usage.activeDays.length - a.member.usage.activeDays.length ||
        b.member.usage.total - a.member.usage.total ||
        a.member.joinedAt - b.member.joinedAt ||
        (a.userId < b.userId ? -1 : 1),
    )
}

/** @returns null while no one belongs to the company. */
export const championOf = (company: Company, playbook: CompiledPlaybook): string | null =>
  rankedMembers(company, playbook)[0]?.userId ?? null

/** Their trait of that name. */
export function roleOf({ person }: Member): string | null {
  const said = person.traits.role
  return typeof said === 'string' && said !== '' ? said : null
}

const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === 1

/** Whether the playbook names this member as someone who can buy. */
export function canBuy(member: Member, { playbook }: CompiledPlaybook): boolean {
  const { buyer } = playbook.trial
  if (!buyer) return false
  const role = roleOf(member)?.toLowerCase()
  if (role !== undefined && buyer.roles.some((name) => name.toLowerCase() === role)) return true
  return buyer.trait !== undefined && isTrue(member.person.traits[buyer.trait])
}

/** The name people know each other by. */
export const nameOfMember = (userId: string, { person }: Member): string =>
  person.name ?? person.email ?? userId

const namedInReasons = 2

/** Who did what, the most of it first: `Ann: Card Completed 12 times`. */
export function reasonsByMember(company: Company, playbook: CompiledPlaybook): string[] {
  return rankedMembers(company, playbook)
    .slice(0, namedInReasons)
    .flatMap(({ userId, member }) => {
      const done = playbook.milestones
        .map(({ event }) => ({ event, count: countBy(member.usage, event) }))
        .filter(
          ({ count }, index, all) =>
            count > 0 && all.findIndex((other) => other.event === all[index]?.event) === index,
        )
        .sort((a, b) => b.count - a.count)
        .slice(0, 2)
        .map(({ event, count }) => `${event} ${count === 1 ? 'once' : `${count} times`}`)
      return done.length > 0 ? [`${nameOfMember(userId, member)}: ${done.join(', ')}`] : []
    })
}

const bestBy = (
  members: readonly [string, Member][],
  rank: (member: Member) => number | null,
): string[] | null => {
  const ranked = members
    .flatMap(([userId, member]) => {
      const value = rank(member)
      return value === null ? [] : [{ userId, value }]
    })
    .sort((a, b) => b.value - a.value || (a.userId < b.userId ? -1 : 1))
  return ranked[0] ? [ranked[0].userId] : null
}

const counterOf = ({ usage }: Member, event: string | undefined) =>
  event !== undefined && Object.hasOwn(usage.counters, event) ? usage.counters[event] : undefined

/** Who did the event then; a member in whose span it lies, where the very instant is not known. */
const doneAt =
  (event: string | undefined, at: number) =>
  (member: Member): number | null => {
    const counter = counterOf(member, event)
    if (!counter || counter.firstAt > at || counter.lastAt < at) return null
    return counter.firstAt === at || counter.lastAt === at ? 2 : 1
  }

/**
 * Who did what an email answers to; several where it answers to each of them.
 * @returns null where no one did it, or no one knows who
 */
export function actorsOf(
  anchor: CompiledRule['anchorOf'],
  { company, standing }: Trial,
  playbook: CompiledPlaybook,
): string[] | null {
  const members = company ? currentMembers(company) : []
  switch (anchor.type) {
    case 'trialStart':
      return bestBy(members, ({ joinedAt }) => -joinedAt)
    case 'lastSeen':
      return bestBy(members, ({ usage }) => usage.lastSeenAt)
    case 'surveyAnswered':
      return members.filter(([, { survey }]) => survey).map(([userId]) => userId)
    case 'event':
      return bestBy(members, (member) => counterOf(member, anchor.name)?.lastAt ?? null)
    case 'milestone':
    case 'activated': {
      const names = anchor.type === 'milestone' ? [anchor.name] : playbook.activation.of
      const at = anchor.type === 'milestone' ? standing.reachedAt[anchor.name] : standing.activatedAt
      const name = names.find((each) => standing.reachedAt[each] === at)
      if (at === undefined || at === null || name === undefined) return null
      return bestBy(members, doneAt(playbook.milestoneByName.get(name)?.event, at))
    }
    case 'trialEnd':
    case 'extended':
      return null
  }
}
