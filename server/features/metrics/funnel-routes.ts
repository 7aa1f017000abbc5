import { metricsApi } from '../../../shared/api/metrics.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { eachTrial } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/** null instead of a division by nothing: no one is not 0 %. */
const shareOf = (numerator: number, denominator: number) => ({
  numerator,
  denominator,
  rate: denominator === 0 ? null : numerator / denominator,
})

async function countFunnel(storage: Storage, workspaceId: WorkspaceId, milestones: readonly string[]) {
  const statuses = { trialing: 0, ended: 0, converted: 0 }
  const reached = milestones.map(() => 0)
  let activated = 0
  for await (const { clock, standing, mergedInto } of eachTrial(storage.trials, workspaceId)) {
    if (clock.status === 'anonymous' || mergedInto !== null) continue
    statuses[clock.status]++
    milestones.forEach((name, index) => {
      if (standing.reachedAt[name] !== undefined) reached[index] = (reached[index] ?? 0) + 1
    })
    if (standing.activatedAt !== null) activated++
  }
  return { statuses, reached, activated, total: statuses.trialing + statuses.ended + statuses.converted }
}

export function funnelRoute({ storage, playbooks }: { storage: Storage; playbooks: Playbooks }): Route {
  return route(metricsApi, 'GET /api/funnel', {
    id: 'funnel',
    tag: 'Figures',
    summary: 'Get the funnel: sign-up, each milestone, activation, conversion',
    role: 'analyst',
    async handle({ workspace }) {
      const names = playbooks.current(workspace.id).playbook.milestones.map(({ name }) => name)
      const { statuses, reached, activated, total } = await countFunnel(storage, workspace.id, names)
      const step = (name: string, count: number) => ({ name, ...shareOf(count, total) })
      return ok({
        steps: [
          step('Signed up', total),
          ...names.map((name, index) => step(name, reached[index] ?? 0)),
          step('Activated', activated),
          step('Converted', statuses.converted),
        ],
        statuses,
        conversion: shareOf(statuses.converted, statuses.converted + statuses.ended),
      })
    },
  })
}
