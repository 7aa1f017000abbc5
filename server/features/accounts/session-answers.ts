import type { Request } from 'express'
import { secondMs } from '../../../shared/clock.ts'
import { ok } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Account } from './account.ts'
import type { Accounts } from './account-service.ts'
import { type Session, sessionMs } from './account-sessions.ts'
import type { Auth } from './auth.ts'
import { deviceOf } from './device-of.ts'

export const shownAccount = ({ id, name, email, role }: Account) => ({ id, name, email, role })

export const shownSession = ({ account, csrfToken }: Session, workspaceName: string) => ({
  account: shownAccount(account),
  workspace: { id: account.workspaceId, name: workspaceName },
  csrfToken,
})

/** @throws ProblemError when there is something to wait for. */
export function holdBack(waitSeconds: number): void {
  if (waitSeconds > 0)
    throw new ProblemError(
      'rate-limited',
      { detail: 'Too many attempts; wait a while.' },
      { 'Retry-After': String(waitSeconds) },
    )
}

/** For what works without a session. @throws ProblemError when a page of another site sends it. */
export function assertOwnPage(request: Request): void {
  const site = request.get('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ProblemError('forbidden', { detail: 'Sign in on the dashboard itself.' })
}

/** Answers that set the session cookie, or take it away. */
export function sessionAnswers({
  accounts,
  auth,
  workspaceName,
}: {
  accounts: Pick<Accounts, 'beginSession'>
  auth: Pick<Auth, 'cookie'>
  workspaceName: (account: Account) => string
}) {
  const cookie = (value: string, maxAge: number) => {
    const { name, options } = auth.cookie
    return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${options.secure ? '; Secure' : ''}`
  }
  return {
    async begun(account: Account, request: Request) {
      const device = deviceOf(request.get('user-agent'))
      const { sessionId, csrfToken } = await accounts.beginSession(account, device)
      return ok(shownSession({ account, csrfToken }, workspaceName(account)), {
        'Set-Cookie': cookie(sessionId, sessionMs / secondMs),
      })
    },
    ended: () => ({ status: 204 as const, headers: { 'Set-Cookie': cookie('', 0) } }),
  }
}
