import { metricsApi } from '../../../shared/api/metrics.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { countExposures, liftOf } from '../../domain/nudges/lift.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { eachTrial } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/** People that are read for it; above that the answer says that it is not complete. */
const mostPeople = 100_000

async function exposuresOf(storage: Storage, workspaceId: WorkspaceId) {
  let counts = countExposures([])
  let people = 0
  for await (const trial of eachTrial(storage.trials, workspaceId)) {
    if (people++ >= mostPeople) return { counts, complete: false }
    counts = countExposures([trial], counts)
  }
  return { counts, complete: true }
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
