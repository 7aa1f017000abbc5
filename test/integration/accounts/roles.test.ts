import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Role, roles } from '../../../shared/roles.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { someTime } from '../../support/build-trial.ts'
import { admin, type ServedApi, serveApi } from '../../support/serve-api.ts'

/** Who may do what: each role of someone signed in, and a secret key, against the routes. */

const password = 'a sufficiently long password'
let api: ServedApi
const sessions = new Map<Role, Record<string, string>>()

async function signIn(account: { email: string; password: string }): Promise<Record<string, string>> {
  const answer = await api.call<{ csrfToken: string }>('POST', '/api/session', { body: account, key: null })
  expect(answer.status).toBe(200)
  return {
    Cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '',
    'X-CSRF-Token': answer.body.csrfToken,
  }
}

beforeAll(async () => {
  api = await serveApi(someTime)
  sessions.set('owner', await signIn(admin))
  for (const role of ['admin', 'rep', 'analyst'] as const) {
    const account = { email: `${role}@acme.example`, password }
    const made = await api.call('POST', '/api/accounts', {
      body: { ...account, name: role, role },
      key: null,
      headers: sessions.get('owner') ?? {},
    })
    expect(made.status).toBe(201)
    sessions.set(role, await signIn(account))
  }
})
afterAll(() => api.close())

const statusFor = async (role: Role, method: string, path: string): Promise<number> =>
  (
    await api.call(method, path, {
      key: null,
      headers: sessions.get(role) ?? {},
      ...(method !== 'GET' && { body: {} }),
    })
  ).status

/** Bodies are empty and people unknown: anyone who may, gets 200, 400 or 404. */
const table: [least: Role, method: string, path: string][] = [
  ['analyst', 'GET', '/api/segments'],
  ['analyst', 'GET', '/api/kpis'],
  ['analyst', 'GET', '/api/funnel'],
  ['rep', 'GET', '/api/trialists'],
  ['rep', 'GET', '/api/trialists/nobody'],
  ['rep', 'POST', '/api/trialists/nobody/extensions'],
  ['rep', 'DELETE', '/api/trialists/nobody/extensions/x'],
  ['rep', 'POST', '/api/trialists/nobody/pause'],
  ['rep', 'GET', '/api/companies'],
  ['rep', 'GET', '/api/companies/nobody'],
  ['rep', 'GET', '/api/companies/nobody/members'],
  ['rep', 'POST', '/api/companies/nobody/extensions'],
  ['rep', 'DELETE', '/api/companies/nobody/extensions/x'],
  ['rep', 'POST', '/api/companies/nobody/pause'],
  ['rep', 'POST', '/api/companies/nobody/skip'],
  ['rep', 'POST', '/api/companies/nobody/retries'],
  ['rep', 'GET', '/api/messages/nothing'],
  ['rep', 'GET', '/api/templates/welcome/html'],
  ['rep', 'GET', '/api/content/ready'],
  ['rep', 'POST', '/api/content/preview'],
  ['rep', 'POST', '/api/content/test-send'],
  ['rep', 'POST', '/api/content/variables'],
  ['rep', 'GET', '/api/content/translations/de'],
  ['rep', 'POST', '/api/content/translations/de'],
  ['rep', 'GET', '/api/brand/logos'],
  ['rep', 'POST', '/api/brand/logos'],
  ['rep', 'GET', '/api/brand/sheet/survey'],
  ['rep', 'DELETE', '/api/jobs/nothing'],
  ['rep', 'GET', '/api/playbook'],
  ['rep', 'POST', '/api/ext/v1/lookup'],
  ['rep', 'POST', '/api/ext/v1/trials/nobody/notes'],
  ['admin', 'PUT', '/api/trialists/nobody'],
  ['admin', 'POST', '/api/trialists/nobody/conversion'],
  ['admin', 'GET', '/api/trialists/nobody/export'],
  ['admin', 'DELETE', '/api/trialists/nobody'],
  ['rep', 'GET', '/api/company-switch'],
  ['rep', 'POST', '/api/company-switch/preview'],
  ['admin', 'DELETE', '/api/company-switch'],
  ['admin', 'POST', '/api/companies/nobody/conversion'],
  ['admin', 'GET', '/api/companies/nobody/export'],
  ['admin', 'DELETE', '/api/companies/nobody'],
  ['admin', 'PUT', '/api/playbook'],
  ['admin', 'GET', '/api/keys'],
  ['admin', 'POST', '/api/keys'],
  ['admin', 'GET', '/api/audit'],
  ['owner', 'GET', '/api/accounts'],
  ['owner', 'POST', '/api/accounts'],
  ['owner', 'PUT', '/api/accounts/nobody'],
  ['owner', 'DELETE', '/api/accounts/nobody'],
]

describe.each(roles)('%s', (role) => {
  test.each(table)('(needs %s) %s %s', async (least, method, path) => {
    const status = await statusFor(role, method, path)
    const may = roles.indexOf(role) >= roles.indexOf(least)
    if (may) expect([200, 201, 204, 400, 404, 409, 422]).toContain(status)
    else expect(status).toBe(403)
  })
})

test('an analyst reads nothing but figures, on any route there is', async () => {
  const { body } = await api.call<{ paths: Record<string, Record<string, unknown>> }>('GET', '/openapi.json')
  const open: string[] = []
  for (const [path, methods] of Object.entries(body.paths)) {
    if (!path.startsWith('/api/') || path === '/api/session' || !methods.get) continue
    const status = await statusFor('analyst', 'GET', path.replaceAll(/\{\w+\}/g, 'x'))
    if (status !== 403) open.push(path)
  }
  expect(open.sort()).toEqual([
    '/api/brake',
    '/api/funnel',
    '/api/kpis',
    '/api/nudges',
    '/api/rates',
    '/api/revenue/cohorts',
    '/api/segments',
    '/api/sending',
    '/api/sessions',
    '/api/setup',
    '/api/subject-tests',
    '/api/workspace/sending',
  ])
})

test('a rep cancels the check of emails, but not what an admin began', async () => {
  const { jobs } = api.server.services
  const workspaceId = 'main' as WorkspaceId
  for (const [kind, expected] of [
    ['lint', 200],
    ['replan', 403],
  ] as const) {
    const { id } = await jobs.start({ workspaceId, kind, by: 'someone', total: null })
    expect(await statusFor('rep', 'DELETE', `/api/jobs/${id}`), kind).toBe(expected)
    expect(await statusFor('admin', 'DELETE', `/api/jobs/${id}`), kind).toBe(200)
  }
})

test('a secret key may do what an admin may, but not manage people', async () => {
  expect((await api.call('GET', '/api/keys')).status).toBe(200)
  expect((await api.call('GET', '/api/accounts')).status).toBe(403)
})

test('a companion never has more than its person: an analyst’s may not look up', async () => {
  const account = (await api.server.services.accounts.byEmail('analyst@acme.example')) ?? { id: '' }
  const { grants } = api.server.services
  const verifier = 'v'.repeat(43)
  const code = await grants.issueCode({
    accountId: account.id,
    redirectUri: 'x',
    challenge: await s256(verifier),
  })
  const pair = await grants.redeemCode({ code, redirectUri: 'x', verifier })
  const answer = await api.call('POST', '/api/ext/v1/lookup', {
    key: pair?.access ?? '',
    body: { emails: ['a@example.com'] },
  })
  expect(answer.status).toBe(403)
})

const s256 = async (text: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('base64url')
