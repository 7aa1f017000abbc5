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

const sendingSchema = z
  .object({
    state: z.enum(['ok', 'deferred']),
    trouble: z
      .object({
        cause: z.enum(['account', 'refused', 'unreachable']),
        since: at,
        lastAt: at,
        detail: z.string(),
        todo: z.string(),
        stage: z.string().describe('How far the SMTP dialogue came.'),
        answer: z.string().describe('Of the mail server, without addresses.'),
      })
      .nullable(),
  })
  .meta({ id: 'Sending' })

const blockedSchema = z
  .object({
    userId: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    key: z.string(),
    kind: z.enum(messageKinds),
    ruleId: z.string(),
    why: z.string(),
    at,
    usefulUntil: at,
  })
  .meta({ id: 'BlockedEmail' })

export const messagesApi = {
  'GET /api/sending': { answers: { 200: { description: 'The state of sending', schema: sendingSchema } } },
  'GET /api/blocked-emails': {
    answers: {
      200: { description: 'The first 200', schema: z.object({ emails: z.array(blockedSchema) }) },
    },
  },
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
