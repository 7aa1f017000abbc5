import { trialistsApi } from '../../../shared/api/trialists.ts'
import { isoInstant } from '../../../shared/clock.ts'

import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { callerOf, pseudonym } from '../../http/caller.ts'
import { done, known } from '../../http/trial-problem.ts'
import {
  asMemberRecord,
  beginErasure,
  collectTraces,
  type EraseMember,
  eraseTraces,
  isErasureBegun,
} from './erase-trial.ts'
import { type TrialRouteParts, trialistTag as tag } from './trial-route-parts.ts'

/** Erasure and export of one person. */
export function privacyRoutes(
  { trials, storage, marksStored, audit, playbooks, view, suppressions, now }: TrialRouteParts,
  eraseMember: EraseMember,
): Route[] {
  const audited = (
    request: RouteRequest<{ userId: string }, unknown, unknown>,
    action: string,
    after: unknown,
  ) =>
    audit.write(request.workspace.id, {
      by: request.principal.id,
      action,
      subject: pseudonym(request.workspace, request.params.userId),
      after,
      ip: request.ip,
    })

  return [
    route(trialistsApi, 'DELETE /api/trialists/{userId}', {
      id: 'eraseTrialist',
      tag,
      summary: 'Erase a person: trial, events, emails and signals; a suppression is kept as a hash',
      role: 'admin',
      problems: ['not-found'],
      async handle(request) {
        const { userId } = request.params
        const before = known(await trials.stored(callerOf(request), userId))
        if (before.membership) {
          const removed = await eraseMember(before)
          await audited(request, 'trialist.erase', removed)
          return ok({ erased: true, ...removed })
        }
        const { suppressed } = before.contact
        // An erasure that did not finish has suppressed them too, which is no objection of theirs.
        if (suppressed && before.person.email && !(await isErasureBegun(storage, before)))
          await suppressions.add(request.workspace.id, before.person.email, suppressed)
        await beginErasure(storage, before)
        // A former id is silent already, and the id that the person goes by now is not to be erased with it.
        const silent =
          before.mergedInto === null
            ? done(
                await trials.apply(callerOf(request), userId, 'trialist.erase.begin', {
                  type: 'suppress',
                  reason: 'manual',
                }),
              )
            : before
        const removed = await eraseTraces({ storage, marksStored }, silent)
        await audited(request, 'trialist.erase', removed)
        return ok({ erased: true, ...removed })
      },
    }),
    route(trialistsApi, 'GET /api/trialists/{userId}/export', {
      id: 'exportTrialist',
      tag,
      summary: 'Export everything stored about a person',
      role: 'admin',
      problems: ['not-found'],
      async handle(request) {
        const trial = known(await trials.get(callerOf(request), request.params.userId))
        const own = known(await trials.stored(callerOf(request), request.params.userId))
        const traces = await collectTraces(storage, trial.recipient ? asMemberRecord(own, trial) : trial)
        await audited(request, 'trialist.export', {
          events: traces.events.length,
          mails: traces.documents.mails.length,
        })
        return ok(
          {
            exportedAt: isoInstant(now()),
            trialist: view(trial, playbooks.current(trial.workspaceId), now()),
            stored: trial.recipient ? asMemberRecord(own, trial) : trial,
            events: traces.events,
            ...traces.documents,
          },
          { 'Content-Disposition': 'attachment; filename="trialist.json"' },
        )
      },
    }),
  ]
}
