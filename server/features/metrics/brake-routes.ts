import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Measures } from './measures.ts'
import type { MailBrake } from './sending-brake.ts'
import type { SubjectTests } from './subject-tests.ts'

const tag = 'Figures'

const brakeSchema = z
  .object({
    paused: z.boolean(),
    pausedAt: z.iso.datetime().nullable(),
    pausedWhy: z.string().nullable(),
    verdict: z.enum(['ok', 'warn', 'stop']),
    why: z.string(),
    handed: z.int(),
    complaints: z.int(),
    hardBounces: z.int(),
  })
  .meta({ id: 'MailBrake', description: 'Over the last 28 days.' })

const testSchema = z
  .object({
    ruleId: z.string(),
    kind: z.string(),
    subjects: z.array(z.string()),
    since: z.iso.date(),
    metric: z.enum(['conversion', 'verified_click']),
    arms: z.array(
      z.object({
        variant: z.int(),
        sent: z.int(),
        conversions: z.int(),
        objections: z.int(),
        share: z.number().nullable(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
        probabilityBest: z.number(),
        weight: z.number(),
        stopped: z.string().nullable(),
      }),
    ),
    winner: z.int().nullable(),
    words: z.string(),
  })
  .meta({ id: 'SubjectTest' })

/** The brake on trial mails, and the tests of subjects. */
export function brakeRoutes({
  brake,
  subjectTests,
  measures,
  audit,
}: {
  brake: MailBrake
  subjectTests: SubjectTests
  measures: Measures
  audit: AuditLog
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/brake',
      id: 'getBrake',
      tag,
      summary: 'Whether trial mails are paused for complaints or bounces, and how close they are to it',
      role: 'analyst',
      answers: { 200: { description: 'The brake', schema: brakeSchema } },
      async handle({ workspace }) {
        await measures.fold()
        await brake.check(workspace.id)
        const state = await brake.read(workspace.id)
        return ok({ ...state, pausedAt: state.pausedAt === null ? null : isoInstant(state.pausedAt) })
      },
    }),
    route({
      method: 'post',
      path: '/api/brake/resume',
      id: 'resumeMails',
      tag,
      summary: 'Lets trial mails go again; what was sent until today no longer counts',
      role: 'admin',
      answers: {
        200: { description: 'Whether they were paused', schema: z.object({ resumed: z.boolean() }) },
      },
      async handle({ workspace, principal, ip }) {
        const resumed = await brake.resume(workspace.id)
        if (resumed) await audit.write(workspace.id, { by: principal.id, action: 'mails.resume', ip })
        return ok({ resumed })
      },
    }),
    route({
      method: 'get',
      path: '/api/subject-tests',
      id: 'listSubjectTests',
      tag,
      summary: 'Tests of subjects: what each brings, how likely it is the best, and how long it still takes',
      role: 'analyst',
      answers: {
        200: { description: 'Tests that run', schema: z.object({ tests: z.array(testSchema) }) },
      },
      async handle({ workspace }) {
        await measures.fold()
        return ok({ tests: await subjectTests.list(workspace.id) })
      },
    }),
  ]
}
