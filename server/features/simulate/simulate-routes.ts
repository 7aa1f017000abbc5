import { playbookApi } from '../../../shared/api/playbook.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'

import { compilePlaybook } from '../../domain/playbook/compile.ts'
import { endInstant } from '../../domain/time/end-instant.ts'
import { asRecipient } from '../../domain/trial/recipient.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { known } from '../../http/trial-problem.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialView } from '../trials/trial-route-parts.ts'
import type { TrialService } from '../trials/trial-service.ts'
import { type SimulatedEvent, simulatedTrial, simulateTrial } from './simulate-trial.ts'

export function simulateRoutes({
  trials,
  stored,
  playbooks,
  view,
  now,
}: {
  trials: TrialService
  stored: Pick<TrialStore, 'get'>
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
        const { trial: dates, ...described } = trialist ?? {}
        const zone = described.timeZone ?? playbook.playbook.product.timeZone
        const patch = {
          ...described,
          ...(dates && {
            trial: {
              ...(dates.startsAt !== undefined && { startsAt: dates.startsAt }),
              ...(dates.endsAt !== undefined && {
                endsAt: dates.endsAt === null ? null : endInstant(dates.endsAt, zone),
              }),
            },
          }),
        }
        const person = userId ? known(await trials.get(callerOf(request), userId)) : null
        // Of a company all goes on together, seen through the one who was asked about.
        const member = person?.recipient?.userId
        const start = person
          ? member === undefined
            ? person
            : known(await stored.get(person.id))
          : simulatedTrial(request.workspace.id, 'simulated', patch as never, playbook, from)
        const until = from + days * dayMs
        const done = simulateTrial(start, events, playbook, { from, until, actor: member })
        const result = { ...done, trial: member === undefined ? done.trial : asRecipient(done.trial, member) }
        return ok({
          complete: result.complete,
          timeline: result.timeline.map((decision) => ({ ...decision, at: isoInstant(decision.at) })),
          trialist: view(result.trial, playbook, until),
        })
      },
    }),
  ]
}
