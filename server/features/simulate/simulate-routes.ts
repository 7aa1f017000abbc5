import { playbookApi } from '../../../shared/api/playbook.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'

import { compilePlaybook } from '../../domain/playbook/compile.ts'
import { endInstant } from '../../domain/time/end-instant.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { known } from '../../http/trial-problem.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialView } from '../trials/trial-route-parts.ts'
import type { TrialService } from '../trials/trial-service.ts'
import { type SimulatedEvent, simulatedTrial, simulateTrial } from './simulate-trial.ts'

export function simulateRoutes({
  trials,
  playbooks,
  view,
  now,
}: {
  trials: TrialService
  playbooks: Playbooks
  view: TrialView
  now: () => number
}): Route[] {
  return [
    route(playbookApi, 'POST /api/simulate', {
      id: 'simulate',
      tag: 'Playbook',
      summary: 'Simulate what a person would get and when; nothing is stored or sent',
      role: 'rep',
      bodyLimit: 1024 * 1024,
      problems: ['not-found'],
      async handle(request) {
        const { userId, trialist, playbook: candidate, days } = request.body
        const published = playbooks.current(request.workspace.id)
        const playbook = candidate ? compilePlaybook(candidate, published.version + 1) : published
        const from = request.body.from ?? now()
        const events = request.body.events.map((given, index): SimulatedEvent => {
          const at = given.at ?? (given.afterHours === undefined ? null : from + given.afterHours * 3_600_000)
          if (at === null)
            throw new ProblemError('invalid-request', {
              detail: 'An event has no time.',
              errors: [{ pointer: `/events/${index}`, detail: 'give either at or afterHours' }],
            })
          return { event: given.event, at: Math.round(at) }
        })
        const { trial: dates, ...person } = trialist ?? {}
        const zone = person.timeZone ?? playbook.playbook.product.timeZone
        const patch = {
          ...person,
          ...(dates && {
            trial: {
              ...(dates.startsAt !== undefined && { startsAt: dates.startsAt }),
              ...(dates.endsAt !== undefined && {
                endsAt: dates.endsAt === null ? null : endInstant(dates.endsAt, zone),
              }),
            },
          }),
        }
        const start = userId
          ? known(await trials.get(callerOf(request), userId))
          : simulatedTrial(request.workspace.id, 'simulated', patch as never, playbook, from)
        const until = from + days * dayMs
        const result = simulateTrial(start, events, playbook, { from, until })
        return ok({
          complete: result.complete,
          timeline: result.timeline.map((decision) => ({ ...decision, at: isoInstant(decision.at) })),
          trialist: view(result.trial, playbook, until),
        })
      },
    }),
  ]
}
