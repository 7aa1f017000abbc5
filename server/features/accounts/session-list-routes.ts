import { accountsApi } from '../../../shared/api/accounts.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Principal, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AccountRouteParts } from './account-route-parts.ts'

function accountIdOf({ kind, id }: Principal): string {
  if (kind !== 'session')
    throw new ProblemError('forbidden', { detail: 'Sign in to the dashboard to do that.' })
  return id.slice('account:'.length)
}

/** Where else one is signed in, and the way to end that. */
export const sessionListRoutes = ({ accounts, auth, audit }: AccountRouteParts): Route[] => [
  route(accountsApi, 'GET /api/sessions', {
    id: 'listSessions',
    tag: 'Session',
    summary: 'List your own sessions, last used first',
    role: 'analyst',
    async handle({ principal, raw }) {
      const sessions = await accounts.sessions(accountIdOf(principal), auth.sessionIdOf(raw))
      return ok({
        sessions: sessions.map(({ createdAt, seenAt, ...rest }) => ({
          ...rest,
          createdAt: isoInstant(createdAt),
          seenAt: isoInstant(seenAt),
        })),
      })
    },
  }),
  route(accountsApi, 'DELETE /api/sessions', {
    id: 'endOtherSessions',
    tag: 'Session',
    summary: 'End all of your sessions but the one that asks',
    role: 'analyst',
    async handle({ principal, workspace, raw, ip }) {
      const ended = await accounts.endOtherSessions(accountIdOf(principal), auth.sessionIdOf(raw))
      if (ended > 0)
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'session.endOthers',
          after: { ended },
          ip,
        })
      return ok({ ended })
    },
  }),
  route(accountsApi, 'DELETE /api/sessions/{id}', {
    id: 'endSession',
    tag: 'Session',
    summary: 'End one of your sessions at once',
    role: 'analyst',
    problems: ['not-found'],
    async handle({ principal, workspace, params, ip }) {
      if (!(await accounts.endSessionById(accountIdOf(principal), params.id)))
        throw new ProblemError('not-found', { detail: 'There is no such session.' })
      await audit.write(workspace.id, { by: principal.id, action: 'session.end', ip })
      return { status: 204 }
    },
  }),
]
