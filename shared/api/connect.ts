import * as z from 'zod'
import { identityFaults } from '../identity-check.ts'
import type { ApiTable } from './endpoint.ts'

export const connectApi = {
  'GET /api/connect': {
    answers: {
      200: {
        description: 'How far the product is connected',
        schema: z.object({
          lastEventAt: z.iso.datetime().nullable(),
          identified: z.boolean().describe('An event of a named user has arrived.'),
          identity: z
            .object({ signed: z.boolean(), fault: z.enum(identityFaults).nullable() })
            .nullable()
            .describe('The last identify call of a browser; null before the first.'),
          addressed: z.boolean().describe('Your server has sent the email address of someone.'),
          milestone: z.boolean().describe('Someone has reached a milestone.'),
          testSent: z.boolean(),
          unknownProxy: z.boolean().describe('Requests come through a proxy that TRUST_PROXY does not name.'),
        }),
      },
    },
  },
} satisfies ApiTable
