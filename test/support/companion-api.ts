import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Card, LookupAnswer } from '../../shared/api/card.ts'
import { extensionId } from '../../shared/extension-id.ts'
import { someTime } from './build-trial.ts'
import { admin, type ServedApi, serveApi } from './serve-api.ts'

/** The server’s side of the Gmail companion over real HTTP, with a rep signed in. */

export const redirectUri = `https://${extensionId}.chromiumapp.org/cb`
const verifier = randomBytes(48).toString('base64url')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

export interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
  rep: string
}

interface AuditRow {
  by: string
  action: string
  subject: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export const ask = {
  client_id: 'trialpace-extension',
  response_type: 'code',
  code_challenge_method: 'S256',
  code_challenge: sha256(verifier),
  redirect_uri: redirectUri,
  state: 'state-1',
}

export function companionSetup() {
  let api: ServedApi
  let token: string
  beforeAll(async () => {
    api = await serveApi(someTime)
    token = (await tokens()).access_token
  })
  afterAll(() => api.close())

  const form = (path: string, fields: Record<string, string>) =>
    fetch(api.server.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

  async function code(): Promise<string> {
    const answer = await form('/oauth/authorize', { ...ask, ...admin, action: 'sign-in' })
    expect(answer.status).toBe(303)
    const target = new URL(answer.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe(redirectUri)
    expect(target.searchParams.get('state')).toBe('state-1')
    return target.searchParams.get('code') ?? ''
  }

  const redeem = (fields: Record<string, string>) =>
    form('/oauth/token', {
      client_id: 'trialpace-extension',
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...fields,
    })
  const refresh = (refreshToken: string) =>
    form('/oauth/token', {
      client_id: 'trialpace-extension',
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
  const tokens = async (): Promise<Tokens> => (await (await redeem({ code: await code() })).json()) as Tokens

  const ext = <T = { card: Card }>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    key = token,
  ) => api.call<T>(method, `/api/ext/v1${path}`, { key, headers, ...(body !== undefined && { body }) })

  const lookUp = (emails: string[], key = token) => ext<LookupAnswer>('POST', '/lookup', { emails }, {}, key)

  async function trialist(userId: string): Promise<Card> {
    const email = `${userId}@example.com`
    await api.call('PUT', `/api/trialists/${userId}`, { body: { email, name: userId } })
    return (await lookUp([email])).body.cards[email] as Card
  }

  const newestAudit = async (): Promise<AuditRow> =>
    (await api.call<{ rows: AuditRow[] }>('GET', '/api/audit?limit=1')).body.rows[0] as AuditRow

  return {
    get api() {
      return api
    },
    get token() {
      return token
    },
    /** After a test has let the first one run out. */
    async signInAgain() {
      token = (await tokens()).access_token
    },
    form,
    code,
    redeem,
    refresh,
    tokens,
    ext,
    lookUp,
    trialist,
    newestAudit,
  }
}
