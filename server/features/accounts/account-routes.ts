import { accountsApi } from '../../../shared/api/accounts.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Account } from './account.ts'
import type { AccountRouteParts } from './account-route-parts.ts'
import { passwordResetRoutes } from './password-reset-routes.ts'
import { assertStrong, passwordRoute } from './password-route.ts'
import { assertOwnPage, holdBack, sessionAnswers, shownAccount, shownSession } from './session-answers.ts'
import { sessionListRoutes } from './session-list-routes.ts'

const tag = 'Session'

const listed = (account: Account) => ({
  ...shownAccount(account),
  createdAt: new Date(account.createdAt).toISOString(),
})

export function accountRoutes(parts: AccountRouteParts): Route[] {
  return [
    ...sessionRoutes(parts),
    ...sessionListRoutes(parts),
    passwordRoute(parts),
    ...passwordResetRoutes(parts),
    ...managementRoutes(parts),
  ]
}

function sessionRoutes(parts: AccountRouteParts): Route[] {
  const { accounts, auth, audit, brake, refused, assertPrivate, workspaceName } = parts
  const { begun, ended } = sessionAnswers(parts)
  return [
    route(accountsApi, 'POST /api/session', {
      id: 'signIn',
      tag,
      summary: 'Sign in to the dashboard; sets the session cookie',
      role: 'none',
      problems: ['unauthorized', 'forbidden', 'rate-limited'],
      async handle({ body, ip, raw }) {
        assertOwnPage(raw)
        holdBack(await brake.take(ip, parseEmailAddress(body.email) ?? ''))
        assertPrivate(raw)
        const account = await accounts.authenticate(body.email, body.password)
        if (!account) {
          await refused.signIn(body.email, ip)
          throw new ProblemError('unauthorized', { detail: 'Email address or password is wrong.' })
        }
        const before = auth.sessionIdOf(raw)
        if (before) await accounts.endSession(before)
        await brake.succeeded(ip, account.email)
        await audit.write(account.workspaceId, { by: `account:${account.id}`, action: 'session.begin', ip })
        return begun(account, raw)
      },
    }),
    route(accountsApi, 'GET /api/session', {
      id: 'getSession',
      tag,
      summary: 'Get the signed-in account',
      role: 'none',
      async handle({ raw }) {
        const sessionId = auth.sessionIdOf(raw)
        const found = sessionId ? await accounts.session(sessionId) : null
        return ok({ session: found && shownSession(found, workspaceName(found.account)) })
      },
    }),
    route(accountsApi, 'DELETE /api/session', {
      id: 'signOut',
      tag,
      summary: 'Sign out',
      role: 'analyst',
      async handle({ raw, workspace, principal, ip }) {
        const sessionId = auth.sessionIdOf(raw)
        if (sessionId) await accounts.endSession(sessionId)
        await audit.write(workspace.id, { by: principal.id, action: 'session.end', ip })
        return ended()
      },
    }),
  ]
}

/** For owners only: a secret key, which is an admin, must not make people who outlive it. */
function managementRoutes({ accounts, audit, endGrants }: AccountRouteParts): Route[] {
  return [
    route(accountsApi, 'GET /api/accounts', {
      id: 'listAccounts',
      tag,
      summary: 'List the accounts that can sign in',
      role: 'owner',
      async handle({ workspace }) {
        return ok({ accounts: (await accounts.list(workspace.id)).map(listed) })
      },
    }),
    route(accountsApi, 'POST /api/accounts', {
      id: 'createAccount',
      tag,
      summary: 'Add a colleague',
      role: 'owner',
      problems: ['conflict'],
      async handle({ workspace, principal, body, ip }) {
        if (await accounts.byEmail(body.email))
          throw new ProblemError('conflict', { detail: 'This address already has an account.' })
        await assertStrong(body.password, [body.email, body.name], '/password')
        const account = await accounts.ensure({ ...body, workspaceId: workspace.id })
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'account.create',
          subject: account.id,
          after: { role: account.role },
          ip,
        })
        return { status: 201, body: listed(account) }
      },
    }),
    route(accountsApi, 'PUT /api/accounts/{id}', {
      id: 'updateAccount',
      tag,
      summary: 'Change someone’s role; takes effect at once',
      role: 'owner',
      problems: ['not-found', 'conflict'],
      async handle({ workspace, principal, params, body, ip }) {
        // Anyone who asks stays an owner, so there is always one.
        if (principal.id === `account:${params.id}`)
          throw new ProblemError('conflict', {
            detail: 'You cannot change your own role; another owner can.',
          })
        const changed = await accounts.setRole(workspace.id, params.id, body.role)
        if (!changed) throw new ProblemError('not-found', { detail: 'There is no such account.' })
        const { before, after } = changed
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'account.update',
          subject: params.id,
          before: { role: before.role },
          after: { role: after.role },
          ip,
        })
        return ok(listed(after))
      },
    }),
    route(accountsApi, 'DELETE /api/accounts/{id}', {
      id: 'removeAccount',
      tag,
      summary: 'Remove an account; its sessions end at once',
      role: 'owner',
      problems: ['not-found', 'conflict'],
      async handle({ workspace, principal, params, ip }) {
        if (principal.id === `account:${params.id}`)
          throw new ProblemError('conflict', { detail: 'You cannot remove yourself.' })
        if (!(await accounts.remove(workspace.id, params.id)))
          throw new ProblemError('not-found', { detail: 'There is no such account.' })
        // Added again, the person has the same id: what they granted before must not come back with it.
        await endGrants(params.id)
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'account.remove',
          subject: params.id,
          ip,
        })
        return { status: 204 }
      },
    }),
  ]
}
