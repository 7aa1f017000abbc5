import type { CompiledPlaybook } from '../playbook/compile.ts'
import { blankTrial } from './blank-trial.ts'
import { type Company, type Member, memberLimit, noMemberUsage } from './company.ts'
import { foldMemberUsage, mergeMemberUsage } from './member-usage.ts'
import type { Contact, Person, TrackedEvent } from './model.ts'
import { countedName } from './usage.ts'

/** The people of a company, as one part of its trial. */

const nobody = blankTrial({ id: '' as never, workspaceId: '' as never, userId: '', anonymousId: null }, 0)
export const blankPerson: Person = nobody.person
export const blankContact: Contact = nobody.contact

/** No one has said yet that they belong here: an event of theirs came first, or late. */
const unknownMember: Member = {
  person: blankPerson,
  usage: noMemberUsage,
  joinedAt: Number.MAX_SAFE_INTEGER,
  saidAt: 0,
  left: true,
}

export const memberOf = ({ members }: Company, userId: string): Member | null =>
  Object.hasOwn(members, userId) ? (members[userId] as Member) : null

/** Those who belong to it now, in the order of their ids. */
export const currentMembers = ({ members }: Company): [string, Member][] =>
  Object.entries(members).filter(([, { left }]) => !left)

export const withMember = (company: Company, userId: string, member: Member): Company => ({
  ...company,
  members: { ...company.members, [userId]: member },
})

/** Without a trace of them but what they did. */
export function withoutMember(company: Company, userId: string): Company {
  const member = memberOf(company, userId)
  if (!member) return company
  const { [userId]: _, ...members } = company.members
  return { ...company, members, others: mergeMemberUsage(company.others, member.usage) }
}

/** Of those who left, the one who did so first gives way. @returns null when all who are there belong. */
function withRoom(company: Company): Company | null {
  const all = Object.entries(company.members)
  if (all.length < memberLimit) return company
  const [first] = all
    .filter(([, { left }]) => left)
    .sort(([a, x], [b, y]) => x.saidAt - y.saidAt || (a < b ? -1 : 1))
  return first ? withoutMember(company, first[0]) : null
}

/** The member, made where there is none yet. @returns null when there is no room for one more. */
export function withRoomFor(company: Company, userId: string): { company: Company; member: Member } | null {
  const member = memberOf(company, userId)
  if (member) return { company, member }
  const roomy = withRoom(company)
  return roomy && { company: roomy, member: unknownMember }
}

/** Each event counts for whom it is of, in any order and grouping; see `foldUsage` for the company’s sum. */
export function foldMembers(
  company: Company,
  events: readonly TrackedEvent[],
  playbook: CompiledPlaybook,
): Company {
  const byActor = new Map<string | undefined, TrackedEvent[]>()
  for (const event of events) {
    if (countedName(event) === null) continue
    const group = byActor.get(event.actor)
    if (group) group.push(event)
    else byActor.set(event.actor, [event])
  }
  if (byActor.size === 0) return company
  let { others } = company
  let room = memberLimit - Object.keys(company.members).length
  const changed: [string, Member][] = []
  for (const [actor, group] of byActor) {
    const known = actor === undefined ? null : memberOf(company, actor)
    if (actor === undefined || (!known && room-- <= 0)) {
      others = foldMemberUsage(others, group, playbook)
      continue
    }
    const firstAt = group.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY)
    const member = known ?? unknownMember
    const usage = foldMemberUsage(member.usage, group, playbook)
    changed.push([actor, { ...member, usage, joinedAt: Math.min(member.joinedAt, firstAt) }])
  }
  return { ...company, members: { ...company.members, ...Object.fromEntries(changed) }, others }
}
