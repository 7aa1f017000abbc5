import { contentApi } from '../../../shared/api/content.ts'
import { languageStates } from '../../../shared/content/languages.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { SendTest } from '../messages/send-test.ts'
import { listVariables } from './content-variables.ts'
import { type ContentParts, type ContentPreview, createPreviewContent } from './preview-content.ts'
import type { ReadyEmail } from './ready-emails.ts'

const tag = 'Content'
/** An email in forty languages, and room for HTML. */
const bodyLimit = 1024 * 1024

interface ContentRouteParts extends ContentParts {
  readonly ready: () => readonly ReadyEmail[]
  readonly sendTest: SendTest
}

const missingTrialist = () => new ProblemError('not-found', { detail: 'There is no such trialist.' })

export function contentRoutes(parts: ContentRouteParts): Route[] {
  const preview = createPreviewContent(parts)
  const write = async (
    ...request: Parameters<typeof preview>
  ): Promise<Extract<ContentPreview, { ok: true }>> => {
    const answer = await preview(...request)
    if (!answer.ok) throw missingTrialist()
    return answer
  }
  return [
    ...readyRoutes(parts),
    route(contentApi, 'POST /api/content/preview', {
      id: 'previewContent',
      tag,
      summary: 'Render content that is not saved, for one person, and say what is wrong with it where',
      role: 'rep',
      bodyLimit,
      problems: ['not-found'],
      async handle({ workspace, body }) {
        const { wished, mail, report, findings } = await write(workspace, body)
        const { subject, preheader, html, text } = mail
        const { locale, notSent, missing } = report
        const blocks = report.blocks.map(({ id, state }) => ({ id, shown: state }))
        return ok({ locale, wished, subject, preheader, html, text, notSent, missing, blocks, findings })
      },
    }),
    route(contentApi, 'POST /api/content/test-send', {
      id: 'testSendContent',
      tag,
      summary: 'Send content that is not saved to a colleague who has an account',
      role: 'rep',
      bodyLimit,
      problems: ['not-found', 'conflict', 'forbidden'],
      async handle(request) {
        const { to, ...body } = request.body
        const mail = async () => {
          const written = await write(request.workspace, body)
          const { notSent } = written.report
          if (notSent !== null)
            throw new ProblemError('conflict', { detail: `This person would not get it: ${notSent}.` })
          return written.mail
        }
        return ok(await parts.sendTest(request, { to, kind: body.rule.kind ?? 'custom', mail }))
      },
    }),
    route(contentApi, 'POST /api/content/variables', {
      id: 'listContentVariables',
      tag,
      summary: 'List what words may name, with this person’s values and how many lack each',
      role: 'rep',
      problems: ['not-found'],
      async handle({ workspace, body }) {
        const variables = await listVariables(workspace, body, parts)
        if (!variables) throw missingTrialist()
        return ok({ variables })
      },
    }),
  ]
}

function readyRoutes({ ready, playbooks }: ContentRouteParts): Route[] {
  return [
    route(contentApi, 'GET /api/content/ready', {
      id: 'listReadyEmails',
      tag,
      summary: 'List the emails we bring',
      role: 'rep',
      handle: async () => ok({ emails: ready().map(({ content: _, ...head }) => head) }),
    }),
    route(contentApi, 'GET /api/content/ready/{id}', {
      id: 'getReadyEmail',
      tag,
      summary: 'Get one of them, in all our languages, to be edited',
      role: 'rep',
      problems: ['not-found'],
      async handle({ params }) {
        const found = ready().find(({ id }) => id === params.id)
        if (!found) throw new ProblemError('not-found', { detail: 'We bring no such email.' })
        return ok(found)
      },
    }),
    route(contentApi, 'GET /api/content/languages', {
      id: 'listContentLanguages',
      tag,
      summary:
        'List in which languages each email of the published playbook speaks, and what is missing or outdated',
      role: 'rep',
      async handle({ workspace }) {
        const { messages } = playbooks.current(workspace.id).playbook
        const ours = new Map(ready().map(({ id, content }) => [id, content]))
        const emails = messages.flatMap(({ id: rule, kind, content }) => {
          const said = content ?? ours.get(kind)
          if (!said) return []
          return [
            { rule, kind, own: content !== undefined, source: said.source, languages: languageStates(said) },
          ]
        })
        return ok({ emails })
      },
    }),
  ]
}
