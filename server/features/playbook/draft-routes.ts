import { playbookApi } from '../../../shared/api/playbook.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { PlaybookDrafts } from './drafts.ts'
import { playbookLimit } from './playbook-limit.ts'

const tag = 'Playbook'

/** Each person's draft of the playbook. */
export function draftRoutes(drafts: PlaybookDrafts): Route[] {
  return [
    route(playbookApi, 'GET /api/playbook/draft', {
      id: 'getPlaybookDraft',
      tag,
      summary: 'Get your draft of the playbook',
      role: 'rep',
      handle: async ({ workspace, principal }) => ok({ draft: await drafts.get(workspace.id, principal.id) }),
    }),
    route(playbookApi, 'PUT /api/playbook/draft', {
      id: 'savePlaybookDraft',
      tag,
      summary: 'Save your draft; nothing changes for anyone until it is published',
      role: 'rep',
      bodyLimit: playbookLimit,
      problems: ['conflict'],
      async handle({ workspace, principal, body }) {
        const saved = await drafts.save(workspace.id, principal.id, body)
        if (saved) return ok(saved)
        const current = await drafts.get(workspace.id, principal.id)
        throw new ProblemError('conflict', {
          detail: 'Your draft was changed in another window.',
          currentVersion: current?.revision ?? 0,
        })
      },
    }),
    route(playbookApi, 'DELETE /api/playbook/draft', {
      id: 'discardPlaybookDraft',
      tag,
      summary: 'Throw your draft away',
      role: 'rep',
      async handle({ workspace, principal }) {
        await drafts.discard(workspace.id, principal.id)
        return { status: 204 }
      },
    }),
  ]
}
