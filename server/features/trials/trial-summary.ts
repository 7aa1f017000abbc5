import { isoInstant } from '../../../shared/clock.ts'
import { nameOfMember, rankedMembers } from '../../domain/activation/members.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { currentMembers } from '../../domain/trial/members.ts'
import type { Trial } from '../../domain/trial/model.ts'

const iso = (at: number | null): string | null => (at === null ? null : isoInstant(at))

/** Of a company: who it is, by its most active person, and of how many. */
function companyOf({ company }: Trial, playbook: CompiledPlaybook) {
  if (!company) return {}
  const [champion] = rankedMembers(company, playbook)
  return {
    companyId: company.id,
    members: currentMembers(company).length + company.beyond,
    ...(champion && {
      name: nameOfMember(champion.userId, champion.member),
      email: champion.member.person.email,
    }),
  }
}

/** One line of the list of trialists. */
export function trialistSummary(trial: Trial, compiled: CompiledPlaybook) {
  const { playbook } = compiled
  return {
    userId: trial.userId ?? '',
    email: trial.person.email,
    name: trial.person.name,
    company: trial.person.company,
    ...companyOf(trial, compiled),
    segment: trial.standing.segment,
    pace: trial.standing.pace,
    score: trial.standing.score,
    reasons: trial.standing.reasons.slice(0, 3),
    milestones: playbook.milestones.map(({ name, event, threshold }) => ({
      name,
      event,
      threshold,
      count: trial.usage.counters[event]?.count ?? 0,
      reachedAt: iso(trial.standing.reachedAt[name] ?? null),
    })),
    trial: {
      startsAt: isoInstant(trial.clock.startsAt),
      endsAt: iso(trial.clock.endsAt),
      status: trial.clock.status,
    },
    next: trial.next && { ...trial.next, at: iso(trial.next.at) },
    lastSeenAt: iso(trial.usage.lastSeenAt),
  }
}
