import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { JobStep, Jobs } from '../jobs/job-service.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { draftRoutes } from './draft-routes.ts'
import { createPlaybookDrafts } from './drafts.ts'
import { createDryRun } from './dry-run.ts'
import { playbookRoutes } from './playbook-routes.ts'
import type { PlaybookService } from './playbook-service.ts'

const replanKind = 'replan'
/** Trials re-planned in one step of a job. */
const replanPage = 50

/** Reading, checking and publishing the playbook; a new one takes effect on every trial by a job. */
export function createPlaybookFeature({
  storage,
  playbooks,
  changes,
  jobs,
  audit,
  clock,
}: {
  storage: Storage
  playbooks: PlaybookService
  changes: TrialChanges
  jobs: Jobs
  audit: AuditLog
  clock: Clock
}): { readonly routes: Route[] } {
  jobs.register(replanKind, replanStep(storage, playbooks, changes))
  const countTrials = async (workspaceId: WorkspaceId) =>
    Object.values(await storage.trials.countBySegment(workspaceId)).reduce((sum, n) => sum + n, 0)
  const hasTrials = async (workspaceId: WorkspaceId) => (await countTrials(workspaceId)) > 0
  async function replan(workspaceId: WorkspaceId, by: string) {
    const total = await countTrials(workspaceId)
    return jobs.start({ workspaceId, kind: replanKind, by, total })
  }
  const dryRun = createDryRun({ storage, playbooks, clock })
  const drafts = createPlaybookDrafts({ storage, clock })
  return {
    routes: [...playbookRoutes({ playbooks, audit, dryRun, replan, hasTrials }), ...draftRoutes(drafts)],
  }
}

/** A new playbook moves due times and segments: every trial looks at itself again. */
const replanStep =
  (storage: Storage, playbooks: PlaybookService, changes: TrialChanges): JobStep =>
  async (job, signal) => {
    await playbooks.newest(job.workspaceId)
    const page = await storage.trials.scan(job.workspaceId, job.cursor as TrialId | null, replanPage)
    let done = 0
    for (const trial of page) {
      if (signal.aborted) break
      // What could not be written under the playbook before may be possible now.
      await changes.change(trial.id, [{ type: 'retryBlocked' }, { type: 'advance' }])
      done++
    }
    const cursor = done > 0 ? (page[done - 1]?.id ?? job.cursor) : job.cursor
    return { cursor, done, finished: done === page.length && page.length < replanPage }
  }
