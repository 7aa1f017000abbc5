import { parseCookie } from 'cookie'
import type { CookieOptions, Request } from 'express'
import { isAtLeast, type Role } from '../../../shared/roles.ts'
import type { KeyScope } from '../../../shared/trust.ts'
import type { Principal, Route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import { sameSecret } from '../../http/same-secret.ts'
import type { OauthGrants } from '../companion/oauth-grants.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import type { Accounts } from './account-service.ts'

/** The route that is asked for. */
type Asked = Pick<Route, 'role' | 'method' | 'path'>

/** What a grant of the Gmail companion opens, as its consent page says. */
const companionPaths = '/api/ext/v1/'

const scopeAllows: Readonly<Record<KeyScope, (route: Asked) => boolean>> = {
  full: () => true,
  events: () => false,
  read: ({ method }) => method === 'get',
  inbound: ({ path }) => path === '/api/inbound',
}

export interface Auth {
  /** @throws ProblemError unauthorized or forbidden */
  principalOf(request: Request, route: Asked): Promise<Principal>
  sessionIdOf(request: Request): string | null
  /** `__Host-` needs https; plain http is only offered to loopback and tests. */
  readonly cookie: { name: string; options: CookieOptions }
}

const unsafeMethods = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** A page of another site can make the browser send the cookie, but neither these headers nor the token. */
function assertSameSite(request: Request, publicOrigin: string, csrfToken: string): void {
  const site = request.get('sec-fetch-site')
  const origin = request.get('origin')
  const own = `${request.protocol}://${request.get('host')}`
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ProblemError('forbidden', { detail: 'The request came from another site.' })
  if (origin !== undefined && origin !== publicOrigin && origin !== own)
    throw new ProblemError('forbidden', { detail: 'The request came from another origin.' })
  if (!sameSecret(request.get('x-csrf-token') ?? '', csrfToken))
    throw new ProblemError('forbidden', {
      detail: 'The X-CSRF-Token header is missing or wrong; reload the page.',
    })
}

export function createAuth({
  workspaces,
  accounts,
  accountOf,
  refused,
  publicUrl,
}: {
  workspaces: WorkspaceService
  accounts: Accounts
  /** Account behind an access token of the Gmail companion. */
  accountOf: OauthGrants['accountOf']
  /** Told of each secret key that opened nothing. */
  refused: (key: string | null, ip: string | null) => void
  publicUrl: string
}): Auth {
  const secure = publicUrl.startsWith('https:')
  const auth: Auth = {
    cookie: {
      name: secure ? '__Host-sid' : 'sid',
      options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
    },
    sessionIdOf: (request) => parseCookie(request.headers.cookie ?? '')[auth.cookie.name] || null,
    async principalOf(request, route) {
      const least = route.role as Role
      const principal = (await bearer(request, route)) ?? (await bySession(request))
      if (!principal)
        throw new ProblemError(
          'unauthorized',
          { detail: 'Send `Authorization: Bearer sk_…`, or sign in to the dashboard.' },
          { 'WWW-Authenticate': 'Bearer' },
        )
      if (!isAtLeast(principal.role, least))
        throw new ProblemError('forbidden', { detail: `This needs the role ${least}.` })
      return principal
    },
  }

  async function bearer(request: Request, route: Asked): Promise<Principal | null> {
    const header = request.get('authorization')
    if (header === undefined) return null
    const granted = /^Bearer (tpa_[\w.-]{1,300})$/i.exec(header)?.[1]
    if (granted) return byGrant(granted, route)
    const key = /^Bearer (sk_[A-Za-z0-9_-]{1,250})$/i.exec(header)?.[1]
    const found = key ? workspaces.bySecretKey(key) : null
    if (!key || !found) {
      refused(key ?? null, request.ip ?? null)
      throw new ProblemError(
        'unauthorized',
        { detail: 'The key is unknown or revoked.' },
        { 'WWW-Authenticate': 'Bearer' },
      )
    }
    const { workspace, scope, keyId } = found
    if (!scopeAllows[scope](route))
      throw new ProblemError('forbidden', {
        detail: `This key has the scope ${scope}, which does not allow this.`,
      })
    const id = `key:${keyId}`
    const role = scope === 'read' ? 'rep' : 'admin'
    return { kind: 'key', role, workspace, id, actor: { kind: 'api', name: id }, csrfToken: null }
  }

  /** The Gmail companion: may do what its person may, but never more than a rep. */
  async function byGrant(accessToken: string, { path }: Asked): Promise<Principal> {
    if (!path.startsWith(companionPaths))
      throw new ProblemError('forbidden', { detail: 'The Gmail companion’s token does not allow this.' })
    const accountId = await accountOf(accessToken)
    const account = accountId === null ? null : await accounts.get(accountId)
    const workspace = account && workspaces.get(account.workspaceId)
    if (!account || !workspace)
      throw new ProblemError(
        'unauthorized',
        { detail: 'The access token is unknown or has expired.' },
        { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      )
    return {
      kind: 'grant',
      role: isAtLeast(account.role, 'rep') ? 'rep' : account.role,
      workspace,
      id: `account:${account.id}`,
      actor: { kind: 'rep', name: account.name },
      csrfToken: null,
    }
  }

  async function bySession(request: Request): Promise<Principal | null> {
    const sessionId = auth.sessionIdOf(request)
    const session = sessionId ? await accounts.session(sessionId) : null
    const workspace = session ? workspaces.get(session.account.workspaceId) : null
    if (!session || !workspace) return null
    if (unsafeMethods.has(request.method))
      assertSameSite(request, new URL(publicUrl).origin, session.csrfToken)
    return {
      kind: 'session',
      role: session.account.role,
      workspace,
      id: `account:${session.account.id}`,
      actor: { kind: 'rep', name: session.account.name },
      csrfToken: session.csrfToken,
    }
  }

  return auth
}
