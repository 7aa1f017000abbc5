import * as z from 'zod'
import { messageKinds, segments, type TrialId, type WorkspaceId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/model.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

const tag = 'Figures'
const share = z.object({ numerator: z.int(), denominator: z.int(), rate: z.number().nullable() })
const kindFigures = z.object({
  kind: z.enum(messageKinds),
  sent: z.int(),
  failed: z.int(),
  unknown: z.int(),
  opened: share,
  clicked: share,
  replied: share,
  bounced: share,
})

/** null instead of a division by nothing: no mails is not 0 %. */
const shareOf = (numerator: number, denominator: number) => ({
  numerator,
  denominator,
  rate: denominator === 0 ? null : numerator / denominator,
})

const pageSize = 500

async function* everyTrial(storage: Storage, workspaceId: WorkspaceId): AsyncGenerator<Trial> {
  for (let after: TrialId | null = null; ; ) {
    const page: Trial[] = await storage.trials.scan(workspaceId, after, pageSize)
    yield* page.filter((trial) => trial.clock.status !== 'anonymous')
    if (page.length < pageSize) return
    after = page.at(-1)?.id ?? null
  }
}

const emptyCounts = () => ({ sent: 0, failed: 0, unknown: 0, opened: 0, clicked: 0, replied: 0, bounced: 0 })

async function mailFigures(storage: Storage, workspaceId: WorkspaceId) {
  const byKind = new Map(messageKinds.map((kind) => [kind, emptyCounts()]))
  const statuses = { trialing: 0, ended: 0, converted: 0 }
  const bySegment = Object.fromEntries(segments.map((segment) => [segment, 0])) as Record<string, number>
  for await (const trial of everyTrial(storage, workspaceId)) {
    if (trial.clock.status !== 'anonymous') statuses[trial.clock.status]++
    bySegment[trial.standing.segment] = (bySegment[trial.standing.segment] ?? 0) + 1
    for (const message of trial.outbox) {
      const counts = byKind.get(message.kind)
      if (!counts) continue
      if (message.state === 'failed') counts.failed++
      if (message.state === 'unknown') counts.unknown++
      if (message.sentAt === null) continue
      counts.sent++
      if (message.openedAt !== null) counts.opened++
      if (message.clickedAt !== null) counts.clicked++
      if (message.repliedAt !== null) counts.replied++
      if (message.bouncedAt !== null) counts.bounced++
    }
  }
  return { byKind, statuses, bySegment }
}

/** Figures from what the trials themselves hold, each rate with its numerator and denominator. */
export function kpiRoutes({ storage, playbooks }: { storage: Storage; playbooks: Playbooks }): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/kpis',
      id: 'kpis',
      tag,
      summary: 'Trialists by segment and status; mails by kind with their rates',
      role: 'analyst',
      answers: {
        200: {
          description: 'Figures over every trial',
          schema: z.object({
            segments: z.record(z.string(), z.int()),
            statuses: z.object({ trialing: z.int(), ended: z.int(), converted: z.int() }),
            conversion: share.describe('Converted, of those whose trial has ended or who converted.'),
            mails: z.array(kindFigures),
          }),
        },
      },
      async handle({ workspace }) {
        const { byKind, statuses, bySegment } = await mailFigures(storage, workspace.id)
        return ok({
          segments: bySegment,
          statuses,
          conversion: shareOf(statuses.converted, statuses.converted + statuses.ended),
          mails: [...byKind].map(([kind, { sent, failed, unknown, opened, clicked, replied, bounced }]) => ({
            kind,
            sent,
            failed,
            unknown,
            opened: shareOf(opened, sent),
            clicked: shareOf(clicked, sent),
            replied: shareOf(replied, sent),
            bounced: shareOf(bounced, sent),
          })),
        })
      },
    }),
    funnelRoute({ storage, playbooks }),
  ]
}

function funnelRoute({ storage, playbooks }: { storage: Storage; playbooks: Playbooks }): Route {
  return route({
    method: 'get',
    path: '/api/funnel',
    id: 'funnel',
    tag,
    summary: 'From sign-up over each milestone to activation and conversion',
    role: 'analyst',
    answers: {
      200: {
        description: 'Steps, each with how many reached it of all trialists',
        schema: z.object({ steps: z.array(share.extend({ name: z.string() })) }),
      },
    },
    async handle({ workspace }) {
      const { playbook } = playbooks.current(workspace.id)
      const reached = playbook.milestones.map(() => 0)
      let total = 0
      let activated = 0
      let converted = 0
      for await (const trial of everyTrial(storage, workspace.id)) {
        total++
        playbook.milestones.forEach((milestone, index) => {
          if (trial.standing.reachedAt[milestone.name] !== undefined)
            reached[index] = (reached[index] ?? 0) + 1
        })
        if (trial.standing.activatedAt !== null) activated++
        if (trial.clock.status === 'converted') converted++
      }
      const step = (name: string, count: number) => ({ name, ...shareOf(count, total) })
      return ok({
        steps: [
          step('Signed up', total),
          ...playbook.milestones.map((milestone, index) => step(milestone.name, reached[index] ?? 0)),
          step('Activated', activated),
          step('Converted', converted),
        ],
      })
    },
  })
}
