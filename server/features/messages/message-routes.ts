import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { messageKinds } from '../../../shared/trial.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Mailer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { linkTokenPattern } from './link-token.ts'
import type { PreviewMail } from './preview-mail.ts'
import { type MailAddresses, mailKind, type StoredMail } from './write-mail.ts'

const tag = 'Mails'
const at = z.iso.datetime()
const kindParams = z.strictObject({ kind: z.enum(messageKinds) })
const idParams = z.strictObject({ id: z.string().min(1).max(100) })

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
  .meta({ id: 'StoredMail', description: 'A mail as it was handed over.' })

const previewBody = z.strictObject({
  userId: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('As this trialist would get it; else with sample facts.'),
  locale: z.string().min(2).max(35).optional(),
})
const rendered = z.object({ subject: z.string(), preheader: z.string(), html: z.string(), text: z.string() })

/** Mail is shown in a frame of its own: no script, no form, nothing of the dashboard in reach. */
const framePolicy =
  "sandbox; default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; frame-ancestors 'self'"
const frameHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': framePolicy,
  'X-Frame-Options': 'SAMEORIGIN',
}

export interface MessageRouteParts {
  readonly storage: Storage
  readonly accounts: Accounts
  readonly audit: AuditLog
  readonly mailer: Mailer
  readonly preview: PreviewMail
  readonly addresses: MailAddresses
  readonly now: () => number
  readonly uuid: () => string
}

export function messageRoutes(parts: MessageRouteParts): Route[] {
  const { storage, preview } = parts

  /** What belongs to another workspace does not exist. */
  async function find({
    workspace,
    params: { id },
  }: RouteRequest<{ id: string }, unknown, unknown>): Promise<StoredMail> {
    const found = linkTokenPattern.test(id) ? await storage.documents.get<StoredMail>(mailKind, id) : null
    if (!found?.body.trialId.startsWith(`${workspace.id}:`))
      throw new ProblemError('not-found', { detail: 'There is no such mail.' })
    return found.body
  }

  const render = async (
    request: RouteRequest<{ kind: (typeof messageKinds)[number] }, unknown, z.output<typeof previewBody>>,
  ) => {
    const answer = await preview(request.workspace, request.params.kind, request.body)
    if (!answer.ok)
      throw new ProblemError('conflict', { detail: `The mail cannot be written: ${answer.why}.` })
    const { subject, preheader, html, text } = answer.mail
    return { subject, preheader, html, text }
  }

  return [
    route({
      method: 'get',
      path: '/api/messages/{id}',
      id: 'getMessage',
      tag,
      summary: 'A mail by its token, as it was handed over',
      role: 'rep',
      params: idParams,
      answers: { 200: { description: 'The mail', schema: storedMail } },
      problems: ['not-found'],
      async handle(request) {
        const { kind, subject, html, text, links, at: writtenAt } = await find(request)
        return ok({ id: request.params.id, kind, subject, html, text, links, at: isoInstant(writtenAt) })
      },
    }),
    route({
      method: 'get',
      path: '/api/messages/{id}/html',
      id: 'getMessageHtml',
      tag,
      summary: 'Its HTML alone, for a sandboxed frame',
      role: 'rep',
      params: idParams,
      answers: { 200: { description: 'HTML', mediaType: 'text/html' } },
      problems: ['not-found'],
      handle: async (request) => ok((await find(request)).html, frameHeaders),
    }),
    route({
      method: 'post',
      path: '/api/templates/{kind}/preview',
      id: 'previewTemplate',
      tag,
      summary: 'Write a mail without sending it',
      role: 'rep',
      params: kindParams,
      body: previewBody,
      answers: { 200: { description: 'The mail', schema: rendered } },
      problems: ['not-found', 'conflict'],
      handle: async (request) => ok(await render(request)),
    }),
    testSendRoute(parts, render),
  ]
}

type Render = (
  request: RouteRequest<{ kind: (typeof messageKinds)[number] }, unknown, z.output<typeof previewBody>>,
) => Promise<z.output<typeof rendered>>

/** Only to colleagues, so that a stolen key cannot write to the world in our name. */
function testSendRoute(
  { accounts, audit, mailer, addresses, now, uuid }: MessageRouteParts,
  render: Render,
): Route {
  return route({
    method: 'post',
    path: '/api/templates/{kind}/test-send',
    id: 'testSendTemplate',
    tag,
    summary: 'Send a mail as a test to a colleague who has an account',
    role: 'rep',
    params: kindParams,
    body: previewBody.extend({ to: z.email().max(254) }),
    answers: {
      200: {
        description: 'What the mail server said',
        schema: z.object({ state: z.string(), answer: z.string().nullable() }),
      },
    },
    problems: ['not-found', 'conflict', 'forbidden'],
    async handle(request) {
      const { to, ...options } = request.body
      const account = await accounts.byEmail(to)
      if (account?.workspaceId !== request.workspace.id)
        throw new ProblemError('forbidden', { detail: 'Tests go to people with an account only.' })
      const { subject, html, text } = await render({
        ...request,
        body: options,
        workspace: request.workspace,
      })
      const from = /<([^<>]+)>\s*$/.exec(addresses.mailFrom)?.[1] ?? addresses.mailFrom
      const result = await mailer.send(
        {
          to: { address: account.email, name: account.name },
          from: { address: from, name: request.workspace.name },
          replyTo: { address: from, name: request.workspace.name },
          envelopeFrom: from,
          messageId: `test-${uuid()}@${addresses.mailDomain}`,
          subject: `[Test] ${subject}`,
          html,
          text,
          headers: { 'Auto-Submitted': 'auto-generated' },
          listId: { host: `test.${addresses.mailDomain}`, comment: 'Trialpace test mail' },
          unsubscribe: null,
          date: new Date(now()),
        },
        async () => true,
      )
      await audit.write(request.workspace.id, {
        by: request.principal.id,
        action: 'template.testSend',
        after: { kind: request.params.kind },
        ip: request.ip,
      })
      return ok({ state: result.state, answer: 'answer' in result ? result.answer : null })
    },
  })
}
