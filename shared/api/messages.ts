import * as z from 'zod'
import { messageKinds } from '../trial.ts'
import type { ApiTable } from './endpoint.ts'
import { findingSchema, fixtureNames, spamCheckSchema } from './lint.ts'

const idParams = z.strictObject({ id: z.string().min(1).max(100) })

const at = z.iso.datetime()

const storedMail = z
  .object({
    id: z.string(),
    kind: z.enum(messageKinds),
    subject: z.string(),
    html: z.string(),
    text: z.string(),
    links: z.array(z.string()),
    at,
  })
  .meta({ id: 'StoredMail', description: 'An email as it was handed over.' })

const kindParams = z.strictObject({ kind: z.enum(messageKinds) })

export const previewBody = z.strictObject({
  userId: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('As this trialist would get it; else with sample facts.'),
  locale: z.string().min(2).max(35).optional(),
  fixture: z.enum(fixtureNames).optional().describe('Situation of the sample facts; not with `userId`.'),
  rule: z.string().min(1).max(60).optional().describe('A rule of this kind; else its first.'),
  variant: z.int().min(0).max(20).optional().describe('Index into the subjects of the rule.'),
})

const rendered = z.object({ subject: z.string(), preheader: z.string(), html: z.string(), text: z.string() })

const previewed = rendered.extend({ findings: z.array(findingSchema), spam: spamCheckSchema })

export const messagesApi = {
  'GET /api/messages/{id}': {
    params: idParams,
    answers: { 200: { description: 'The email', schema: storedMail } },
  },
  'GET /api/messages/{id}/html': {
    params: idParams,
    answers: { 200: { description: 'HTML', mediaType: 'text/html' } },
  },
  'POST /api/templates/{kind}/preview': {
    params: kindParams,
    body: previewBody.extend({
      spam: z.boolean().optional().describe('Ask SpamAssassin as well; takes a moment.'),
    }),
    answers: { 200: { description: 'The email and what the checks say of it', schema: previewed } },
  },
  'GET /api/templates/{kind}/html': {
    params: kindParams,
    query: previewBody.extend({ variant: z.coerce.number().int().min(0).max(20).optional() }),
    answers: { 200: { description: 'HTML', mediaType: 'text/html' } },
  },
  'POST /api/templates/{kind}/test-send': {
    params: kindParams,
    body: previewBody.extend({ to: z.email().max(254) }),
    answers: {
      200: {
        description: 'What the mail server said',
        schema: z.object({ state: z.string(), answer: z.string().nullable() }),
      },
    },
  },
} satisfies ApiTable
