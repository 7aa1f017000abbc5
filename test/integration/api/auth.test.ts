import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { someTime } from '../../support/build-trial.ts'
import { admin, type ServedApi, serveApi, writeKey } from '../../support/serve-api.ts'

interface Session {
  csrfToken: string
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

async function signIn() {
  const answer = await api.call<Session>('POST', '/api/session', { body: admin, key: null })
  const cookie = answer.headers.get('set-cookie') ?? ''
  return { ...answer, cookie, headers: { Cookie: cookie.split(';')[0] ?? '' } }
}

describe('keys', () => {
  test.each([null, 'sk_wrong_0123456789abcdef', writeKey])('%s opens nothing', async (key) => {
    const answer = await api.call('GET', '/api/segments', { key })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })

  test('are made, shown once, and revoked at once', async () => {
    const made = await api.call<{ id: string; key: string }>('POST', '/api/keys', { body: { label: 'CI' } })
    expect(made.status).toBe(201)
    const list = await api.call<{ keys: unknown[] }>('GET', '/api/keys', { key: made.body.key })
    expect(JSON.stringify(list.body)).not.toContain(made.body.key)
    expect((await api.call('DELETE', `/api/keys/${made.body.id}`)).status).toBe(204)
    expect((await api.call('GET', '/api/keys', { key: made.body.key })).status).toBe(401)
  })

  test('are stored nowhere in clear', async () => {
    const { key } = (await api.call<{ key: string }>('POST', '/api/keys', { body: { label: 'secret' } })).body
    const [workspace] = await api.server.storage.documents.list('workspace', { limit: 1 })
    const stored = JSON.stringify(workspace)
    const { identitySecret, linkSecret } = api.server.services.workspaces.all()[0] ?? {}
    for (const secret of [key, identitySecret, linkSecret]) expect(stored).not.toContain(secret)
  })
})

describe('sessions', () => {
  test('open the dashboard, change nothing without the token, and end', async () => {
    const { status, cookie, headers, body } = await signIn()
    expect(status).toBe(200)
    expect(cookie).toMatch(/^sid=[\w-]{43}; .*HttpOnly; SameSite=Lax/)
    const extras = { key: null, headers }
    expect((await api.call('GET', '/api/segments', extras)).status).toBe(200)
    const post = (more: Record<string, string>) =>
      api.call('POST', '/api/keys', { body: { label: 'x' }, key: null, headers: { ...headers, ...more } })
    const token = { 'X-CSRF-Token': body.csrfToken }
    expect((await post({})).status).toBe(403)
    expect((await post({ 'X-CSRF-Token': 'wrong' })).status).toBe(403)
    expect((await post({ ...token, Origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ ...token, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await post({ ...token, Origin: api.server.url })).status).toBe(201)
    const signedOut = await api.call('DELETE', '/api/session', {
      key: null,
      headers: { ...headers, ...token },
    })
    expect(signedOut.status).toBe(204)
    expect((await api.call('GET', '/api/segments', extras)).status).toBe(401)
  })

  test('end after 8 idle hours', async () => {
    const { headers } = await signIn()
    api.clock.advance(8 * 3_600_000 + 1)
    expect((await api.call('GET', '/api/segments', { key: null, headers })).status).toBe(401)
  })

  test('of a rep may extend, but neither publish nor see keys', async () => {
    const { headers, body } = await signIn()
    const rep = { email: 'rep@acme.example', password: 'another long password' }
    const made = await api.call('POST', '/api/accounts', {
      body: { ...rep, name: 'Rep', role: 'rep' },
      key: null,
      headers: { ...headers, 'X-CSRF-Token': body.csrfToken },
    })
    expect(made.status).toBe(201)
    const session = await api.call<Session>('POST', '/api/session', { body: rep, key: null })
    const cookie = {
      Cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '',
      'X-CSRF-Token': session.body.csrfToken,
    }
    await api.call('PUT', '/api/trialists/of-rep', { body: { trial: { endsAt: '2026-10-01T00:00:00Z' } } })
    const extension = { body: { days: 3, reason: 'call' }, key: null, headers: cookie }
    expect((await api.call('POST', '/api/trialists/of-rep/extensions', extension)).status).toBe(201)
    for (const [method, path] of [
      ['GET', '/api/keys'],
      ['GET', '/api/audit'],
      ['PUT', '/api/playbook'],
      ['DELETE', '/api/trialists/of-rep'],
      ['PUT', '/api/trialists/of-rep'],
    ] as const)
      expect([
        path,
        (await api.call(method, path, { key: null, headers: cookie, ...(method === 'PUT' && { body: {} }) }))
          .status,
      ]).toEqual([path, 403])
  })

  test('are not begun by guessing: the sixth try waits, and the clock frees it', async () => {
    const attempt = (password: string) =>
      api.call('POST', '/api/session', { body: { email: 'guessed@acme.example', password }, key: null })
    for (let tries = 0; tries < 5; tries++) expect((await attempt(`wrong ${tries}`)).status).toBe(401)
    const held = await attempt('wrong again')
    expect(held.status).toBe(429)
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0)
    api.clock.advance(15 * 60_000)
    expect((await attempt('wrong')).status).toBe(401)
  })
})

describe('the audit log', () => {
  test('notices any change, and where', async () => {
    const { documents } = api.server.storage
    const verify = () => api.call<{ intact: boolean; at?: number; rows: number }>('GET', '/api/audit/verify')
    expect((await verify()).body.intact).toBe(true)
    const rows = await documents.list('audit', { limit: 1000 })
    expect(rows.length).toBeGreaterThan(4)
    const [, , third] = rows
    if (!third) throw new Error('too few rows')
    await documents.put('audit', third.id, { ...third.body, action: 'nothing.happened' })
    expect((await verify()).body).toMatchObject({ intact: false, at: 3 })
    await documents.put('audit', third.id, third.body)
    expect((await verify()).body.intact).toBe(true)
    await documents.delete('audit', third.id)
    expect((await verify()).body).toMatchObject({ intact: false, at: 3 })
    await documents.put('audit', third.id, third.body)
  })
})

describe('operation', () => {
  test('health, readiness and metrics answer', async () => {
    expect((await api.call('GET', '/healthz', { key: null })).status).toBe(200)
    expect((await api.call('GET', '/readyz', { key: null })).body).toMatchObject({
      status: 'ready',
      storage: 'sqlite',
    })
    const metrics = await api.call<string>('GET', '/metrics', { key: null })
    expect(metrics.body).toMatch(/^trialpace_events_bots \d+$/m)
    expect(metrics.body).toMatch(/^trialpace_events_rejected \d+$/m)
    expect(metrics.body).toContain('trialpace_http_request_seconds')
    const forwarded = await api.call('GET', '/metrics', {
      key: null,
      headers: { 'X-Forwarded-For': '203.0.113.9' },
    })
    expect(forwarded.status).toBe(403)
  })
})
