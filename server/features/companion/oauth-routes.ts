import { createHash } from 'node:crypto'
import express, { type Request, type Response, type Router } from 'express'
import { extensionId } from '../../../shared/extension-id.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { sameSecret } from '../../http/same-secret.ts'
import type { Account } from '../accounts/account.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { Auth } from '../accounts/auth.ts'
import type { LoginBrake } from '../accounts/login-brake.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { OauthGrants, TokenPair } from './oauth-grants.ts'
import { consentPage, faultPage, signInPage } from './oauth-pages.ts'

/** The sign-in of the Gmail companion: `/oauth/authorize` for the person, `/oauth/token` and `/oauth/revoke` for it. */

export interface OauthParts {
  readonly accounts: Accounts
  readonly auth: Auth
  readonly audit: AuditLog
  readonly brake: LoginBrake
  readonly grants: OauthGrants
  /** Ids of further builds of the extension, e.g. one a team signs itself. */
  readonly extensionIds: readonly string[]
}

interface Ask {
  readonly redirectUri: string
  readonly challenge: string
  readonly state: string
}

const clientId = 'trialpace-extension'
const challengePattern = /^[A-Za-z0-9_-]{43}$/

/** Exact addresses only (RFC 9700 §2.1): Chrome’s and Firefox’s redirect hosts of the known extension ids. */
const redirectUris = (extensionIds: readonly string[]): ReadonlySet<string> =>
  new Set(
    [extensionId, ...extensionIds].flatMap((id) => [
      `https://${id}.chromiumapp.org/cb`,
      `https://${id}.extensions.allizom.org/cb`,
    ]),
  )

function readAsk(source: Record<string, unknown>, allowed: ReadonlySet<string>): Ask | string {
  const text = (name: string): string => (typeof source[name] === 'string' ? (source[name] as string) : '')
  if (text('client_id') !== clientId) return 'This sign-in was not started by the Trialpace extension.'
  if (!allowed.has(text('redirect_uri')))
    return 'This build of the extension is not known to the server. Its owner can allow it with TRIALPACE_EXTENSION_IDS.'
  if (
    text('response_type') !== 'code' ||
    text('code_challenge_method') !== 'S256' ||
    !challengePattern.test(text('code_challenge'))
  )
    return 'The sign-in request is not complete. Update the extension and try again.'
  return {
    redirectUri: text('redirect_uri'),
    challenge: text('code_challenge'),
    state: text('state').slice(0, 200),
  }
}

