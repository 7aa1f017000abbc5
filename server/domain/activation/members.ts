import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Company, Member } from '../trial/company.ts'
import { currentMembers } from '../trial/members.ts'

/** Who of a company is who: derived from what they did, never stored. */

const milestonesBy = ({ usage }: Member, { milestones }: CompiledPlaybook): number =>
  milestones.filter(({ event, threshold }) => countBy(usage, event) >= threshold).length

const countBy = ({ counters }: Member['usage'], event: string): number =>
  Object.hasOwn(counters, event) ? (counters[event]?.count ?? 0) : 0

interface Ranked {
  readonly userId: string
  readonly member: Member
}

/** By milestones reached, then active days, then events, then who was there first; the best champion comes first. */
function rankedMembers(company: Company, playbook: CompiledPlaybook): Ranked[] {
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
function roleOf({ person }: Member): string | null {
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
const nameOfMember = (userId: string, { person }: Member): string => person.name ?? person.email ?? userId

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
