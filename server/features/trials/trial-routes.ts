import { trialistsApi } from '../../../shared/api/trialists.ts'

import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { done, known } from '../../http/trial-problem.ts'
import type { TrialQuery } from '../../storage/port.ts'
import { InvalidCursor } from '../../storage/trial-fields.ts'
import { definedOnly } from './defined-only.ts'
import type { EraseMember } from './erase-trial.ts'
import { clockRoutes } from './trial-clock-routes.ts'
import { privacyRoutes } from './trial-privacy-routes.ts'
import { type ShowTrialist, type TrialRouteParts, trialistTag as tag } from './trial-route-parts.ts'

import type { TrialistPatch } from './trial-service.ts'
import { trialistSummary } from './trial-summary.ts'

export function trialRoutes(parts: TrialRouteParts, eraseMember: EraseMember): Route[] {
  const { trials, playbooks, view, billingOf, now } = parts
  const show: ShowTrialist = async (trial) => ({
    status: 200,
    body: {
      ...view(trial, playbooks.current(trial.workspaceId), now()),
      billing: await billingOf(trial.id),
    },
    headers: { ETag: `"${trial.version}"` },
  })

  return [
    ...readRoutes(parts, show),
    route(trialistsApi, 'PUT /api/trialists/{userId}', {
      id: 'putTrialist',
      tag,
      summary: 'Create or change a trialist: null clears a field, an absent field keeps its value',
      role: 'admin',
      async handle(request) {
        const patch = definedOnly(request.body) as TrialistPatch
        const put = await trials.put(callerOf(request), request.params.userId, patch)
        const shown = await show(done(put))
        return put?.created ? { ...shown, status: 201 } : shown
      },
    }),
    ...clockRoutes(parts, show),
    ...privacyRoutes(parts, eraseMember),
  ]
}

function readRoutes({ trials, storage, playbooks }: TrialRouteParts, show: ShowTrialist): Route[] {
  return [
    route(trialistsApi, 'GET /api/trialists', {
      id: 'listTrialists',
      tag,
      summary: 'List trialists by segment, pace or search, in pages',
      role: 'rep',
      async handle({ workspace, query }) {
        try {
          const page = await storage.trials.list({
            workspaceId: workspace.id,
            ...definedOnly(query),
          } as TrialQuery)
          const playbook = playbooks.current(workspace.id)
          return ok({
            trialists: page.trials.map((trial) => trialistSummary(trial, playbook)),
            cursor: page.cursor,
          })
        } catch (error) {
          if (!(error instanceof InvalidCursor)) throw error
          throw new ProblemError('invalid-request', {
            detail: 'The cursor is not valid.',
            errors: [{ pointer: 'query/cursor', detail: 'must be the cursor of the previous page' }],
          })
        }
      },
    }),
    route(trialistsApi, 'GET /api/segments', {
      id: 'countSegments',
      tag,
      summary: 'Count the trialists in each segment',
      role: 'analyst',
      async handle({ workspace }) {
        const counts = await storage.trials.countBySegment(workspace.id)
        return ok({ segments: counts, total: Object.values(counts).reduce((sum, n) => sum + n, 0) })
      },
    }),
    route(trialistsApi, 'GET /api/trialists/{userId}', {
      id: 'getTrialist',
      tag,
      summary: 'Get everything about one trialist',
      role: 'rep',
      problems: ['not-found'],
      handle: async (request) => show(known(await trials.get(callerOf(request), request.params.userId))),
    }),
  ]
}
