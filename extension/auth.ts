import type { output } from 'zod'
import type { wellKnownSchema } from '../shared/api/card.ts'
import { extensionProtocol } from '../shared/extension-id.ts'
import { browser } from './browser.ts'
import { Refused, signedOut } from './failure.ts'

/**
 * Signing in: authorization code with PKCE S256 (RFC 7636). The access token (15 min) lives in session storage, the
 * rotating refresh token in local storage; both are closed to content scripts.
 */

type WellKnown = output<typeof wellKnownSchema>
interface Tokens {
  access: string
  /** Epoch milliseconds. */
  expiresAt: number
}
export interface Account {
  server: string
  rep: string | null
  refresh: string
  endpoints: { token: string; revocation: string }
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (c) => ({ '+': '-', '/': '_', '=': '' })[c] ?? '')
const random = (bytes: number): string => base64url(crypto.getRandomValues(new Uint8Array(bytes)))

/** @throws Refused when it is no http(s) address, or plain http to another machine. */
export function normaliseServer(input: string): string {
  let url: URL
  try {
    url = new URL(/^https?:\/\//i.test(input.trim()) ? input.trim() : `https://${input.trim()}`)
  } catch {
    throw new Refused('no_server', 'That is not a web address. Example: https://trialpace.example.com')
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLocal)
    throw new Refused('no_server', 'Use https. Plain http only works for this computer.')
  return url.origin
}

async function discover(server: string): Promise<WellKnown> {
  let response: Response
  try {
    response = await fetch(`${server}/.well-known/trialpace`, {
      signal: AbortSignal.timeout(4000),
      credentials: 'omit',
    })
  } catch {
    throw new Refused('no_server', `No answer from ${server}. Check the address and that the server runs.`)
  }
  const document = (await response.json().catch(() => null)) as WellKnown | null
  if (!response.ok || document?.product !== 'trialpace')
    throw new Refused('no_server', `${server} is not a Trialpace server.`)
  if (document.protocol < extensionProtocol)
    throw new Refused(
      'too_old',
      `The server (${document.version}) is older than this extension needs. Ask its owner to update it.`,
    )
  if (document.minProtocol > extensionProtocol)
    throw new Refused('too_old', 'This extension is too old for the server. Update it.')
  return document
}

export async function signIn(input: string): Promise<Account> {
  const server = normaliseServer(input)
  const found = await discover(server)
  const verifier = random(48)
  const state = random(16)
  const redirect = browser.identity.getRedirectURL('cb')
  const challenge = base64url(
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))),
  )
  const ask = new URL(found.authorizationEndpoint)
  ask.search = new URLSearchParams({
    response_type: 'code',
    client_id: 'trialpace-extension',
    redirect_uri: redirect,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state,
  }).toString()
  const code = await authorize(ask.href, state)
  const tokens = await requestTokens(found.tokenEndpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirect,
    client_id: 'trialpace-extension',
    code_verifier: verifier,
  })
  const account: Account = {
    server,
    rep: tokens.rep,
    refresh: tokens.refresh,
    endpoints: { token: found.tokenEndpoint, revocation: found.revocationEndpoint },
  }
  await Promise.all([browser.storage.local.set({ account }), storeAccess(tokens)])
  return account
}

async function authorize(url: string, state: string): Promise<string> {
  let answer: string
  try {
    answer = await browser.identity.launchWebAuthFlow({ url, interactive: true })
  } catch {
    throw new Refused('cancelled', 'The sign-in window was closed too early.')
  }
  const params = new URL(answer).searchParams
  if (params.get('state') !== state)
    throw new Refused('cancelled', 'The sign-in could not be verified. Please try again.')
  const code = params.get('code')
  if (!code)
    throw new Refused('cancelled', params.get('error_description') ?? 'The server did not allow the sign-in.')
  return code
}

async function requestTokens(endpoint: string, form: Record<string, string>) {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams(form),
    credentials: 'omit',
    signal: AbortSignal.timeout(8000),
  }).catch(() => {
    throw new Refused('offline', 'The server cannot be reached.')
  })
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (!response.ok) {
    if (response.status >= 500) throw new Refused('server', 'The server could not sign you in. Try again.')
    throw new Refused('signed_out', 'Your sign-in has ended. Sign in again.')
  }
  return {
    access: String(body.access_token),
    expiresAt: Date.now() + Number(body.expires_in) * 1000,
    refresh: String(body.refresh_token),
    rep: typeof body.rep === 'string' ? body.rep : null,
  }
}

const storeAccess = ({ access, expiresAt }: Tokens) =>
  browser.storage.session.set({ tokens: { access, expiresAt } })

export async function account(): Promise<Account | null> {
  const stored = await browser.storage.local.get('account')
  return (stored.account as Account | undefined) ?? null
}

/** One refresh at a time: the server takes a refresh token once and revokes the family when it comes twice. */
let refreshing: Promise<string> | null = null

export async function accessToken({ renew = false } = {}): Promise<string> {
  const { tokens } = (await browser.storage.session.get('tokens')) as { tokens?: Tokens }
  if (!renew && tokens && tokens.expiresAt > Date.now() + 30_000) return tokens.access
  refreshing ??= refresh().finally(() => {
    refreshing = null
  })
  return refreshing
}

async function refresh(): Promise<string> {
  const current = await account()
  if (!current) throw signedOut()
  try {
    const tokens = await requestTokens(current.endpoints.token, {
      grant_type: 'refresh_token',
      refresh_token: current.refresh,
      client_id: 'trialpace-extension',
    })
    await browser.storage.local.set({ account: { ...current, refresh: tokens.refresh } })
    await storeAccess(tokens)
    return tokens.access
  } catch (error) {
    if (error instanceof Refused && error.failure.code === 'signed_out') await forget()
    throw error
  }
}

const forget = async () => {
  await Promise.all([browser.storage.local.remove('account'), browser.storage.session.clear()])
}

export async function signOut(): Promise<void> {
  const current = await account()
  await forget()
  if (!current) return
  // Best effort: offline, the token simply expires.
  await fetch(current.endpoints.revocation, {
    method: 'POST',
    body: new URLSearchParams({ token: current.refresh }),
    credentials: 'omit',
  }).catch(() => undefined)
}
