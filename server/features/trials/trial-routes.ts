import * as z from 'zod'
import { isoInstant, parseInstant } from '../../../shared/clock.ts'
import { segments } from '../../../shared/trial.ts'
import { trialistSchema } from '../../../shared/trialist.ts'
import type { Trial } from '../../domain/model.ts'
import type { CompiledPlaybook } from '../../domain/playbook.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Storage, TrialQuery } from '../../storage/port.ts'
import { InvalidCursor } from '../../storage/trial-fields.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Suppressions } from '../messages/suppressions.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { beginErasure, collectTraces, eraseTraces, isErasureBegun } from './erase-trial.ts'
import {
  conversionPostSchema,
  extensionPostSchema,
  listQuerySchema,
  pausePostSchema,
  skipPostSchema,
  trialistPutSchema,
  trialistSummarySchema,
  userIdParams,
} from './trial-schemas.ts'
import { callerOf, pseudonym, type TrialistPatch, type TrialService } from './trial-service.ts'
import { trialistSummary } from './trial-summary.ts'

/** Makes the API’s picture of a trial. */
export type TrialView = (trial: Trial, playbook: CompiledPlaybook, now: number) => object

export interface TrialRouteParts {
  readonly trials: TrialService
  readonly storage: Storage
  readonly playbooks: Playbooks
  readonly audit: AuditLog
  readonly view: TrialView
  readonly now: () => number
  readonly suppressions: Suppressions
}

const tag = 'Trialists'
const trialist = { description: 'The trialist as it now stands', schema: trialistSchema }

type Typed<Params, Query, Body> = RouteRequest<Params, Query, Body>

/** Drops members that are absent, which the compiler tells apart from undefined ones. */
const definedOnly = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

export function trialRoutes(parts: TrialRouteParts): Route[] {
  const { trials, playbooks, view, now } = parts
  const show = (trial: Trial, status = 200) => ({
    status,
    body: view(trial, playbooks.current(trial.workspaceId), now()),
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
  show: (trial: Trial) => { status: number },
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

function clockRoutes(
  { trials, now }: TrialRouteParts,
  show: (trial: Trial, status?: number) => { status: number },
): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/trialists/{userId}/extensions',
      id: 'extendTrial',
      tag,
      summary: 'Extend a trial by days or until a moment; everything about it moves along',
      role: 'rep',
      params: userIdParams,
      body: extensionPostSchema,
      answers: { 201: trialist },
      problems: ['not-found', 'conflict', 'policy-refused'],
      async handle(request) {
        const { expectedEnd, ...body } = request.body
        const expected = typeof expectedEnd === 'string' ? parseInstant(expectedEnd) : expectedEnd
        return show(
          await trials.extend(callerOf(request), request.params.userId, { ...body, expectedEnd: expected }),
          201,
        )
      },
    }),
    route({
      method: 'delete',
      path: '/api/trialists/{userId}/extensions/{id}',
      id: 'undoExtension',
      tag,
      summary: 'Undo an extension',
      role: 'rep',
      params: userIdParams.extend({ id: z.string().min(1).max(100) }),
      answers: { 200: trialist },
      problems: ['not-found', 'conflict', 'policy-refused'],
      handle: async (request) =>
        show(await trials.undoExtension(callerOf(request), request.params.userId, request.params.id)),
    }),
    route({
      method: 'post',
      path: '/api/trialists/{userId}/conversion',
      id: 'convertTrial',
      tag,
      summary: 'The trialist has become a customer: nothing is pitched any more',
      role: 'admin',
      params: userIdParams,
      body: conversionPostSchema,
      answers: { 200: trialist },
      problems: ['not-found', 'conflict'],
      async handle(request) {
        const { plan, at } = request.body
        const command = {
          type: 'convert',
          plan: plan ?? null,
          at: at ?? now(),
          by: request.principal.actor,
        } as const
        return show(await trials.apply(callerOf(request), request.params.userId, 'trial.convert', command))
      },
    }),
    route({
      method: 'post',
      path: '/api/trialists/{userId}/pause',
      id: 'pauseTrialist',
      tag,
      summary: 'Rest the automation until a moment, or go on with null',
      role: 'rep',
      params: userIdParams,
      body: pausePostSchema,
      answers: { 200: trialist },
      problems: ['not-found'],
      async handle(request) {
        const command = { type: 'pause', until: request.body.until } as const
        return show(await trials.apply(callerOf(request), request.params.userId, 'trial.pause', command))
      },
    }),
    route({
      method: 'post',
      path: '/api/trialists/{userId}/skip',
      id: 'skipNextMail',
      tag,
      summary: 'Skip the next mail of a rule',
      role: 'rep',
      params: userIdParams,
      body: skipPostSchema,
      answers: { 200: trialist },
      problems: ['not-found', 'conflict'],
      async handle(request) {
        const command = {
          type: 'skipNext',
          ruleId: request.body.ruleId,
          by: request.principal.actor,
        } as const
        return show(await trials.apply(callerOf(request), request.params.userId, 'trial.skip', command))
      },
    }),
  ]
}

