import { isoInstant } from '../../../shared/clock.ts'
import { trialIdOfCompany, type WorkspaceId } from '../../../shared/trial.ts'
import type { Command, PersonPatch } from '../../domain/trial/command.ts'
import type { Company } from '../../domain/trial/company.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { type Caller, pseudonym } from '../../http/caller.ts'
import type { TrialChange } from '../../http/trial-problem.ts'
import type { Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from './change-trial.ts'
import type { Memberships } from './memberships.ts'
import {
  type ExtensionRequest,
  extensionCommand,
  patchOfDates,
  type TrialistPatch,
  type TrialService,
} from './trial-service.ts'

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
  /** A change of the company as a whole, with an audit row. null where there is no such company. */
  apply(caller: Caller, companyId: string, action: string, command: Command): Promise<TrialChange | null>
  extend(caller: Caller, companyId: string, request: ExtensionRequest): Promise<TrialChange | null>
}

export function createCompanyService({
  storage,
  changes,
  memberships,
  trials,
  playbooks,
  audit,
  ids,
  now,
}: {
  storage: Storage
  changes: TrialChanges
  memberships: Memberships
  trials: Pick<TrialService, 'put'>
  playbooks: Playbooks
  audit: AuditLog
  ids: Ids
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

  const clockRow = ({ clock }: Trial) => ({
    endsAt: clock.endsAt === null ? null : isoInstant(clock.endsAt),
    status: clock.status,
  })

  async function apply(
    { workspace, by, ip }: Caller,
    companyId: string,
    action: string,
    command: Command,
    why: object = {},
  ): Promise<TrialChange | null> {
    const changed = await changes.change(trialIdOfCompany(workspace.id, companyId), command)
    if (!changed?.trial.company) return null
    const { trial, before, outcome } = changed
    if (outcome.ok && trial !== before)
      await audit.write(workspace.id, {
        by,
        action,
        subject: pseudonym(workspace, trial.id),
        before: clockRow(before),
        after: { ...clockRow(trial), ...why },
        ip,
      })
    return { trial, outcome }
  }

  return {
    get,
    apply,

    async extend(caller, companyId, request) {
      const before = await get(caller.workspace.id, companyId)
      if (!before) return null
      const zone = before.person.timeZone ?? productZone(caller.workspace.id)
      const command = extensionCommand(request, { by: caller.actor, zone, newId: () => ids.uuid(now()) })
      return apply(caller, companyId, 'trial.extend', command, { reason: request.reason })
    },

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
