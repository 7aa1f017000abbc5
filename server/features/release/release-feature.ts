import type { TrialId } from '../../../shared/trial.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { JobStep, Jobs } from '../jobs/job-service.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import { releaseRoutes } from './release-routes.ts'

const unholdKind = 'unhold'
const unholdPage = 200

/** Nothing is sent to anyone before a person releases the workspace; this is how they do, and what they see before. */
export function createReleaseFeature(parts: {
  storage: Storage
  workspaces: WorkspaceService
  playbooks: Playbooks
  changes: TrialChanges
  jobs: Jobs
  audit: AuditLog
  clock: Clock
  config: { readonly smtpUrl: string | null; readonly publicUrl: string | null }
}): { readonly routes: Route[] } {
  const { storage, jobs, clock } = parts
  jobs.register(unholdKind, unholdStep(parts))
  return {
    routes: releaseRoutes({
      ...parts,
      trials: storage.trials,
      now: () => clock.now(),
      unhold: (workspaceId, by) => jobs.start({ workspaceId, kind: unholdKind, by, total: null }),
    }),
  }
}

/** What was held looks at itself again; what has become useless meanwhile is dropped then, with that reason. */
const unholdStep =
  ({
    storage: { trials },
    workspaces,
    changes,
  }: {
    storage: Storage
    workspaces: WorkspaceService
    changes: TrialChanges
  }): JobStep =>
  async (job, signal) => {
    // Another process may have released it; what is held again now would wait for its next look.
    await workspaces.refresh()
    const page = await trials.scan(job.workspaceId, job.cursor as TrialId | null, unholdPage)
    let done = 0
    for (const trial of page) {
      if (signal.aborted) break
      if (trial.outbox.some(({ held }) => held !== undefined))
        await changes.change(trial.id, [{ type: 'unhold' }, { type: 'advance' }])
      done++
    }
    const cursor = done > 0 ? (page[done - 1]?.id ?? job.cursor) : job.cursor
    return { cursor, done, finished: done === page.length && page.length < unholdPage }
  }
