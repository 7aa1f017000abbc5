import { deliverabilityApi } from '../../../shared/api/deliverability.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { Deliverability } from './deliverability.ts'

export function deliverabilityRoutes({
  deliverability,
  mailFrom,
}: {
  deliverability: Deliverability
  mailFrom: string | null
}): Route[] {
  return [
    route(deliverabilityApi, 'GET /api/deliverability', {
      id: 'getDeliverability',
      tag: 'Deliverability',
      summary:
        'Check the DNS records your email needs, most important first; looked up at most once a minute',
      role: 'rep',
      async handle({ workspace }) {
        const report = await deliverability.report(workspace.id)
        return ok({
          from: mailFrom,
          records: report?.records ?? [],
          checkedAt: report ? isoInstant(report.checkedAt) : null,
        })
      },
    }),
  ]
}
