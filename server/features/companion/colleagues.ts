import type { ColleaguesAnswer } from '../../../shared/api/card.ts'
import { rankedMembers } from '../../domain/activation/members.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { statusAt } from '../../domain/trial/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { companyKeysOf } from '../../storage/company-keys.ts'
import type { TrialQuery, TrialStore } from '../../storage/port.ts'

const mostShown = 10
/** Some of those found may be the same person again, or a former id of someone. */
const mostRead = mostShown + 6

/** Where they share one trial: the others of it, the most active first. */
function membersOf({ company, recipient, standing, clock }: Trial, playbook: CompiledPlaybook, now: number) {
  if (!company) return null
  const others = rankedMembers(company, playbook).filter(({ userId }) => userId !== recipient?.userId)
  return {
    colleagues: others.slice(0, mostShown).map(({ userId, member: { person } }) => ({
      userId,
      email: person.email ?? '',
      name: person.name,
      segment: standing.segment,
      status: statusAt(clock, now),
    })),
    more: others.length > mostShown || company.beyond > 0,
  }
}

/** Trialists of the same company, newest trial first; one who is there under two ids counts once. */
export async function colleaguesOf(
  trials: Pick<TrialStore, 'list'>,
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): Promise<ColleaguesAnswer> {
  const members = membersOf(trial, playbook, now)
  if (members) return members
  const { domain, company } = companyKeysOf(trial.person)
  const by = async (key: Pick<TrialQuery, 'domain' | 'company'>) =>
    (await trials.list({ ...key, workspaceId: trial.workspaceId, sort: '-createdAt', limit: mostRead }))
      .trials
  const found = await Promise.all([
    domain === null ? [] : by({ domain }),
    company === null ? [] : by({ company }),
  ])
  const colleagues = distinct(found.flat(), trial).toSorted((a, b) => b.createdAt - a.createdAt)
  return {
    colleagues: colleagues.slice(0, mostShown).map(({ userId, person, standing, clock }) => ({
      userId: userId ?? '',
      email: person.email ?? '',
      name: person.name,
      segment: standing.segment,
      status: statusAt(clock, now),
    })),
    more: colleagues.length > mostShown,
  }
}

function distinct(found: readonly Trial[], self: Trial): Trial[] {
  const seen = new Set([self.id as string, self.person.email])
  return found.filter(({ id, userId, mergedInto, person: { email } }) => {
    if (userId === null || mergedInto !== null || seen.has(id) || (email !== null && seen.has(email)))
      return false
    seen.add(id)
    if (email !== null) seen.add(email)
    return true
  })
}
