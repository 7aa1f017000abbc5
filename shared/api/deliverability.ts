import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

const recordSchema = z
  .object({
    id: z.string(),
    purpose: z.string(),
    type: z.enum(['TXT', 'MX', 'PTR', 'CNAME']),
    name: z.string(),
    value: z.string().nullable().describe('To be pasted; null if only your provider knows it.'),
    required: z.boolean(),
    state: z
      .enum(['ok', 'warning', 'wrong', 'unknown'])
      .describe('`unknown`: no DNS answer, or nothing this server can check.'),
    found: z.array(z.string()).describe('What the DNS says there.'),
    detail: z.string(),
    fix: z.string().nullable().describe('What to do; on a record that is ok, the next step.'),
  })
  .meta({ id: 'DnsRecord', description: 'A DNS record receivers look at, as needed and as found.' })

export const deliverabilityApi = {
  'GET /api/deliverability': {
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
  },
} satisfies ApiTable
