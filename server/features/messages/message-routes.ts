import type * as z from 'zod'
import { messagesApi, type previewBody } from '../../../shared/api/messages.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { messageKinds } from '../../../shared/trial.ts'
import { linkTokenPattern } from '../../domain/messages/link-token.ts'
import { isForgotten } from '../../domain/metrics/forgetting.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { forFrame, frameHeaders } from '../../http/mail-frame.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Storage } from '../../storage/port.ts'
import type { CheckSpam, SpamVerdict } from '../lint/spam-check.ts'
import type { Preview, PreviewMail } from './preview-mail.ts'
import type { SendTest } from './send-test.ts'
import type { StoredMail } from './write-mail.ts'

const tag = 'Mails'
type PreviewBody = z.output<typeof previewBody>

export interface MessageRouteParts {
  readonly storage: Storage
  readonly preview: PreviewMail
  readonly checkSpam: CheckSpam
  readonly sendTest: SendTest
}

export function messageRoutes(parts: MessageRouteParts): Route[] {
  const { storage, preview, checkSpam } = parts

  /** What belongs to another workspace does not exist. */
  async function find({
    workspace,
    params: { id },
  }: RouteRequest<{ id: string }, unknown, unknown>): Promise<StoredMail> {
    const found = linkTokenPattern.test(id) ? await storage.documents.get('mail', id) : null
    if (!found?.body.trialId.startsWith(`${workspace.id}:`) || isForgotten(found.body))
      throw new ProblemError('not-found', { detail: 'There is no such email.' })
    return found.body
  }

  const write: Write = async ({ workspace, params: { kind }, body }) => {
    if (body.userId !== undefined && body.fixture !== undefined)
      throw new ProblemError('invalid-request', {
        detail: 'The body has 1 fault(s).',
        errors: [{ pointer: '/fixture', detail: 'Give either userId or fixture, not both.' }],
      })
    const answer = await preview(workspace, kind, body)
    if (!answer.ok) throw problemOf(answer)
    return answer
  }

  return [
    route(messagesApi, 'GET /api/messages/{id}', {
      id: 'getMessage',
      tag,
      summary: 'Get an email by its token, exactly as sent',
      role: 'rep',
      problems: ['not-found'],
      async handle(request) {
        const { kind, subject, html, text, links, at: writtenAt } = await find(request)
        return ok({ id: request.params.id, kind, subject, html, text, links, at: isoInstant(writtenAt) })
      },
    }),
    route(messagesApi, 'GET /api/messages/{id}/html', {
      id: 'getMessageHtml',
      tag,
      summary: 'Get only its HTML, for a sandboxed frame',
      role: 'rep',
      problems: ['not-found'],
      handle: async (request) => ok(forFrame((await find(request)).html), frameHeaders),
    }),
    route(messagesApi, 'POST /api/templates/{kind}/preview', {
      id: 'previewTemplate',
      tag,
      summary: 'Render an email without sending it',
      role: 'rep',
      problems: ['not-found', 'conflict'],
      async handle(request) {
        const { mail, checked, findings } = await write(request)
        const { subject, preheader, html, text } = mail
        const spam = request.body.spam ? shown(await checkSpam(checked)) : ({ state: 'not_asked' } as const)
        return ok({ subject, preheader, html, text, findings, spam })
      },
    }),
    previewHtmlRoute(write),
    testSendRoute(parts, write),
  ]
}

function problemOf(refused: Extract<Preview, { ok: false }>): ProblemError {
  switch (refused.reason) {
    case 'unwritable':
      return new ProblemError('conflict', { detail: `The email cannot be rendered: ${refused.why}.` })
    case 'unknown':
      return new ProblemError('not-found', { detail: refused.why })
    case 'no_such_variant': {
      const detail = `The rule has ${refused.subjects} subject(s), counted from 0.`
      return new ProblemError('invalid-request', {
        detail: 'The body has 1 fault(s).',
        errors: [{ pointer: '/variant', detail }],
      })
    }
  }
}

const previewHtmlRoute = (write: Write): Route =>
  route(messagesApi, 'GET /api/templates/{kind}/html', {
    id: 'previewTemplateHtml',
    tag,
    summary: 'Get only the HTML of such a preview, for a sandboxed frame',
    role: 'rep',
    problems: ['not-found', 'conflict'],
    async handle({ workspace, params, query }) {
      const { mail } = await write({ workspace, params, body: query })
      return ok(forFrame(mail.html), frameHeaders)
    },
  })

/** Why a daemon cannot be reached is for the log of the server, not for its visitors. */
const shown = (verdict: SpamVerdict) =>
  verdict.state === 'unreachable' ? ({ state: verdict.state } as const) : verdict

type Write = (
  request: Pick<
    RouteRequest<{ kind: (typeof messageKinds)[number] }, unknown, PreviewBody>,
    'workspace' | 'params' | 'body'
  >,
) => Promise<Extract<Preview, { ok: true }>>

function testSendRoute({ sendTest }: MessageRouteParts, write: Write): Route {
  return route(messagesApi, 'POST /api/templates/{kind}/test-send', {
    id: 'testSendTemplate',
    tag,
    summary: 'Send a test email to a colleague who has an account',
    role: 'rep',
    problems: ['not-found', 'conflict', 'forbidden'],
    async handle(request) {
      const { to, ...options } = request.body
      const { workspace, params } = request
      const mail = async () => (await write({ workspace, params, body: options })).mail
      return ok(await sendTest(request, { to, kind: params.kind, mail }))
    },
  })
}
