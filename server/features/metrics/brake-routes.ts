import { metricsApi } from '../../../shared/api/metrics.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { MailBrake } from './sending-brake.ts'
import type { SubjectTests } from './subject-tests.ts'

const tag = 'Figures'

/** The brake on trial emails, and the tests of subjects. */
export function brakeRoutes({
  brake,
  subjectTests,
  upToDate,
  audit,
}: {
  brake: MailBrake
  subjectTests: SubjectTests
  upToDate: () => Promise<void>
  audit: AuditLog
}): Route[] {
  return [
    route(metricsApi, 'GET /api/brake', {
      id: 'getBrake',
      tag,
      summary:
        'Get whether trial emails are paused for complaints or bounces, and how close they are to the limits',
      role: 'analyst',
      async handle({ workspace }) {
        await upToDate()
        const state = await brake.read(workspace.id)
        return ok({ ...state, pausedAt: state.pausedAt === null ? null : isoInstant(state.pausedAt) })
      },
    }),
    route(metricsApi, 'POST /api/brake/resume', {
      id: 'resumeMails',
      tag,
      summary: 'Resume trial emails; what was sent until today no longer counts',
      role: 'admin',
      async handle({ workspace, principal, ip }) {
        const resumed = await brake.resume(workspace.id)
        if (resumed) await audit.write(workspace.id, { by: principal.id, action: 'mails.resume', ip })
        return ok({ resumed })
      },
    }),
    route(metricsApi, 'GET /api/subject-tests', {
      id: 'listSubjectTests',
      tag,
      summary: 'List subject line tests: results, probability of being best, and time still needed',
      role: 'analyst',
      async handle({ workspace }) {
        await upToDate()
        return ok({ tests: await subjectTests.list(workspace.id) })
      },
    }),
  ]
}
