import { isoInstant } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { withAskRule } from '../../domain/playbook/ask-rule.ts'
import { createSwitchPlan, type SwitchPlan } from '../../domain/trial/company-of-person.ts'
import type { StoredSwitch } from '../../storage/documents/company-switch.ts'
import { eachTrial } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import type { Job, Jobs } from '../jobs/job-service.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import { whyNotBack } from './not-back.ts'

/** From persons to companies: what that would come to, the switch itself, and the way back until the first email. */

interface SwitchState {
  readonly of: 'person' | 'company'
  readonly trialists: number
  readonly last:
    | (Omit<StoredSwitch, 'at' | 'jobId'> & { readonly at: string; readonly job: Job | null })
    | null
  readonly undo: { readonly possible: boolean; readonly why: string | null }
}

type SwitchPreview = SwitchPlan & { readonly trait: string; readonly complete: boolean }

export interface CompanySwitch {
  state(workspaceId: WorkspaceId): Promise<SwitchState>
  preview(workspaceId: WorkspaceId, trait: string): Promise<SwitchPreview>
  /** @returns null, or why it cannot begin now. */
  start(workspaceId: WorkspaceId, trait: string, by: string): Promise<string | null>
  /** @returns null, or why there is no way back. */
  undo(workspaceId: WorkspaceId, by: string): Promise<string | null>
}

export const switchJob = 'switch'
export const unswitchJob = 'unswitch'

const kind = 'company-switch'
/** More people, or companies, than this are not gone through for a preview. */
const mostPeople = 500_000

const isOpen = (job: Job | null): boolean => job?.state === 'queued' || job?.state === 'running'

export function createCompanySwitch({
  storage: { trials, documents },
  playbooks,
  jobs,
  now,
}: {
  storage: Pick<Storage, 'trials' | 'documents'>
  playbooks: PlaybookService
  jobs: Jobs
  now: () => number
}): CompanySwitch {
  const stored = async (workspaceId: WorkspaceId) => (await documents.get(kind, workspaceId))?.body ?? null
  const jobOf = async (workspaceId: WorkspaceId, { jobId }: StoredSwitch) =>
    jobId === '' ? null : jobs.get(workspaceId, jobId)
  const trialistsIn = async (workspaceId: WorkspaceId) =>
    Object.values(await trials.countBySegment(workspaceId)).reduce((sum, count) => sum + count, 0)

  async function preview(workspaceId: WorkspaceId, trait: string): Promise<SwitchPreview> {
    const plan = createSwitchPlan(trait)
    let [looked, complete] = [0, true]
    for await (const trial of eachTrial(trials, workspaceId)) {
      if (trial.userId === null || trial.mergedInto !== null) continue
      if (++looked > mostPeople || plan.size() > mostPeople) {
        complete = false
        break
      }
      plan.add(trial)
    }
    return { trait, complete, ...plan.plan() }
  }

  /** The playbook says whose trials are from now on; others may publish meanwhile. */
  async function publish(workspaceId: WorkspaceId, of: 'person' | 'company', by: string): Promise<boolean> {
    await playbooks.newest(workspaceId)
    const { playbook, version } = playbooks.latest(workspaceId)
    if (playbook.trial.of === of) return true
    const note = of === 'company' ? 'Companies have one trial' : 'Each person has a trial'
    const heard = of === 'company' ? withAskRule(playbook) : playbook
    const next = { ...heard, trial: { ...playbook.trial, of } }
    return (await playbooks.publish(workspaceId, { playbook: next, expected: version, by, note })) !== null
  }

  async function run(workspaceId: WorkspaceId, body: StoredSwitch, by: string): Promise<string | null> {
    await documents.put(kind, workspaceId, body)
    const isBack = body.state === 'undoing'
    if (!(await publish(workspaceId, isBack ? 'person' : 'company', by)))
      return 'Someone has published the playbook at the same moment. Try again.'
    const total = isBack ? body.people : await trialistsIn(workspaceId)
    const job = await jobs.start({ workspaceId, kind: isBack ? unswitchJob : switchJob, by, total })
    await documents.put(kind, workspaceId, { ...body, jobId: job.id })
    return null
  }

  async function undoable(workspaceId: WorkspaceId, last: StoredSwitch | null, job: Job | null) {
    if (last === null || last.state === 'undone') return 'There is no switch to take back.'
    if (isOpen(job)) return 'It is under way.'
    if (last.state === 'undoing') return null
    return whyNotBack(trials, workspaceId, last.at)
  }

  return {
    preview,

    async state(workspaceId) {
      await playbooks.newest(workspaceId)
      const last = await stored(workspaceId)
      const job = last && (await jobOf(workspaceId, last))
      const { at = 0, jobId: _, ...rest } = last ?? ({} as Partial<StoredSwitch>)
      const why = await undoable(workspaceId, last, job)
      return {
        of: playbooks.latest(workspaceId).playbook.trial.of,
        trialists: await trialistsIn(workspaceId),
        last: last && { ...(rest as Omit<StoredSwitch, 'at' | 'jobId'>), at: isoInstant(at), job },
        undo: { possible: why === null, why },
      }
    },

    async start(workspaceId, trait, by) {
      const last = await stored(workspaceId)
      if (last && isOpen(await jobOf(workspaceId, last))) return 'A switch is under way.'
      // One that was broken off goes on as it began.
      if (last?.state === 'switching') return run(workspaceId, { ...last, jobId: '' }, by)
      if (last?.state === 'undoing') return 'A switch is half taken back; take it back to its end first.'
      await playbooks.newest(workspaceId)
      if (playbooks.latest(workspaceId).playbook.trial.of === 'company')
        return 'Companies have one trial here already.'
      const { people, companies } = await preview(workspaceId, trait)
      return run(workspaceId, { trait, at: now(), state: 'switching', jobId: '', people, companies }, by)
    },

    async undo(workspaceId, by) {
      const last = await stored(workspaceId)
      const why = await undoable(workspaceId, last, last && (await jobOf(workspaceId, last)))
      if (why !== null || last === null) return why
      return run(workspaceId, { ...last, state: 'undoing', jobId: '' }, by)
    },
  }
}
