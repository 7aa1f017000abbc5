import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

/** What a received email turned out to be. */
export const inboundKinds = [
  'hard_bounce',
  'soft_bounce',
  'policy_bounce',
  'other_bounce',
  'delayed',
  'complaint',
  'not_spam',
  'unsubscribe',
  'reply',
  'auto_reply',
  'report',
  'unknown',
] as const

const address = z.string().max(320)

export const inboundApi = {
  'POST /api/inbound': {
    query: z.strictObject({
      from: address
        .optional()
        .describe('Envelope sender; empty for the null sender. Absent: the headers have to say.'),
      to: z
        .union([address, z.array(address).max(20)])
        .optional()
        .describe('Envelope recipient; may be given several times. Absent: the headers have to say.'),
    }),
    body: z.instanceof(Uint8Array).refine((raw) => raw.length > 0, 'must be the whole mail, headers first'),
    answers: {
      200: {
        description: 'Taken in, or had been before',
        schema: z.object({
          kind: z.enum(inboundKinds),
          token: z.string().nullable().describe('The mail it is about; null: none of yours.'),
          detail: z.string(),
          repeated: z.boolean().describe('It had been received before, and nothing was done again.'),
        }),
      },
    },
  },
} satisfies ApiTable
