import * as z from 'zod'
import { productKinds } from '../starting-points.ts'
import { isTimeZone } from '../time-zone.ts'
import { newPassword, sessionSchema } from './accounts.ts'
import type { ApiTable } from './endpoint.ts'

const line = z.string().trim().min(1).max(200)
const webUrl = z.url({ protocol: /^https?$/ }).max(500)

export const setupApi = {
  'GET /api/setup': {
    answers: {
      200: {
        description: 'Whether this server still waits for its first account',
        schema: z.object({ needed: z.boolean() }),
      },
    },
  },
  'POST /api/setup': {
    body: z.strictObject({
      token: z.string().min(1).max(100).describe('Printed on the console of the server, valid once.'),
      account: z.strictObject({
        name: z.string().trim().min(1).max(100),
        email: z.email().max(254),
        password: newPassword,
      }),
      kind: z.enum(productKinds).describe('Which starting playbook.'),
      product: z.strictObject({
        name: z.string().trim().min(1).max(100),
        url: webUrl,
        upgradeUrl: webUrl.optional().describe('Where plans are chosen; default: the product’s address.'),
        postalAddress: line,
        timeZone: z.string().max(64).refine(isTimeZone, 'must be an IANA zone such as Europe/Berlin'),
      }),
      sender: z.strictObject({
        name: z.string().trim().min(1).max(100),
        address: z.email().max(254).optional().describe('MAIL_FROM when absent.'),
        rep: z.string().trim().min(1).max(100).describe('Whom personal emails come from.'),
      }),
      trialDays: z.int().min(1).max(365).nullable().describe('null: a free plan without an end.'),
      events: z.array(z.string().trim().max(100)).max(10).default([]),
    }),
    answers: { 200: { description: 'Signed in as the owner', schema: sessionSchema } },
  },
} satisfies ApiTable
