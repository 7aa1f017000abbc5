import { secondMs } from '../../../shared/clock.ts'
import { ok } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import { type Account, type Accounts, type Session, sessionMs } from './account-service.ts'
import type { Auth } from './auth.ts'

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
    async begun(account: Account) {
      const { sessionId, csrfToken } = await accounts.beginSession(account)
      return ok(shownSession({ account, csrfToken }, workspaceName(account)), {
        'Set-Cookie': cookie(sessionId, sessionMs / secondMs),
      })
    },
    ended: () => ({ status: 204 as const, headers: { 'Set-Cookie': cookie('', 0) } }),
  }
}
