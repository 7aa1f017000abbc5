import { metricsApi } from '../../../shared/api/metrics.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { countExposures, liftOf } from '../../domain/nudges/lift.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { breathe } from '../../storage/breathe.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/** A page is parsed in one go, so it is small. */
const pageSize = 50
const mostPages = 2000

async function exposuresOf(storage: Storage, workspaceId: WorkspaceId) {
  let counts = countExposures([])
  let after: TrialId | null = null
  for (let page = 0; page < mostPages; page++) {
    const trials = await storage.trials.scan(workspaceId, after, pageSize)
    counts = countExposures(trials, counts)
    await breathe()
    after = trials.at(-1)?.id ?? null
    if (trials.length < pageSize) return { counts, complete: true }
  }
  return { counts, complete: false }
}

export const nudgeLiftRoutes = ({
  storage,
  playbooks,
}: {
  readonly storage: Storage
  readonly playbooks: Playbooks
}): Route[] => [
  route(metricsApi, 'GET /api/nudges', {
    id: 'listNudgeLift',
    tag: 'KPIs',
    summary: 'Get the results of each nudge: exposures, conversions, lift with its interval',
    role: 'analyst',
    handle: async ({ workspace }) => {
      const { counts, complete } = await exposuresOf(storage, workspace.id)
      const none = { people: 0, converted: 0 }
      const nudges = playbooks.current(workspace.id).nudges.map(({ id, format }) => {
        const { shown = none, heldOut = none } = counts.get(id) ?? {}
        return { id, format, ...liftOf(shown, heldOut) }
      })
      return ok({ complete, nudges })
    },
  }),
]
