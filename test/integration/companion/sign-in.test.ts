import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { ask, companionSetup, redirectUri, type Tokens } from '../../support/companion-api.ts'
import { admin } from '../../support/serve-api.ts'

const companion = companionSetup()
const { form, code, redeem, refresh, tokens, lookUp } = companion

test('/.well-known/trialpace tells the extension all it needs to sign in', async () => {
  const { status, body } = await companion.api.call<Record<string, unknown>>(
    'GET',
    '/.well-known/trialpace',
    {
      key: null,
    },
  )
  expect(status).toBe(200)
  expect(body).toMatchObject({ product: 'trialpace', protocol: 1, minProtocol: 1 })
  expect(new URL(String(body.tokenEndpoint)).pathname).toBe('/oauth/token')
})

describe('signing in', () => {
  test('gives a short access token and a refresh token for a code and its verifier', async () => {
    const answer = await redeem({ code: await code() })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900, rep: 'Admin' })
  })

  test.each([
    ['a wrong verifier', { code_verifier: randomBytes(48).toString('base64url') }],
    ['another redirect address', { redirect_uri: 'https://evil.example/cb' }],
    ['another client', { client_id: 'someone-else' }],
  ])('refuses a code with %s, and then for good', async (_name, wrong) => {
    const fresh = await code()
    expect((await redeem({ code: fresh, ...wrong })).status).toBe(400)
    if (!('client_id' in wrong)) expect((await redeem({ code: fresh })).status).toBe(400)
  })

  test('takes a code once and for a minute', async () => {
    const once = await code()
    expect((await redeem({ code: once })).status).toBe(200)
    expect((await redeem({ code: once })).status).toBe(400)
    const late = await code()
    companion.api.clock.advance(61 * secondMs)
    expect((await redeem({ code: late })).status).toBe(400)
  })

  test('ends what a code has given when the code comes again: someone else has read it', async () => {
    const once = await code()
    const pair = (await (await redeem({ code: once })).json()) as Tokens
    expect((await lookUp(['a@example.com'], pair.access_token)).status).toBe(200)
    expect((await redeem({ code: once })).status).toBe(400)
    expect((await lookUp(['a@example.com'], pair.access_token)).status).toBe(401)
    expect((await refresh(pair.refresh_token)).status).toBe(400)
  })

  test('takes a code once also when it comes twice at the same time', async () => {
    const once = await code()
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await redeem({ code: once })).status),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  })

  test.each([
    ['a foreign redirect address', { redirect_uri: 'https://evil.example/cb' }],
    ['one that only begins alike', { redirect_uri: `${redirectUri}/more` }],
    ['no S256', { code_challenge_method: 'plain' }],
    ['no challenge', { code_challenge: '' }],
    ['another client', { client_id: 'someone-else' }],
  ])('sends no one anywhere with %s', async (_name, wrong) => {
    const query = new URLSearchParams({ ...ask, ...wrong })
    for (const answer of [
      await fetch(`${companion.api.server.url}/oauth/authorize?${query}`, { redirect: 'manual' }),
      await form('/oauth/authorize', { ...ask, ...wrong, ...admin, action: 'sign-in' }),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('location')).toBeNull()
      expect(await answer.text()).toContain('That did not work')
    }
  })

  test('names no field that was wrong and shows nothing of the password', async () => {
    const answer = await form('/oauth/authorize', {
      ...ask,
      email: admin.email,
      password: 'wrong',
      action: 'sign-in',
      state: '"><script>alert(1)</script>',
    })
    const html = await answer.text()
    expect(html).toContain('Email address or password is wrong.')
    expect(html).not.toContain('<script')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('renews with a refresh token once; one that comes again ends the whole family', async () => {
    const first = await tokens()
    const second = (await (await refresh(first.refresh_token)).json()) as Tokens
    expect((await lookUp(['a@example.com'], first.access_token)).status).toBe(401)
    expect((await lookUp(['a@example.com'], second.access_token)).status).toBe(200)
    expect((await refresh(first.refresh_token)).status).toBe(400)
    expect((await lookUp(['a@example.com'], second.access_token)).status).toBe(401)
    expect((await refresh(second.refresh_token)).status).toBe(400)
  })

  test('lets an access token go after 15 minutes, and all when signed out', async () => {
    const pair = await tokens()
    companion.api.clock.advance(15 * minuteMs + 1)
    expect((await lookUp(['a@example.com'], pair.access_token)).status).toBe(401)
    const renewed = (await (await refresh(pair.refresh_token)).json()) as Tokens
    expect((await form('/oauth/revoke', { token: renewed.refresh_token })).status).toBe(200)
    expect((await lookUp(['a@example.com'], renewed.access_token)).status).toBe(401)
    expect((await form('/oauth/revoke', { token: 'unknown' })).status).toBe(200)
    await companion.signInAgain()
  })

  test('keeps digests of codes and tokens only', async () => {
    const pair = await tokens()
    const { documents } = companion.api.server.storage
    const stored = JSON.stringify([
      await documents.list('oauth-family', { limit: 100 }),
      await documents.list('oauth-code', { limit: 100 }),
    ])
    for (const secret of [pair.access_token, pair.refresh_token])
      expect(stored).not.toContain(secret.split('.')[1])
  })

  test('opens no operation but those of the companion, whatever its person may do', async () => {
    const { paths } = (
      await companion.api.call<{ paths: Record<string, Record<string, { security?: unknown[] }>> }>(
        'GET',
        '/openapi.json',
      )
    ).body
    const opened: string[] = []
    let tried = 0
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { security }] of Object.entries(operations)) {
        if (!path.startsWith('/api/') || path.startsWith('/api/ext/') || path.startsWith('/api/session'))
          continue
        if (security?.length === 0) continue
        tried++
        const { status } = await companion.api.call(
          method.toUpperCase(),
          path.replaceAll(/\{\w+\}/g, 'none'),
          {
            key: companion.token,
            ...(method !== 'get' && method !== 'delete' && { body: {} }),
          },
        )
        if (status !== 403 && status !== 401) opened.push(`${method} ${path}: ${status}`)
      }
    expect(tried).toBeGreaterThan(60)
    expect(opened).toEqual([])
  })
})
