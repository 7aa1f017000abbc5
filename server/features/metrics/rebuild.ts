import type { WorkspaceId } from '../../../shared/trial.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { Job, Jobs } from '../jobs/job-service.ts'

/** Starts counting a workspace again, unless that is under way. */
export type Rebuild = (workspaceId: WorkspaceId, by: string) => Promise<Job>

export const rebuildKind = 'rebuildKpis'

export const createRebuild =
  ({ jobs, trials }: { jobs: Jobs; trials: Pick<TrialStore, 'countBySegment'> }): Rebuild =>
  async (workspaceId, by) => {
    const running = (await jobs.list(workspaceId, 50)).find(
      ({ kind, state }) => kind === rebuildKind && (state === 'queued' || state === 'running'),
    )
    if (running) return running
    const counts = await trials.countBySegment(workspaceId)
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
    return jobs.start({ workspaceId, kind: rebuildKind, by, total })
  }
