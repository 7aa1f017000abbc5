import { trialIdOfCompany, type WorkspaceId } from '../../../shared/trial.ts'
import type { PersonPatch } from '../../domain/trial/command.ts'
import type { Company } from '../../domain/trial/company.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Caller } from '../../http/caller.ts'
import type { TrialChange } from '../../http/trial-problem.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from './change-trial.ts'
import type { Memberships } from './memberships.ts'
import { patchOfDates, type TrialistPatch, type TrialService } from './trial-service.ts'

export type CompanyTrial = Trial & { readonly company: Company }

export interface CompanyPatch
  extends Pick<TrialistPatch, 'plan' | 'traits' | 'timeZone' | 'locale' | 'trial'> {
  readonly name?: string | null
  readonly members?: readonly (TrialistPatch & { readonly userId: string; readonly role?: string | null })[]
}

export interface CompanyService {
  /** null where there is no such company. */
  get(workspaceId: WorkspaceId, companyId: string): Promise<CompanyTrial | null>
  put(
    caller: Caller,
    companyId: string,
    patch: CompanyPatch,
  ): Promise<TrialChange & { readonly created: boolean }>
}

export function createCompanyService({
  storage,
  changes,
  memberships,
  trials,
  playbooks,
  now,
}: {
  storage: Storage
  changes: TrialChanges
  memberships: Memberships
  trials: Pick<TrialService, 'put'>
  playbooks: Playbooks
  now: () => number
}): CompanyService {
  const productZone = (workspaceId: WorkspaceId): string =>
    playbooks.current(workspaceId).playbook.product.timeZone
  async function get(workspaceId: WorkspaceId, companyId: string): Promise<CompanyTrial | null> {
    const trial = await storage.trials.get(trialIdOfCompany(workspaceId, companyId))
    return trial?.company ? (trial as CompanyTrial) : null
  }

  /** Who is named belongs here from now on; what is said of them goes to them through the company. */
  async function putMember(
    caller: Caller,
    companyId: string,
    { userId, role, ...patch }: NonNullable<CompanyPatch['members']>[number],
  ): Promise<void> {
    await memberships.assign({ workspaceId: caller.workspace.id, userId, companyId, at: now() })
    const traits = role === undefined ? patch.traits : { ...patch.traits, role }
    await trials.put(caller, userId, { ...patch, ...(traits && { traits }) })
  }

  return {
    get,

    async put(caller, companyId, { name, members = [], trial: dates, ...rest }) {
      const id = trialIdOfCompany(caller.workspace.id, companyId)
      const patch: PersonPatch = {
        ...rest,
        ...(name !== undefined && { company: name }),
        ...(dates && { trial: patchOfDates(dates, rest.timeZone ?? productZone(caller.workspace.id)) }),
      }
      const { expectedEnd } = dates ?? {}
      const put = await changes.change(
        id,
        { type: 'describe', patch, by: caller.actor, ...(expectedEnd !== undefined && { expectedEnd }) },
        { create: { workspaceId: caller.workspace.id, userId: null, anonymousId: null, companyId } },
      )
      if (!put) throw new Error('a company that may be made was not made')
      const created = put.before.version === 0
      if (!put.outcome.ok) return { ...put, created }
      for (const member of members) await putMember(caller, companyId, member)
      return {
        trial: (await get(caller.workspace.id, companyId)) ?? put.trial,
        outcome: put.outcome,
        created,
      }
    },
  }
}
