import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoPlaybook } from '../../../server/demo/demo-playbook.ts'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { type ArrivedEvent, findingOf } from '../../../shared/connect.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, secretKey, serveApi, sessionOf, writeKey } from '../../support/serve-api.ts'

const identitySecret = 'identity-secret-of-the-connect-page-0123456789'
const feedPath = '/api/connect/events'

let api: ServedApi
let streams: AbortController[]
beforeEach(async () => {
  streams = []
  api = await serveApi(someTime, {
    env: { TRIALPACE_IDENTITY_SECRET: identitySecret },
    overrides: { playbook: demoPlaybook('http://127.0.0.1') },
  })
})
afterEach(async () => {
  for (const stream of streams) stream.abort()
  await api.close()
})

const open = (key: string | null = secretKey) => {
  const stream = new AbortController()
  streams.push(stream)
  return fetch(`http://127.0.0.1:${api.server.port}${feedPath}`, {
    signal: stream.signal,
    headers: key === null ? {} : { Authorization: `Bearer ${key}` },
  })
}

/** What the page would show; grows while the test goes on. */
async function watch(): Promise<ArrivedEvent[]> {
  const response = await open()
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const seen: ArrivedEvent[] = []
  void (async () => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) if (part.startsWith('data: ')) seen.push(JSON.parse(part.slice(6)))
    }
  })().catch(() => undefined)
  return seen
}

const token = (
  claims: { sub?: string; exp?: number; iat?: number } = {},
  secret = identitySecret,
): Promise<string> => {
  const now = Math.floor(someTime / 1000)
  return new SignJWT({ sub: 'ann', iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}

const send = (body: object, headers: Record<string, string> = {}) =>
  api.call('POST', '/v1/batch', { key: null, body: { writeKey, ...body }, headers })
const track = { type: 'track', event: 'Board Created', anonymousId: 'visitor-1' }
const identify = { type: 'identify', userId: 'ann', anonymousId: 'visitor-1' }
const at = Math.floor(someTime / 1000)

describe('what arrives is shown', () => {
  it('with who it was, whether they were signed, and the milestone it counts for; no traits, no properties', async () => {
    const seen = await watch()
    const signed = { ...track, userId: 'ann', properties: { secret: 'plum' }, traits: { phone: '123' } }
    await send({ batch: [signed], identityToken: await token() })
    await expect.poll(() => seen).toHaveLength(1)
    expect(seen[0]).toEqual({
      at: new Date(someTime).toISOString(),
      type: 'track',
      name: 'Board Created',
      userId: 'ann',
      anonymousId: 'visitor-1',
      sender: 'browser',
      outcome: 'counted',
      code: null,
      fault: null,
      milestone: demoPlaybook('http://127.0.0.1').milestones[0]?.name,
    })
    expect(findingOf(seen[0] as ArrivedEvent)).toBeNull()
  })

  it('says what was repeated, and what came from the server', async () => {
    const seen = await watch()
    const batch = [{ ...track, userId: 'ann', messageId: 'm1' }]
    for (let n = 0; n < 2; n++) await api.call('POST', '/v1/batch', { body: { writeKey: secretKey, batch } })
    await expect
      .poll(() => seen.map(({ outcome, sender }) => [outcome, sender]))
      .toEqual([
        ['counted', 'server'],
        ['duplicate', 'server'],
      ])
  })
})

describe('each fault is named with its fix', () => {
  it.each<[title: string, cause: () => Promise<unknown>]>([
    ['Wrong key', () => send({ writeKey: 'pk_of_no_workspace_0123456', batch: [track] })],
    ['No key', () => send({ writeKey: undefined, batch: [track] })],
    ['Unsigned', () => send({ batch: [identify] })],
    ['Wrong secret', async () => send({ batch: [identify], identityToken: await token({}, 'x'.repeat(40)) })],
    ['The id differs', async () => send({ batch: [identify], identityToken: await token({ sub: 'ben' }) })],
    [
      'The token has expired',
      async () => send({ batch: [identify], identityToken: await token({ iat: at - 7200, exp: at - 3700 }) }),
    ],
    [
      'The token lives over an hour',
      async () => send({ batch: [identify], identityToken: await token({ exp: at + 7200 }) }),
    ],
    [
      'The token is not valid yet',
      async () =>
        send({
          batch: [identify],
          identityToken: await token({ iat: 2 * at, exp: 2 * at + 60 }),
        }),
    ],
    ['The token is not a JWT', () => send({ batch: [identify], identityToken: '"quoted"' })],
    [
      'The sender’s clock is 10 min ahead',
      () => send({ batch: [track], sentAt: new Date(someTime + 600_000).toISOString() }),
    ],
    ['No identify yet', () => send({ batch: [track] })],
    [
      'A robot',
      () => send({ batch: [track] }, { 'User-Agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }),
    ],
  ])('%s', async (title, cause) => {
    const seen = await watch()
    await cause()
    await expect.poll(() => seen.length).toBe(1)
    const finding = findingOf(seen[0] as ArrivedEvent)
    expect(finding?.title).toContain(title)
    expect(finding?.fix.length).toBeGreaterThan(10)
  })
})

describe('the feed', () => {
  it('is for those who may see people, and for ten pages at most', async () => {
    expect((await open(null)).status).toBe(401)
    const analyst = await sessionOf(api, 'analyst')
    expect((await api.call('GET', feedPath, analyst)).status).toBe(403)
    for (let n = 0; n < 10; n++) expect((await open()).status).toBe(200)
    expect((await open()).status).toBe(429)
  })

  it('shows no more than twenty events of one request', async () => {
    const seen = await watch()
    await send({ batch: Array.from({ length: 30 }, () => track) })
    await send({ batch: [identify] })
    await expect.poll(() => seen.at(-1)?.type).toBe('identify')
    expect(seen).toHaveLength(21)
  })
})

it('says how far the product is connected', async () => {
  const progress = async () => (await api.call<AnswerOf<'GET /api/connect'>>('GET', '/api/connect')).body
  expect(await progress()).toMatchObject({
    lastEventAt: null,
    identified: false,
    addressed: false,
    milestone: false,
  })
  await send({ batch: [{ ...track, userId: 'ann' }, identify], identityToken: await token() })
  await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@customer.example' } })
  await expect.poll(progress).toMatchObject({
    identified: true,
    identity: { signed: true },
    addressed: true,
    milestone: true,
    unknownProxy: false,
  })
})