export function createOauthRoutes({
  accounts,
  auth,
  audit,
  brake,
  grants,
  extensionIds,
}: OauthParts): Router {
  const router = express.Router()
  const allowed = redirectUris(extensionIds)
  const form = express.urlencoded({ extended: false, limit: '10kb' })

  const signedIn = async (request: Request) => {
    const sessionId = auth.sessionIdOf(request)
    return sessionId ? accounts.session(sessionId) : null
  }
  /**
   * Always 200: Chrome closes its sign-in window on an error status before anyone has read why. A redirect after a
   * form counts for form-action too, so the one allowed target is named.
   */
  const page = (response: Response, html: string, redirectUri?: string) => {
    const style = createHash('sha256')
      .update(/<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '')
      .digest('base64')
    response
      .set('Cache-Control', 'no-store')
      .set(
        'Content-Security-Policy',
        `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'${redirectUri ? ` ${new URL(redirectUri).origin}` : ''}`,
      )
      .type('html')
      .send(html)
  }
  const leave = (response: Response, ask: Ask, params: Record<string, string>) => {
    const target = new URL(ask.redirectUri)
    target.search = new URLSearchParams({ ...params, state: ask.state }).toString()
    response.set('Cache-Control', 'no-store').redirect(303, target.href)
  }

  router.get('/oauth/authorize', async (request, response) => {
    const ask = readAsk(request.query, allowed)
    if (typeof ask === 'string') return page(response, faultPage(ask))
    const session = await signedIn(request)
    if (!session) return page(response, signInPage({ ...ask, fault: null }), ask.redirectUri)
    page(
      response,
      consentPage({ ...ask, account: session.account, csrfToken: session.csrfToken }),
      ask.redirectUri,
    )
  })

  router.post('/oauth/authorize', form, async (request, response) => {
    const body = (request.body ?? {}) as Record<string, unknown>
    const ask = readAsk(body, allowed)
    if (typeof ask === 'string') return page(response, faultPage(ask))
    const site = request.get('sec-fetch-site')
    if (site !== undefined && site !== 'same-origin')
      return page(response, faultPage('The form came from another site.'))
    if (body.action === 'sign-in') return signIn(request, response, ask, body)
    const session = await signedIn(request)
    if (!session)
      return page(
        response,
        signInPage({ ...ask, fault: 'Your session has ended. Sign in again.' }),
        ask.redirectUri,
      )
    if (!sameSecret(String(body.csrf ?? ''), session.csrfToken))
      return page(response, faultPage('This page has expired. Go back and try again.'))
    if (body.action !== 'allow')
      return leave(response, ask, { error: 'access_denied', error_description: 'You did not allow it.' })
    await finish(request, response, ask, session.account)
  })

  async function signIn(
    request: Request,
    response: Response,
    ask: Ask,
    body: Record<string, unknown>,
  ): Promise<void> {
    const email = typeof body.email === 'string' ? body.email : ''
    const password = typeof body.password === 'string' ? body.password.slice(0, 128) : ''
    const again = (fault: string) => page(response, signInPage({ ...ask, fault }), ask.redirectUri)
    if ((await brake.take(request.ip ?? '', parseEmailAddress(email) ?? '')) > 0)
      return again('Too many attempts. Wait 15 minutes.')
    const account = await accounts.authenticate(email, password)
    if (!account) return again('Email address or password is wrong.')
    await brake.succeeded(request.ip ?? '', account.email)
    // Typing the password on the page that says what it is for is the consent.
    await finish(request, response, ask, account)
  }

  async function finish(request: Request, response: Response, ask: Ask, account: Account): Promise<void> {
    const code = await grants.issueCode({
      accountId: account.id,
      redirectUri: ask.redirectUri,
      challenge: ask.challenge,
    })
    await audit.write(account.workspaceId, {
      by: `account:${account.id}`,
      action: 'companion.authorize',
      ip: request.ip ?? null,
    })
    leave(response, ask, { code })
  }

  router.post('/oauth/token', form, async (request, response) => {
    const body = (request.body ?? {}) as Record<string, string>
    const pair =
      body.client_id !== clientId
        ? null
        : body.grant_type === 'authorization_code'
          ? await grants.redeemCode({
              code: String(body.code),
              redirectUri: String(body.redirect_uri),
              verifier: String(body.code_verifier),
            })
          : body.grant_type === 'refresh_token'
            ? await grants.refresh(String(body.refresh_token))
            : null
    await answerTokens(response, pair)
  })

  async function answerTokens(response: Response, pair: TokenPair | null): Promise<void> {
    const account = pair && (await accounts.get(pair.accountId))
    response.set('Cache-Control', 'no-store')
    if (!pair || !account) {
      // RFC 6749 §5.2
      response.status(400).json({ error: 'invalid_grant', error_description: 'Sign in again.' })
      return
    }
    response.json({
      access_token: pair.access,
      token_type: 'Bearer',
      scope: 'companion',
      expires_in: pair.expiresInSeconds,
      refresh_token: pair.refresh,
      rep: account.name,
    })
  }

  router.post('/oauth/revoke', form, async (request, response) => {
    await grants.revoke(String((request.body as Record<string, unknown> | undefined)?.token ?? ''))
    response.set('Cache-Control', 'no-store').status(200).end()
  })

  return router
}
