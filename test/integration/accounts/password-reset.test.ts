import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { OutgoingMail } from '../../../server/ports.ts'
import { minuteMs } from '../../../shared/clock.ts'
import { someTime } from '../../support/build-trial.ts'
import { admin, type ServedApi, serveApi } from '../../support/serve-api.ts'

const next = 'walnut harbour 42 kites'
let api: ServedApi
let sent: OutgoingMail[]
/** What the mail server does. */
let accepts: () => Promise<void>

beforeEach(async () => {
  sent = []
  accepts = async () => {}
  api = await serveApi(someTime, {
    overrides: {
      mailer: {
        async send(mail) {
          await accepts()
          sent.push(mail)
          return { state: 'accepted', answer: '250 ok' }
        },
        verify: async () => ({ ok: true }),
        close: async () => {},
      },
    },
  })
})
afterEach(() => api.close())

const ask = (email: string) => api.call('POST', '/api/session/reset-link', { key: null, body: { email } })
const reset = (token: string, password = next) =>
  api.call('POST', '/api/session/reset', { key: null, body: { token, next: password } })
const signIn = (password: string, headers: Record<string, string> = {}) =>
  api.call<{ csrfToken: string }>('POST', '/api/session', {
    key: null,
    body: { ...admin, password },
    headers,
  })
const headersOf = ({ headers, body }: Awaited<ReturnType<typeof signIn>>) => ({
  Cookie: headers.get('set-cookie')?.split(';')[0] ?? '',
  'X-CSRF-Token': body.csrfToken,
})

/** The token of the link in the newest email. */
async function emailedToken(): Promise<string> {
  await expect.poll(() => sent.length).toBeGreaterThan(0)
  const [, token = ''] = /#\/reset\/([\w-]+)/.exec(sent.at(-1)?.text ?? '') ?? []
  expect(token).toMatch(/^[\w-]{43}$/)
  return token
}

describe('a password is reset by link', () => {
  it('changes the password once, ends every session, and leaves a row in the audit', async () => {
    const before = headersOf(await signIn(admin.password))
    api.clock.set(api.clock.now() + minuteMs)
    expect((await ask(admin.email)).status).toBe(202)
    const token = await emailedToken()
    expect(sent[0]?.to.address).toBe(admin.email)
    expect(sent[0]?.html).toContain(`/#/reset/${token}`)
    expect((await reset(token)).status).toBe(204)
    expect((await reset(token, 'walnut harbour 43 kites')).status).toBe(404)
    expect((await api.call('GET', '/api/sessions', { key: null, headers: before })).status).toBe(401)
    expect((await signIn(admin.password)).status).toBe(401)
    expect((await signIn(next)).status).toBe(200)
    const { body } = await api.call<{ rows: { action: string }[] }>('GET', '/api/audit?limit=50')
    const actions = body.rows.map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['account.resetLink', 'account.passwordReset']))
    expect(JSON.stringify(body)).not.toContain(token)
    expect(JSON.stringify(body)).not.toContain(admin.email)
  })

  it('does not tell whether an address has an account, not even by how long it takes', async () => {
    let release = () => {}
    accepts = () =>
      new Promise<void>((resolve) => {
        release = resolve
      })
    const known = await ask(admin.email)
    const unknown = await ask('stranger@acme.example')
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body])
    release()
    await expect.poll(() => sent.length).toBe(1)
  })

  it('ends after half an hour', async () => {
    await ask(admin.email)
    const token = await emailedToken()
    api.clock.set(api.clock.now() + 30 * minuteMs)
    expect((await reset(token)).status).toBe(404)
    expect((await signIn(admin.password)).status).toBe(200)
  })

  it('is void once the password has changed another way', async () => {
    await ask(admin.email)
    const token = await emailedToken()
    api.clock.set(api.clock.now() + minuteMs)
    const mine = headersOf(await signIn(admin.password))
    const changed = await api.call('PUT', '/api/session/password', {
      key: null,
      headers: mine,
      body: { current: admin.password, next },
    })
    expect(changed.status).toBe(200)
    expect((await reset(token, 'walnut harbour 43 kites')).status).toBe(404)
  })

  it('refuses a weak password and leaves the link good', async () => {
    await ask(admin.email)
    const token = await emailedToken()
    for (let n = 0; n < 5; n++) expect((await reset(token, 'password1234')).status).toBe(400)
    expect((await reset(token)).status).toBe(204)
  })

  it('works once, however many use it at the same time', async () => {
    await ask(admin.email)
    const token = await emailedToken()
    const answers = await Promise.all([1, 2, 3].map((n) => reset(token, `walnut harbour 4${n} kites`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404])
  })

  it('holds back anyone who asks for many, known address or not, and leaves sign-in alone', async () => {
    for (const email of [admin.email, 'stranger@acme.example']) {
      const answers = []
      for (let n = 0; n < 4; n++) answers.push((await ask(email)).status)
      expect(answers).toEqual([202, 202, 202, 429])
    }
    expect((await signIn(admin.password)).status).toBe(200)
  })

  it('takes nothing from a page of another site', async () => {
    const { status } = await api.call('POST', '/api/session/reset-link', {
      key: null,
      body: { email: admin.email },
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    })
    expect(status).toBe(403)
  })

  it.each(['', 'x', '../..', 'a'.repeat(65)])('has no use for the token %j', async (token) => {
    expect([400, 404]).toContain((await reset(token)).status)
  })
})

test('sessions name their device, and all others end at once', async () => {
  const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0'
  const mine = headersOf(await signIn(admin.password, { 'User-Agent': agent }))
  const others = [headersOf(await signIn(admin.password)), headersOf(await signIn(admin.password))]
  const list = () =>
    api.call<{ sessions: { device: string; current: boolean }[] }>('GET', '/api/sessions', {
      key: null,
      headers: mine,
    })
  const { sessions } = (await list()).body
  expect(sessions).toHaveLength(3)
  expect(sessions.find(({ current }) => current)?.device).toBe('Firefox on Windows')
  const { body } = await api.call('DELETE', '/api/sessions', { key: null, headers: mine })
  expect(body).toEqual({ ended: 2 })
  expect((await list()).body.sessions).toHaveLength(1)
  for (const headers of others)
    expect((await api.call('GET', '/api/sessions', { key: null, headers })).status).toBe(401)
})
