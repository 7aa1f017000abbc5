import * as z from 'zod'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { countExposures, liftOf } from '../../domain/nudges/lift.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

const pageSize = 500
const mostPages = 200

const group = z.object({ people: z.int(), converted: z.int() })
const liftSchema = z
  .object({
    complete: z.boolean().describe('false: there are more trialists than were looked at.'),
    nudges: z.array(
      z.object({
        id: z.string(),
        format: z.string(),
        shown: group,
        heldOut: group.describe('Would have been shown it: the control group.'),
        lift: z.number().nullable().describe('Relative gain in conversion; null while a group is empty.'),
        interval: z.tuple([z.number(), z.number()]).nullable().describe('95 % interval of the lift.'),
      }),
    ),
  })
  .meta({ id: 'NudgeLift' })

async function exposuresOf(storage: Storage, workspaceId: WorkspaceId) {
  let counts = countExposures([])
  let after: TrialId | null = null
  for (let page = 0; page < mostPages; page++) {
    const trials = await storage.trials.scan(workspaceId, after, pageSize)
    counts = countExposures(trials, counts)
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
  route({
    method: 'get',
    path: '/api/nudges',
    id: 'listNudgeLift',
    tag: 'KPIs',
    summary: 'What each nudge of the playbook brings: exposures, conversions, lift with its interval',
    role: 'analyst',
    answers: { 200: { description: 'In the order of the playbook', schema: liftSchema } },
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
