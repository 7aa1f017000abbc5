import { trialistsApi } from '../../../shared/api/trialists.ts'
import { parseInstant } from '../../../shared/clock.ts'
import type { MessageKey } from '../../../shared/trial.ts'
import { type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { done } from '../../http/trial-problem.ts'
import { type ShowTrialist, type TrialRouteParts, trialistTag as tag } from './trial-route-parts.ts'

/** What moves a trial’s clock: extensions, conversion, pauses. */
export function clockRoutes({ trials, now }: TrialRouteParts, show: ShowTrialist): Route[] {
  return [
    route(trialistsApi, 'POST /api/trialists/{userId}/extensions', {
      id: 'extendTrial',
      tag,
      summary: 'Extend a trial by days or until a date; emails, nudges and countdowns follow',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused'],
      async handle(request) {
        const { expectedEnd, ...body } = request.body
        const expected = typeof expectedEnd === 'string' ? parseInstant(expectedEnd) : expectedEnd
        const given = { ...body, expectedEnd: expected }
        const extended = await trials.extend(callerOf(request), request.params.userId, given)
        return { ...(await show(done(extended))), status: 201 }
      },
    }),
    route(trialistsApi, 'DELETE /api/trialists/{userId}/extensions/{id}', {
      id: 'undoExtension',
      tag,
      summary: 'Undo an extension',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused'],
      handle: async (request) =>
        show(done(await trials.undoExtension(callerOf(request), request.params.userId, request.params.id))),
    }),
    route(trialistsApi, 'POST /api/trialists/{userId}/conversion', {
      id: 'convertTrial',
      tag,
      summary: 'Record that the trialist became a customer; pitches stop',
      role: 'admin',
      problems: ['not-found', 'conflict'],
      async handle(request) {
        const { plan, at } = request.body
        const command = {
          type: 'convert',
          plan: plan ?? null,
          at: at ?? now(),
          by: request.principal.actor,
        } as const
        const { userId } = request.params
        return show(done(await trials.apply(callerOf(request), userId, 'trial.convert', command)))
      },
    }),
    route(trialistsApi, 'POST /api/trialists/{userId}/pause', {
      id: 'pauseTrialist',
      tag,
      summary: 'Pause automation until a given time, or resume it with null',
      role: 'rep',
      problems: ['not-found'],
      handle: async (request) =>
        show(done(await trials.pause(callerOf(request), request.params.userId, request.body.until))),
    }),
    route(trialistsApi, 'POST /api/trialists/{userId}/retries', {
      id: 'retryBlockedEmail',
      tag,
      summary: 'Send a blocked email now, if its cause is gone and it would still be of use',
      role: 'rep',
      problems: ['not-found'],
      handle: async (request) =>
        show(
          done(
            await trials.apply(callerOf(request), request.params.userId, 'trial.retryEmail', {
              type: 'retryBlocked',
              key: request.body.key as MessageKey,
            }),
          ),
        ),
    }),
    route(trialistsApi, 'POST /api/trialists/{userId}/skip', {
      id: 'skipNextMail',
      tag,
      summary: 'Skip the next email of a rule',
      role: 'rep',
      problems: ['not-found', 'conflict'],
      handle: async (request) =>
        show(done(await trials.skipNext(callerOf(request), request.params.userId, request.body.ruleId))),
    }),
  ]
}
