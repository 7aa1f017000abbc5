import * as z from 'zod'
import { dayMs, isoInstant } from '../../../shared/clock.ts'
import { instantSchema } from '../../../shared/dates.ts'
import { playbookSchema } from '../../../shared/playbook.ts'
import { decisionOutcomes, messageKinds } from '../../../shared/trial.ts'
import { trialistSchema } from '../../../shared/trialist.ts'
import { compilePlaybook } from '../../domain/playbook/compile.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialView } from '../trials/trial-route-parts.ts'
import { endInstant, trialistPutSchema } from '../trials/trial-schemas.ts'
import type { TrialService } from '../trials/trial-service.ts'
import { type SimulatedEvent, simulatedTrial, simulateTrial } from './simulate-trial.ts'

const longestDays = 400

const simulateSchema = z
  .strictObject({
    userId: z.string().min(1).max(255).optional().describe('Go on from where this trialist stands.'),
    trialist: trialistPutSchema.optional().describe('Or begin with this invented one.'),
    from: instantSchema.optional().describe('Default: now.'),
    days: z.int().min(1).max(longestDays).default(30),
    events: z
      .array(
        z.strictObject({
          event: z.string().min(1).max(200),
          at: instantSchema.optional(),
          afterHours: z
            .number()
            .min(0)
            .max(longestDays * 24)
            .optional(),
        }),
      )
      .max(1000)
      .default([]),
    playbook: playbookSchema.optional().describe('Under this playbook instead of the published one.'),
  })
  .refine((body) => (body.userId === undefined) !== (body.trialist === undefined), {
    message: 'give either userId or trialist',
    path: ['userId'],
  })
  .meta({ id: 'SimulationRequest' })

const answerSchema = z
  .object({
    complete: z.boolean(),
    timeline: z.array(
      z.object({
        at: z.iso.datetime(),
        kind: z.enum(messageKinds),
        ruleId: z.string(),
        outcome: z.enum(decisionOutcomes),
        why: z.string(),
      }),
    ),
    trialist: trialistSchema,
  })
  .meta({ id: 'Simulation' })

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
    route({
      method: 'post',
      path: '/api/simulate',
      id: 'simulate',
      tag: 'Playbook',
      summary: 'What would this person get, and when? Nothing is stored or sent',
      role: 'rep',
      body: simulateSchema,
      bodyLimit: 1024 * 1024,
      answers: { 200: { description: 'Every decision, in order', schema: answerSchema } },
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
          ? await trials.get(callerOf(request), userId)
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
