import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedApi, secretKey, serveApi, writeKey } from '../../support/serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(Date.UTC(2026, 5, 1), { env: { API_RATE_LIMIT: '2', TRUST_PROXY: '1' } })
})
afterAll(() => api.close())

const from = (address: string) => ({ 'X-Forwarded-For': address })
const event = { event: 'A', userId: 'u', writeKey }

/** How many pass before one is refused. */
async function passing(work: () => Promise<{ status: number; headers: Headers }>, most = 100) {
  for (let n = 0; n < most; n++) {
    const { status, headers } = await work()
    if (status !== 429) continue
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    return n
  }
  return most
}

describe('one address', () => {
  it.each([
    ['/v1/track', 'POST', 10],
    ['/v1/pixel/track?data=', 'GET', 10],
    ['/o/nothing.gif', 'GET', 20],
    ['/c/nothing/0', 'GET', 20],
    ['/u/nothing', 'POST', 20],
    ['/oauth/token', 'POST', 2],
    ['/webhooks/stripe/nothing', 'POST', 6],
  ])('is held back at %s, and others are not', async (path, method, burst) => {
    const call = (address: string) => () =>
      api.call(method, path, { key: null, headers: from(address), ...(method === 'POST' && { body: event }) })
    const line = `2001:db8:${burst}:${path.length}::`
    // All at once, so that a slow machine refills the bucket by no more than a few.
    const asked = burst * 2 + 30
    const answers = await Promise.all(Array.from({ length: asked }, (_, n) => call(`${line}${n % 8}`)()))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(burst)
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await call('198.51.100.1')()).status).not.toBe(429)
  })
  it('is refused late for many wrong keys, and never with a right one', async () => {
    const headers = from('192.0.2.11')
    const ask = (key: string) => api.call('GET', '/api/segments', { key, headers })
    const answers = await Promise.all(Array.from({ length: 900 }, () => ask('sk_wrong_0123456789abcdef')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(900 - refused.length)
    for (const { headers: said } of refused) expect(Number(said.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(secretKey)).status).toBe(200)
  })
  it('pays for the length of its requests before they are read, so that many at once are not all in memory', async () => {
    const body = { ...event, properties: { text: 'x'.repeat(300_000) } }
    const send = () =>
      api.call('POST', '/v1/track', { key: null, headers: from('192.0.2.7'), body: JSON.stringify(body) })
    const answers = await Promise.all(Array.from({ length: 6 }, send))
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(1)
  })
  it('says so to clients that read `code` and `message`', async () => {
    const send = () =>
      api.call<Record<string, unknown>>('POST', '/v1/track', {
        key: null,
        headers: from('192.0.2.8'),
        body: event,
      })
    await passing(send)
    expect((await send()).body).toMatchObject({
      status: 429,
      code: 'rate-limited',
      message: expect.any(String),
    })
  })
  it('may send more with a secret key', async () => {
    const headers = { ...from('192.0.2.9'), Authorization: `Basic ${btoa(`${secretKey}:`)}` }
    expect(await passing(() => api.call('POST', '/v1/track', { key: null, headers, body: event }), 60)).toBe(
      60,
    )
  })
  it('pays for what its requests cost', async () => {
    const big = {
      writeKey,
      batch: [{ ...event, properties: { pad: 'x'.repeat(30_000) } }],
      pad: 'x'.repeat(400_000),
    }
    const send = () => api.call('POST', '/v1/batch', { key: null, headers: from('192.0.2.10'), body: big })
    expect(await passing(send)).toBe(1)
  })
})

describe('deep JSON beside an Idempotency-Key', () => {
  it('is refused before anything walks through it', async () => {
    const body = `{"label":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    const headers = { 'Idempotency-Key': 'deep' }
    const calm = await serveApi(Date.UTC(2026, 5, 1))
    try {
      expect((await calm.call('POST', '/api/keys', { body, headers })).status).toBe(400)
    } finally {
      await calm.close()
    }
  })
})
