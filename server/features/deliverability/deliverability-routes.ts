import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { Deliverability } from './deliverability.ts'

const recordSchema = z
  .object({
    id: z.string(),
    purpose: z.string(),
    type: z.enum(['TXT', 'MX', 'PTR', 'CNAME']),
    name: z.string(),
    value: z.string().nullable().describe('To be pasted; null where only somebody else can know it.'),
    required: z.boolean(),
    state: z
      .enum(['ok', 'warning', 'wrong', 'unknown'])
      .describe('`unknown`: no DNS answer, or nothing this server can check.'),
    found: z.array(z.string()).describe('What the DNS says there.'),
    detail: z.string(),
    fix: z.string().nullable().describe('What to do; on a record that is ok, the next step.'),
  })
  .meta({ id: 'DnsRecord', description: 'A DNS record receivers look at, as needed and as found.' })

export function deliverabilityRoutes({
  deliverability,
  mailFrom,
}: {
  deliverability: Deliverability
  mailFrom: string | null
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/deliverability',
      id: 'getDeliverability',
      tag: 'Deliverability',
      summary:
        'DNS records mail needs to reach the inbox, the most important first; asked at most once a minute',
      role: 'rep',
      answers: {
        200: {
          description: 'Records; none when MAIL_FROM is not set',
          schema: z.object({
            from: z.string().nullable(),
            records: z.array(recordSchema),
            checkedAt: z.iso.datetime().nullable(),
          }),
        },
      },
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
