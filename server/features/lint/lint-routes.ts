import { fixtureNames, lintApi } from '../../../shared/api/lint.ts'
import { type MessageKind, shippedKinds } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'

import type { PlaybookService } from '../playbook/playbook-service.ts'

import type { LintService } from './lint-job.ts'

const tag = 'Mails'

/** Ours, and the team’s own where it has some. */
const kindsIn = (messages: readonly { readonly kind: MessageKind }[]): readonly MessageKind[] =>
  messages.some(({ kind }) => kind === 'custom') ? [...shippedKinds, 'custom'] : shippedKinds

export interface LintRouteParts {
  readonly lint: LintService
  readonly playbooks: PlaybookService
  readonly locales: readonly string[]
}

/** The kinds of email there are, and the check of all of them. */
export function lintRoutes({ lint, playbooks, locales }: LintRouteParts): Route[] {
  return [
    route(lintApi, 'GET /api/templates', {
      id: 'listTemplates',
      tag,
      summary:
        'List the kinds of email with the rules that send them, and the languages and situations to preview them in',
      role: 'rep',
      async handle({ workspace }) {
        const { messages } = playbooks.latest(workspace.id).playbook
        const rulesOf = (kind: MessageKind) =>
          messages
            .filter((rule) => rule.kind === kind)
            .map(({ id, subjects }) => ({ id, subjects, enabled: true }))
        return ok({
          templates: kindsIn(messages).map((kind) => ({ kind, rules: rulesOf(kind) })),
          locales,
          fixtures: fixtureNames,
        })
      },
    }),
    route(lintApi, 'POST /api/lint', {
      id: 'startLint',
      tag,
      summary: 'Check every email in every language and situation; returns the job',
      role: 'rep',
      async handle({ workspace, principal }) {
        const job = await lint.start(workspace.id, principal.actor.name)
        return { status: 202, body: job }
      },
    }),
    route(lintApi, 'GET /api/lint', {
      id: 'getLint',
      tag,
      summary: 'Get the findings of the latest check',
      role: 'rep',
      handle: async ({ workspace }) => ok({ report: await lint.report(workspace.id) }),
    }),
  ]
}
