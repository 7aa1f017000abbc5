import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minuteMs } from '../../../shared/clock.ts'
import { someTime } from '../../support/build-trial.ts'
import { admin, type CallOptions, type ServedApi, serveApi } from '../../support/serve-api.ts'

/** Accounts of colleagues, and everyone's own password. */

interface Account {
  id: string
  email: string
  role: string
}

const rita = { email: 'rita@acme.example', password: 'first password of rita' }
const changed = 'second password of rita'

let api: ServedApi
let owner: CallOptions
let ritaId: string
beforeAll(async () => {
  api = await serveApi(someTime)
  owner = await signIn(admin)
  ritaId = (await add()).body.id
})
afterAll(() => api.close())

async function signIn(who: { email: string; password: string }): Promise<CallOptions> {
  const answer = await api.call<{ csrfToken: string }>('POST', '/api/session', { body: who, key: null })
  expect(answer.status).toBe(200)
  return sessionOf(answer)
}

const sessionOf = ({ headers, body }: { headers: Headers; body: { csrfToken: string } }): CallOptions => ({
  key: null,
  headers: { Cookie: headers.get('set-cookie')?.split(';')[0] ?? '', 'X-CSRF-Token': body.csrfToken },
})
const add = () =>
  api.call<Account>('POST', '/api/accounts', { ...owner, body: { ...rita, name: 'Rita', role: 'rep' } })
const setRole = (id: string, role: string) =>
  api.call<Account & { detail: string }>('PUT', `/api/accounts/${id}`, { ...owner, body: { role } })
const canEnter = async (password: string) =>
  (await api.call('POST', '/api/session', { body: { email: rita.email, password }, key: null })).status ===
  200
const mayRead = async (as: CallOptions, path = '/api/segments') =>
  (await api.call('GET', path, as)).status === 200
const setPassword = (as: CallOptions, current: string, next: string) =>
  api.call<{ csrfToken: string; errors: { pointer: string }[] }>('PUT', '/api/session/password', {
    ...as,
    body: { current, next },
  })
const lastAudit = async () =>
  (
    await api.call<{ rows: { action: string; before: unknown; after: unknown }[] }>(
      'GET',
      '/api/audit',
      owner,
    )
  ).body.rows[0]

/** @returns an access token as the Gmail companion has one. */
async function companionOf(accountId: string): Promise<string> {
  const { grants } = api.server.services
  const verifier = 'v'.repeat(43)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const challenge = Buffer.from(digest).toString('base64url')
  const code = await grants.issueCode({ accountId, redirectUri: 'x', challenge })
  return (await grants.redeemCode({ code, redirectUri: 'x', verifier }))?.access ?? ''
}

describe('a role', () => {
  test('holds at once, also for who is signed in, and is in the audit log', async () => {
    const session = await signIn(rita)
    expect(await mayRead(session, '/api/keys')).toBe(false)
    const answer = await setRole(ritaId, 'admin')
    expect(answer).toMatchObject({ status: 200, body: { id: ritaId, role: 'admin' } })
    expect(await mayRead(session, '/api/keys')).toBe(true)
    expect(await lastAudit()).toMatchObject({
      action: 'account.update',
      before: { role: 'rep' },
      after: { role: 'admin' },
    })
    await setRole(ritaId, 'rep')
  })

  test('of one’s own is changed by no one, so an owner is always left', async () => {
    const { accounts } = api.server.services
    const self = await accounts.byEmail(admin.email)
    expect(await setRole(self?.id ?? '', 'analyst')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('your own role') },
    })
    expect((await api.call('DELETE', `/api/accounts/${self?.id}`, owner)).status).toBe(409)
    expect((await accounts.byEmail(admin.email))?.role).toBe('owner')
  })

  test('is refused for no one, and when there is no such role', async () => {
    expect((await setRole('nobody', 'rep')).status).toBe(404)
    expect((await setRole(ritaId, 'king')).status).toBe(400)
  })
})

describe('one’s own password', () => {
  test('is changed by who knows it; everywhere else they are signed out', async () => {
    const [here, there] = [await signIn(rita), await signIn(rita)]
    const companion = await companionOf(ritaId)
    const lookUp = async () =>
      (await api.call('POST', '/api/ext/v1/lookup', { key: companion, body: { emails: ['a@b.example'] } }))
        .status
    expect(await lookUp()).toBe(200)
    api.clock.advance(1)
    const answer = await setPassword(here, rita.password, changed)
    expect(answer.status).toBe(200)
    expect(await mayRead(sessionOf(answer))).toBe(true)
    expect(await mayRead(there)).toBe(false)
    expect(await mayRead(here)).toBe(false)
    expect(await lookUp()).toBe(401)
    expect(await canEnter(rita.password)).toBe(false)
    expect(await canEnter(changed)).toBe(true)
    expect(await lastAudit()).toMatchObject({ action: 'session.begin' })
    const { rows } = (await api.call<{ rows: { action: string; by: string }[] }>('GET', '/api/audit', owner))
      .body
    expect(rows).toContainEqual(
      expect.objectContaining({ action: 'account.password', by: `account:${ritaId}` }),
    )
    expect(JSON.stringify(rows)).not.toContain(changed)
  })

  test('outlives a start that gives the first one again, but not one that gives another', async () => {
    const { accounts } = api.server.services
    const start = (password: string) =>
      accounts.ensure({
        workspaceId: 'main' as never,
        ...rita,
        name: 'Rita',
        role: 'rep',
        password,
      })
    await start(rita.password)
    expect(await canEnter(changed)).toBe(true)
    await start('a password of the operator')
    expect(await canEnter(changed)).toBe(false)
    expect(await canEnter('a password of the operator')).toBe(true)
    api.clock.advance(1)
    await start(rita.password)
  })

  test('is not changed by who does not know it, nor to one too short', async () => {
    const session = await signIn(rita)
    const wrong = await setPassword(session, 'not it', changed)
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: '/current' }] } })
    const short = await setPassword(session, rita.password, 'short')
    expect(short).toMatchObject({ status: 400, body: { errors: [{ pointer: '/next' }] } })
    expect(await mayRead(session)).toBe(true)
    expect(await canEnter(rita.password)).toBe(true)
  })

  test('is not found out by guessing in a session left open', async () => {
    const session = await signIn(rita)
    for (let tries = 0; tries < 5; tries++)
      expect((await setPassword(session, `guess ${tries}`, changed)).status).toBe(400)
    const held = await setPassword(session, rita.password, changed)
    expect(held.status).toBe(429)
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0)
    api.clock.advance(15 * minuteMs)
  })

  test('is not for keys and companions', async () => {
    expect((await setPassword({}, rita.password, changed)).status).toBe(403)
    expect((await setPassword({ key: await companionOf(ritaId) }, rita.password, changed)).status).toBe(403)
  })
})

test('who is removed and added again does not get back what they were signed in with', async () => {
  const session = await signIn(rita)
  const companion = await companionOf(ritaId)
  expect((await api.call('DELETE', `/api/accounts/${ritaId}`, owner)).status).toBe(204)
  expect((await api.call('DELETE', `/api/accounts/${ritaId}`, owner)).status).toBe(404)
  api.clock.advance(1)
  expect((await add()).body.id).toBe(ritaId)
  expect(await mayRead(session)).toBe(false)
  expect(await mayRead({ key: companion })).toBe(false)
})
