import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer } from '../../../server/compose/server.ts'
import { readConfig } from '../../../server/config.ts'
import { someTime } from '../../support/build-trial.ts'
import {
  type ApiAnswer,
  admin,
  type ServedApi,
  secretKey,
  serveApi,
  writeKey,
} from '../../support/serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

interface SignedIn {
  headers: Record<string, string>
}
async function signIn(headers: Record<string, string> = {}): Promise<SignedIn> {
  const answer = await api.call<{ csrfToken: string }>('POST', '/api/session', {
    body: admin,
    key: null,
    headers,
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  return { headers: { Cookie: cookie, 'X-CSRF-Token': answer.body.csrfToken } }
}
const as = <T>(who: SignedIn, method: string, path: string, body?: unknown): Promise<ApiAnswer<T>> =>
  api.call<T>(method, path, { key: null, headers: who.headers, ...(body !== undefined && { body }) })
const auditActions = async () =>
  (await api.call<{ rows: { action: string }[] }>('GET', '/api/audit?limit=100')).body.rows.map(
    ({ action }) => action,
  )

describe('secret keys', () => {
  test.each([
    ['full', 200, 200, 201, 200],
    ['events', 200, 403, 403, 403],
    ['read', 401, 200, 403, 403],
    ['inbound', 401, 403, 403, 200],
  ] as const)('with the scope %s open what it says', async (scope, events, reads, writes, inbound) => {
    const { body } = await api.call<{ key: string }>('POST', '/api/keys', { body: { label: scope, scope } })
    const { key } = body
    const event = { type: 'track', userId: scope, event: 'x' }
    const sent = await api.call('POST', '/v1/batch', { key: null, body: { writeKey: key, batch: [event] } })
    expect(sent.status).toBe(events)
    expect((await api.call('GET', '/api/trialists', { key })).status).toBe(reads)
    expect((await api.call('PUT', `/api/trialists/by-${scope}`, { key, body: {} })).status).toBe(writes)
    const received = await api.call('POST', '/api/inbound', {
      key,
      body: 'From: a@b.example\r\n\r\nx',
      headers: { 'Content-Type': 'message/rfc822' },
    })
    expect(received.status).toBe(inbound)
  })
})

describe('sessions', () => {
  test('the old one ends at a new sign-in in the same browser; others can be listed and ended', async () => {
    const first = await signIn()
    const second = await signIn({ Cookie: first.headers.Cookie ?? '' })
    expect((await as(first, 'GET', '/api/trialists')).status).toBe(401)
    const elsewhere = await signIn()
    const { body } = await as<{ sessions: { id: string; current: boolean }[] }>(
      second,
      'GET',
      '/api/sessions',
    )
    expect(body.sessions.map(({ current }) => current).sort()).toEqual([false, true])
    const other = body.sessions.find(({ current }) => !current)
    expect((await as(second, 'DELETE', `/api/sessions/${other?.id}`)).status).toBe(204)
    expect((await as(elsewhere, 'GET', '/api/trialists')).status).toBe(401)
    expect((await as(second, 'DELETE', '/api/sessions/none')).status).toBe(404)
    expect((await as(second, 'DELETE', '/api/session')).status).toBe(204)
    expect(await auditActions()).toContain('session.end')
  })

  test('no one is signed in over plain http from another machine', async () => {
    const open = await serveApi(someTime, { env: { PUBLIC_URL: 'http://trials.acme.example' } })
    try {
      const { status } = await new Promise<{ status: number }>((resolve, reject) => {
        import('node:http').then(({ request }) => {
          const headers = { Host: 'trials.acme.example', 'Content-Type': 'application/json' }
          request(
            { port: open.server.port, host: '127.0.0.1', path: '/api/session', method: 'POST', headers },
            (answer) => resolve({ status: answer.statusCode ?? 0 }),
          )
            .on('error', reject)
            .end(JSON.stringify(admin))
        }, reject)
      })
      expect(status).toBe(403)
    } finally {
      await open.close()
    }
  })
})

test('what matters is audited, and what is refused too', async () => {
  await api.call('POST', '/api/session', { key: null, body: { ...admin, password: 'wrong wrong wrong' } })
  await api.call('PUT', '/api/rates', { body: { rates: { EUR: 1.1 } } })
  const at = new Date(someTime).toISOString()
  await api.call('POST', '/api/costs', {
    body: { category: 'staff', amountMinor: 100, currency: 'USD', at, externalId: 'c1' },
  })
  await api.call('POST', '/api/kpis/rebuild')
  const actions = await auditActions()
  for (const action of ['session.refused', 'api.putRates', 'api.addCost', 'api.rebuildKpis'])
    expect(actions).toContain(action)
})

test('no start brings back what was revoked, rotated or removed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'trialpace-restart-'))
  const start = async () => {
    const read = readConfig({
      PORT: '0',
      TRIALPACE_DATA_DIR: dataDir,
      TRIALPACE_WRITE_KEY: writeKey,
      TRIALPACE_SECRET_KEY: secretKey,
      TRIALPACE_IDENTITY_SECRET: 'identity-secret-of-the-restart-0123456789',
      TRIALPACE_ADMIN_EMAIL: admin.email,
      TRIALPACE_ADMIN_PASSWORD: admin.password,
      LOG_LEVEL: 'silent',
    })
    if (!read.ok) throw new Error(JSON.stringify(read.faults))
    return createServer(read.config, { log: pino({ level: 'silent' }) })
  }
  const before = await start()
  const { workspaces, accounts } = before.services
  const id = workspaces.all()[0]!.id
  const account = await accounts.byEmail(admin.email)
  await workspaces.revokeSecretKey(id, (await workspaces.keys(id))[0]!.id)
  const rotatedWrite = await workspaces.rotateWriteKey(id, 0)
  const rotatedSecret = await workspaces.rotateIdentitySecret(id)
  await accounts.setRole(id, account!.id, 'rep')
  await before.close()

  const between = await start()
  expect(between.services.workspaces.bySecretKey(secretKey)).toBeNull()
  expect(between.services.workspaces.all()[0]).toMatchObject({
    writeKey: rotatedWrite,
    identitySecret: rotatedSecret,
  })
  expect((await between.services.accounts.byEmail(admin.email))?.role).toBe('rep')
  await between.services.accounts.remove(id, account!.id)
  await between.close()

  const after = await start()
  expect(await after.services.accounts.byEmail(admin.email)).toBeNull()
  await after.close()
  await rm(dataDir, { recursive: true })
})