function privacyRoutes({
  trials,
  storage,
  audit,
  playbooks,
  view,
  suppressions,
  now,
}: TrialRouteParts): Route[] {
  const audited = (request: Typed<{ userId: string }, unknown, unknown>, action: string, after: unknown) =>
    audit.write(request.workspace.id, {
      by: request.principal.id,
      action,
      subject: pseudonym(request.workspace, request.params.userId),
      after,
      ip: request.ip,
    })

  return [
    route({
      method: 'delete',
      path: '/api/trialists/{userId}',
      id: 'eraseTrialist',
      tag,
      summary: 'Erase a person: trial, events, mails and signals; an objection to mail stays as a hash',
      role: 'admin',
      params: userIdParams,
      answers: {
        200: {
          description: 'What was removed',
          schema: z.object({ erased: z.literal(true), events: z.int(), mails: z.int() }),
        },
      },
      problems: ['not-found'],
      async handle(request) {
        const { userId } = request.params
        const before = await trials.get(callerOf(request), userId)
        const { suppressed } = before.contact
        // An erasure that did not finish has suppressed them too, which is no objection of theirs.
        if (suppressed && before.person.email && !(await isErasureBegun(storage, before)))
          await suppressions.add(request.workspace.id, before.person.email, suppressed)
        await beginErasure(storage, before)
        const silent = await trials.apply(callerOf(request), userId, 'trialist.erase.begin', {
          type: 'suppress',
          reason: 'manual',
        })
        await suppressions.forget(before.id)
        const removed = await eraseTraces(storage, silent)
        await audited(request, 'trialist.erase', removed)
        return ok({ erased: true, ...removed })
      },
    }),
    route({
      method: 'get',
      path: '/api/trialists/{userId}/export',
      id: 'exportTrialist',
      tag,
      summary: 'Everything that is stored about a person',
      role: 'admin',
      params: userIdParams,
      answers: {
        200: {
          description: 'One JSON document',
          schema: z.object({
            exportedAt: z.iso.datetime(),
            trialist: trialistSchema,
            stored: z.looseObject({}),
            events: z.array(z.looseObject({})),
            mails: z.array(z.unknown()),
            signals: z.array(z.unknown()),
            notes: z.array(z.unknown()),
          }),
        },
      },
      problems: ['not-found'],
      async handle(request) {
        const trial = await trials.get(callerOf(request), request.params.userId)
        const traces = await collectTraces(storage, trial)
        await audited(request, 'trialist.export', {
          events: traces.events.length,
          mails: traces.mails.length,
        })
        return ok(
          {
            exportedAt: isoInstant(now()),
            trialist: view(trial, playbooks.current(trial.workspaceId), now()),
            stored: trial,
            ...traces,
          },
          { 'Content-Disposition': 'attachment; filename="trialist.json"' },
        )
      },
    }),
  ]
}
