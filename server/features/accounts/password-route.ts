import { accountsApi } from '../../../shared/api/accounts.ts'
import { type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AccountRouteParts } from './account-route-parts.ts'
import { holdBack, sessionAnswers } from './session-answers.ts'
import { isWeakPassword } from './weak-password.ts'

/** @throws ProblemError when it is one of the first that anyone would guess. */
export async function assertStrong(
  password: string,
  about: readonly string[],
  pointer: string,
): Promise<void> {
  if (await isWeakPassword(password, about))
    throw new ProblemError('invalid-request', {
      detail: 'This password is too common.',
      errors: [{ pointer, detail: 'is too easy to guess' }],
    })
}

/** A session that someone left open is not enough: the password it was begun with is asked for. */
export function passwordRoute(parts: AccountRouteParts): Route {
  const { accounts, auth, audit, brake, endGrants } = parts
  const { begun } = sessionAnswers(parts)
  return route(accountsApi, 'PUT /api/session/password', {
    id: 'changePassword',
    tag: 'Session',
    summary: 'Change your own password; every other session and the Gmail companion are signed out',
    role: 'analyst',
    problems: ['rate-limited', 'not-found'],
    async handle({ workspace, principal, body: { current, next }, ip, raw }) {
      if (principal.kind !== 'session')
        throw new ProblemError('forbidden', { detail: 'Sign in to the dashboard to change your password.' })
      const id = principal.id.slice('account:'.length)
      const account = await accounts.get(id)
      if (!account) throw new ProblemError('not-found', { detail: 'Your account was removed.' })
      holdBack(await brake.take(ip, account.email))
      if (!(await accounts.authenticate(account.email, current)))
        throw new ProblemError('invalid-request', {
          detail: 'Your current password is wrong.',
          errors: [{ pointer: '/current', detail: 'is not your password' }],
        })
      await brake.succeeded(ip, account.email)
      await assertStrong(next, [account.email, account.name], '/next')
      if (!(await accounts.setPassword(id, next)))
        throw new ProblemError('not-found', { detail: 'Your account was removed.' })
      const sessionId = auth.sessionIdOf(raw)
      if (sessionId) await accounts.endSession(sessionId)
      await endGrants(id)
      await audit.write(workspace.id, { by: principal.id, action: 'account.password', subject: id, ip })
      return begun(account, raw)
    },
  })
}
