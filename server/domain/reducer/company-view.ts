import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { canBuy, rankedMembers, roleOf } from '../activation/members.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Company, Member } from '../trial/company.ts'
import type { Trial } from '../trial/model.ts'
import { inForce } from '../trial/suppression.ts'
import { trialistView } from './trialist-view.ts'

type MemberAnswer = CompanyAnswer['members'][number]

const isoOrNull = (at: number | null | undefined): string | null =>
  at === null || at === undefined || at === Number.MAX_SAFE_INTEGER ? null : isoInstant(at)

function memberView(
  userId: string,
  member: Member,
  isChampion: boolean,
  playbook: CompiledPlaybook,
  now: number,
): MemberAnswer {
  const { person, usage, contact, survey } = member
  const suppressed = inForce(contact?.suppressed ?? null, now)
  return {
    userId,
    email: person.email,
    name: person.name,
    role: roleOf(member),
    isChampion,
    canBuy: canBuy(member, playbook),
    traits: person.traits,
    joinedAt: isoOrNull(member.joinedAt),
    lastSeenAt: isoOrNull(usage.lastSeenAt),
    leftAt: member.left ? isoInstant(member.saidAt) : null,
    events: usage.total,
    activeDays: usage.activeDays.length,
    milestones: playbook.milestones.map(({ name, event }) => ({
      name,
      count: Object.hasOwn(usage.counters, event) ? (usage.counters[event]?.count ?? 0) : 0,
    })),
    suppressed: suppressed && { reason: suppressed.reason, at: isoInstant(suppressed.at) },
    repliedAt: isoOrNull(contact?.repliedAt),
    survey: survey ? { ...survey, at: isoInstant(survey.at) } : null,
  }
}

/** Those who belong to it, the champion first, then those who left. */
export function membersView(company: Company, playbook: CompiledPlaybook, now: number): MemberAnswer[] {
  const ranked = rankedMembers(company, playbook)
  const gone = Object.entries(company.members).filter(([, { left }]) => left)
  return [
    ...ranked.map(({ userId, member }, index) => memberView(userId, member, index === 0, playbook, now)),
    ...gone.map(([userId, member]) => memberView(userId, member, false, playbook, now)),
  ]
}

/** The API’s answer about one company, as of now. */
export function companyView(
  trial: Trial & { readonly company: Company },
  playbook: CompiledPlaybook,
  now: number,
): CompanyAnswer {
  const {
    userId: _,
    anonymousId: __,
    email: ___,
    consent: ____,
    company: name,
    companyId: _____,
    ...shown
  } = trialistView(trial, playbook, now)
  const { id, others, beyond } = trial.company
  return {
    companyId: id,
    ...shown,
    name,
    members: membersView(trial.company, playbook, now),
    beyond,
    otherEvents: others.total,
  }
}
