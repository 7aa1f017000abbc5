import * as z from 'zod'
import { parseInstant } from '../../../shared/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { trialistTag as tag, trialist } from './trial-answers.ts'
import type { TrialRouteParts } from './trial-route-parts.ts'
import {
  conversionPostSchema,
  extensionPostSchema,
  pausePostSchema,
  skipPostSchema,
  userIdParams,
} from './trial-schemas.ts'

/** What moves a trial’s clock: extensions, conversion, pauses. */
export function clockRoutes(
  { trials, now }: TrialRouteParts,
  show: (trial: Trial, status?: number) => Promise<{ status: number }>,
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
      handle: async (request) =>
        show(await trials.pause(callerOf(request), request.params.userId, request.body.until)),
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
      handle: async (request) =>
        show(await trials.skipNext(callerOf(request), request.params.userId, request.body.ruleId)),
    }),
  ]
}
