import * as z from 'zod'
import { segments } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import type { TrialQuery } from '../../storage/port.ts'
import { InvalidCursor } from '../../storage/trial-fields.ts'
import { trialistTag as tag, trialist } from './trial-answers.ts'
import { clockRoutes } from './trial-clock-routes.ts'
import { privacyRoutes } from './trial-privacy-routes.ts'
import type { TrialRouteParts } from './trial-route-parts.ts'
import { listQuerySchema, trialistPutSchema, trialistSummarySchema, userIdParams } from './trial-schemas.ts'
import type { TrialistPatch } from './trial-service.ts'
import { trialistSummary } from './trial-summary.ts'

/** Drops members that are absent, which the compiler tells apart from undefined ones. */
const definedOnly = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

export function trialRoutes(parts: TrialRouteParts): Route[] {
  const { trials, playbooks, view, billingOf, now } = parts
  const show = async (trial: Trial, status = 200) => ({
    status,
    body: {
      ...view(trial, playbooks.current(trial.workspaceId), now()),
      billing: await billingOf(trial.id),
    },
    headers: { ETag: `"${trial.version}"` },
  })

  return [
    ...readRoutes(parts, show),
    route({
      method: 'put',
      path: '/api/trialists/{userId}',
      id: 'putTrialist',
      tag,
      summary: 'Make or change a trialist: null clears, absent keeps',
      role: 'admin',
      params: userIdParams,
      body: trialistPutSchema,
      answers: { 200: trialist, 201: { ...trialist, description: 'The trialist was made' } },
      async handle(request) {
        const patch = definedOnly(request.body) as TrialistPatch
        const { trial, created } = await trials.put(callerOf(request), request.params.userId, patch)
        return show(trial, created ? 201 : 200)
      },
    }),
    ...clockRoutes(parts, show),
    ...privacyRoutes(parts),
  ]
}

function readRoutes(
  { trials, storage, playbooks }: TrialRouteParts,
  show: (trial: Trial) => Promise<{ status: number }>,
): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/trialists',
      id: 'listTrialists',
      tag,
      summary: 'Trialists of a segment, pace or search, in pages',
      role: 'rep',
      query: listQuerySchema,
      answers: {
        200: {
          description: 'A page; ask again with `cursor` until it is null',
          schema: z.object({ trialists: z.array(trialistSummarySchema), cursor: z.string().nullable() }),
        },
      },
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
            detail: 'The cursor is not one of ours.',
            errors: [{ pointer: 'query/cursor', detail: 'must be the cursor of the page before' }],
          })
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/segments',
      id: 'countSegments',
      tag,
      summary: 'How many trialists are in each segment',
      role: 'analyst',
      answers: {
        200: {
          description: 'Counts',
          schema: z.object({ segments: z.record(z.enum(segments), z.int()), total: z.int() }),
        },
      },
      async handle({ workspace }) {
        const counts = await storage.trials.countBySegment(workspace.id)
        return ok({ segments: counts, total: Object.values(counts).reduce((sum, n) => sum + n, 0) })
      },
    }),
    route({
      method: 'get',
      path: '/api/trialists/{userId}',
      id: 'getTrialist',
      tag,
      summary: 'All about one trialist',
      role: 'rep',
      params: userIdParams,
      answers: { 200: trialist },
      problems: ['not-found'],
      handle: async (request) => show(await trials.get(callerOf(request), request.params.userId)),
    }),
  ]
}
