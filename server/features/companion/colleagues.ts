import type { ColleaguesAnswer } from '../../../shared/api/card.ts'
import { statusAt } from '../../domain/trial/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { companyKeysOf } from '../../storage/company-keys.ts'
import type { TrialQuery, TrialStore } from '../../storage/port.ts'

const mostShown = 10
/** Some of those found may be the same person again, or a former id of someone. */
const mostRead = mostShown + 6

/** Trialists of the same company, newest trial first; one who is there under two ids counts once. */
export async function colleaguesOf(
  trials: Pick<TrialStore, 'list'>,
  trial: Trial,
  now: number,
): Promise<ColleaguesAnswer> {
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
