import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { collectLimits } from '../../../shared/collect.ts'
import { basic, collectSetup, fresh, problemOf, track } from '../../support/collect-client.ts'
import { secretKey, writeKey } from '../../support/serve-collect.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

const collect = collectSetup()
const { send, countOf } = collect

describe('paths and methods', () => {
  it.each([
    ['/v1/track', 'track'],
    ['/v1/t', 'track'],
    ['/v1/t/', 'track'],
    ['/v1/identify', 'identify'],
    ['/v1/i', 'identify'],
    ['/v1/page', 'page'],
    ['/v1/p', 'page'],
    ['/v1/screen', 'screen'],
    ['/v1/s', 'screen'],
    ['/v1/group', 'group'],
    ['/v1/g', 'group'],
    ['/v1/alias', 'alias'],
    ['/v1/a', 'alias'],
  ])('%s takes one message of type %s', async (path, type) => {
    const userId = fresh('user')
    const response = await collect.server.post(path, { writeKey, userId, event: 'Board Created' })
    expect(await response.json()).toMatchObject({ success: true, accepted: 1, rejected: [] })
    const [logged] = await collect.server.storage.events.ofSubject('main' as never, `n:${userId}`, 10)
    expect(logged?.event.type).toBe(type)
  })
  it.each(['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch', '/v1/batch/?x=1'])(
    '%s takes a batch, a bare list and a single message with its type',
    async (path) => {
      const userId = fresh('user')
      for (const body of [
        { batch: [track('A', { userId })] },
        [track('A', { userId })],
        track('A', { userId }),
      ]) {
        const response = await collect.server.post(path, body, { headers: basic(writeKey) })
        expect(await response.json()).toMatchObject({ accepted: 1 })
      }
      expect(await countOf(userId, 'A')).toBe(3)
    },
  )
  it('leaves every other path to others', async () => {
    for (const path of ['/', '/v1', '/v1/unknown', '/api/trialists', '/v1/batches', '/V1/batch'])
      expect((await collect.server.post(path, {})).status).toBe(404)
  })
  it('answers other methods with 405 and what is allowed', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${collect.server.origin}/v1/batch`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    }
    expect((await fetch(`${collect.server.origin}/sourceConfig/`, { method: 'DELETE' })).status).toBe(405)
  })
  it('lets any page send, without credentials, and names the asked headers back', async () => {
    const response = await fetch(`${collect.server.origin}/v1/batch`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,anonymousid,sentat,rsa-retry-attempt',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization,anonymousid,sentat,rsa-retry-attempt',
    )
    expect(response.headers.get('access-control-max-age')).toBe('86400')
  })
  it('steers vendor clients to itself', async () => {
    const settings = await fetch(`${collect.server.origin}/v1/projects/${writeKey}/settings`)
    expect(await settings.json()).toMatchObject({
      integrations: {
        'Segment.io': { apiKey: writeKey, apiHost: `127.0.0.1:${collect.server.port}/v1`, protocol: 'http' },
      },
    })
    const source = await fetch(`${collect.server.origin}/sourceConfig/?p=npm&writeKey=${writeKey}`)
    expect(await source.json()).toMatchObject({ source: { writeKey, enabled: true } })
    expect(await problemOf(await fetch(`${collect.server.origin}/v1/projects/nope/settings`))).toBe(
      'not-found',
    )
    expect(await problemOf(await fetch(`${collect.server.origin}/v1/projects/${secretKey}/settings`))).toBe(
      'not-found',
    )
    expect(await problemOf(await fetch(`${collect.server.origin}/v1/projects/%ff/settings`))).toBe(
      'not-found',
    )
    expect(await problemOf(await fetch(`${collect.server.origin}/sourceConfig/`))).toBe('not-found')
  })
})

describe('bodies', () => {
  const body = () => JSON.stringify({ writeKey, batch: [track('A', { userId: 'body' })] })
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['GZIP', gzipSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('are read when encoded with %s', async (encoding, encode) => {
    const response = await collect.server.post('/v1/b', '', {
      body: encode(body()),
      headers: { 'content-encoding': encoding },
    })
    expect(await response.json()).toMatchObject({ accepted: 1 })
  })
  it.each(['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/json', 'x/y'])(
    'are read as JSON whatever their type, as %s',
    async (type) => {
      const response = await collect.server.post('/v1/b', body(), { headers: { 'content-type': type } })
      expect(await response.json()).toMatchObject({ accepted: 1 })
    },
  )
  it('are refused when they are no JSON, no batch, or not encoded as they say', async () => {
    for (const text of ['', '{', 'a=1', '\u0000', '{"batch":[}'])
      expect(await problemOf(await collect.server.post('/v1/b', text, { headers: basic(writeKey) }))).toBe(
        'invalid-json',
      )
    for (const text of ['1', 'null', '"x"', '{}', '{"batch":{}}', '{"batch":null}'])
      expect(await problemOf(await collect.server.post('/v1/b', text, { headers: basic(writeKey) }))).toBe(
        'invalid-request',
      )
    const encoded = (encoding: string) =>
      collect.server.post('/v1/b', body(), { headers: { 'content-encoding': encoding } })
    for (const encoding of ['gzip', 'br', 'deflate'])
      expect(await problemOf(await encoded(encoding))).toBe('invalid-request')
    for (const encoding of ['zstd', 'gzip, gzip', 'compress'])
      expect(await problemOf(await encoded(encoding))).toBe('unsupported-encoding')
  })
  it('may be as large as the limit and not a byte larger', async () => {
    const shell = JSON.stringify({ writeKey, pad: '', batch: [track('A', { userId: 'large' })] })
    const padded = (bytes: number) => shell.replace('"pad":""', `"pad":"${'x'.repeat(bytes - shell.length)}"`)
    expect((await collect.server.post('/v1/b', padded(collectLimits.batchBytes))).status).toBe(200)
    expect(await problemOf(await collect.server.post('/v1/b', padded(collectLimits.batchBytes + 1)))).toBe(
      'too-large',
    )
    const zipped = (bytes: number) =>
      collect.server.post('/v1/b', '', {
        body: gzipSync(padded(bytes)),
        headers: { 'content-encoding': 'gzip' },
      })
    expect((await zipped(collectLimits.batchBytes)).status).toBe(200)
    expect(await problemOf(await zipped(collectLimits.batchBytes + 1))).toBe('too-large')
  })
})

describe('what other clients and hands write', () => {
  const post = async (path: string, body: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await collect.server.post(path, '', {
      body: new Uint8Array(Buffer.from(body as string)),
      headers: { ...basic(writeKey), ...headers },
    })
    return { status: response.status, body: await response.json() }
  }
  const event = (userId: string, more = {}) => ({ type: 'track', event: 'A', userId, ...more })
  const text = (userId: string) => JSON.stringify(event(userId))

  it.each([
    ['a byte order mark', (id: string) => Buffer.from(`\ufeff${text(id)}`), {}],
    ['UTF-16', (id: string) => Buffer.from(`\ufeff${text(id)}`, 'utf16le'), {}],
    [
      'UTF-16 as it says',
      (id: string) => Buffer.from(text(id), 'utf16le'),
      { 'content-type': 'application/json; charset=utf-16' },
    ],
    [
      'UTF-8 that calls itself UTF-16',
      (id: string) => Buffer.from(text(id)),
      { 'content-type': 'application/json; charset=utf-16' },
    ],
    [
      'a form with JSON',
      (id: string) => `data=${encodeURIComponent(text(id))}`,
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a form with base64',
      (id: string) => `data=${encodeURIComponent(Buffer.from(text(id)).toString('base64'))}`,
      {},
    ],
    ['gzip that says nothing', (id: string) => gzipSync(text(id)), {}],
    [
      'PHP’s empty object',
      (id: string) => JSON.stringify(event(id, { properties: [], context: [], traits: [] })),
      {},
    ],
    ['NaN', (id: string) => text(id).replace('}', ',"properties":{"r":NaN,"s":-Infinity}}'), {}],
    [
      'a time in seconds',
      (id: string) => JSON.stringify(event(id, { timestamp: Math.floor(Date.now() / 1000) })),
      {},
    ],
    [
      'a time with a blank',
      (id: string) =>
        JSON.stringify(event(id, { timestamp: new Date().toISOString().slice(0, 19).replace('T', ' ') })),
      {},
    ],
  ])('is taken: %s', async (_, body, headers) => {
    const userId = fresh('hand')
    expect(await post('/v1/track', body(userId), headers)).toMatchObject({
      status: 200,
      body: { accepted: 1 },
    })
    expect(await countOf(userId, 'A')).toBe(1)
    expect((await post('/v1/track', body(userId), headers)).body).not.toHaveProperty('ignored')
  })
  it('is taken with a number as an id', async () => {
    await post('/v1/track', '{"event":"A","userId":4711,"anonymousId":12,"messageId":1}')
    expect(await countOf('4711', 'A')).toBe(1)
    expect(await post('/v1/track', '{"event":"A","userId":9007199254740993}')).toMatchObject({
      body: { accepted: 0, rejected: [{ code: 'invalid_user_id' }] },
    })
  })
  it('costs a NaN nothing of its neighbours', async () => {
    const userId = fresh('hand')
    const batch = `{"batch":[${text(userId)},${text(userId).replace('}', ',"properties":{"r":NaN}}')}]}`
    expect(await post('/v1/batch', batch)).toMatchObject({ body: { accepted: 2 } })
  })
  it.each(['//v1/track', '//v1//track', '/v1/track/'])('is taken at %s', async (path) => {
    const userId = fresh('hand')
    expect(await post(path, text(userId))).toMatchObject({ status: 200, body: { accepted: 1 } })
  })
  it.each(['undefined', 'null', 'NaN', '[object Object]', 'none', ' '])(
    'makes no person of the user id "%s"',
    async (userId) => {
      for (const type of ['track', 'identify', 'page'])
        expect(await post(`/v1/${type}`, JSON.stringify(event(userId)))).toMatchObject({
          status: 200,
          body: { accepted: 0, rejected: [{ code: 'invalid_user_id' }] },
        })
      expect(await collect.server.trialOf(userId)).toBeNull()
    },
  )
  it('is a picture for pages that can load nothing else', async () => {
    const userId = fresh('hand')
    const data = Buffer.from(JSON.stringify({ ...event(userId), writeKey })).toString('base64')
    const url = `${collect.server.origin}/v1/pixel/track?data=${encodeURIComponent(data)}`
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/gif'])
    expect(await countOf(userId, 'A')).toBe(1)
    expect(await problemOf(await fetch(`${collect.server.origin}/v1/pixel/track?data=%`))).toBe(
      'invalid-json',
    )
    expect(await problemOf(await fetch(`${collect.server.origin}/v1/pixel/track`))).toBe('invalid-json')
  })
  it('is told why in `code` and `message` too', async () => {
    for (const [path, body, key] of [
      ['/v1/b', '{', writeKey],
      ['/v1/b', '{}', writeKey],
      ['/v1/b', '[]', 'pk_nobody'],
    ] as const) {
      const response = await collect.server.post(path, body, { headers: basic(key) })
      const { type, detail, code, message } = (await response.json()) as Record<string, string>
      expect(type?.endsWith(`/${code}`)).toBe(true)
      expect(message).toBe(detail)
    }
    const wrong = await fetch(`${collect.server.origin}/v1/batch`)
    expect(await wrong.json()).toMatchObject({ code: 'method-not-allowed', message: expect.any(String) })
  })
})

describe('robots', () => {
  const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
  const sentBy = async (agent: string, more: object, key = writeKey) => {
    const headers = { ...basic(key), 'user-agent': agent }
    const response = await collect.server.post('/v1/track', JSON.stringify({ event: 'A', ...more }), {
      headers,
    })
    return response.json()
  }
  it('are counted apart and leave no visitor', async () => {
    const { bots } = collect.server.collect.stats()
    const anonymousId = fresh('robot')
    expect(await sentBy(googlebot, { anonymousId })).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'bot' }],
    })
    expect(await collect.server.visitor(anonymousId)).toBeNull()
    expect(collect.server.collect.stats().bots).toBe(bots + 1)
  })
  it.each([
    'node',
    'Go-http-client/1.1',
    'python-requests/2.31',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  ])('are not libraries, test browsers or people: %s', async (agent) => {
    expect(await sentBy(agent, { anonymousId: fresh('person') })).toMatchObject({ accepted: 1 })
  })
  it('are no one who is signed in, and no server of the team', async () => {
    expect(await sentBy(googlebot, { userId: fresh('user') })).toMatchObject({ accepted: 1 })
    expect(await sentBy(googlebot, { anonymousId: fresh('v') }, secretKey)).toMatchObject({ accepted: 1 })
  })
})

describe('one request', () => {
  it('joins only a few visitors to people', async () => {
    const userId = fresh('hub')
    const batch = Array.from({ length: 500 }, () => ({ type: 'alias', userId, previousId: fresh('spam') }))
    const answer = await send(batch, {}, secretKey)
    expect(answer.accepted).toBe(100)
    expect(new Set(answer.rejected.map(({ code }) => code))).toEqual(new Set(['too_many_aliases']))
    expect((await collect.server.trialOf(userId))?.absorbed).toHaveLength(100)
  })
  it('counts everything where a library invents a visitor for each message, and makes none of them', async () => {
    for (const key of [writeKey, secretKey]) {
      const userId = fresh('rudder')
      for (let round = 0; round < 10; round++)
        await send(
          Array.from({ length: 50 }, () => track('A', { userId, anonymousId: fresh('invented') })),
          {},
          key,
        )
      expect(await countOf(userId, 'A')).toBe(500)
      const absorbed = (await collect.server.trialOf(userId))?.absorbed ?? []
      expect(absorbed.length).toBeLessThanOrEqual(key === secretKey ? 0 : 60)
    }
  })
  it('joins the visitor of a server’s batch whose own event stands before', async () => {
    const [userId, anonymousId] = [fresh('user'), fresh('visitor')]
    await send([track('A', { anonymousId }), { type: 'identify', userId, anonymousId }], {}, secretKey)
    expect(await countOf(userId, 'A')).toBe(1)
  })
  it('cannot make a person larger than a page can use', async () => {
    const userId = fresh('fat')
    const big = 'x'.repeat(3_900)
    for (let k = 0; k < 200; k += 100)
      await send(
        Array.from({ length: 100 }, (_, i) => ({ type: 'identify', userId, traits: { [`t${k + i}`]: big } })),
      )
    const huge = await send([{ type: 'identify', userId, traits: { huge: 'x'.repeat(31_000), role: 'x' } }])
    expect(huge.ignored).toMatchObject([{ fields: ['traits.huge'] }])
    for (let k = 0; k < 20; k++)
      await send([
        {
          type: 'identify',
          userId,
          traits: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${k * 100 + i}`, null])),
        },
      ])
    const trial = await collect.server.trialOf(userId)
    expect(JSON.stringify(trial).length).toBeLessThan(120_000)
    expect(trial?.person.traits.t0).toBe(big)
  })
})

describe('keys', () => {
  it('are found in Basic, body, query, X-Write-Key and bearer', async () => {
    const event = () => track('A', { userId: 'keys' })
    const bare = (path: string, headers: Record<string, string> = {}) =>
      collect.server.post(path, { batch: [event()] }, { headers })
    expect((await bare('/v1/b', basic(writeKey))).status).toBe(200)
    expect(
      (await bare('/v1/b', { authorization: `basic ${Buffer.from(writeKey).toString('base64')}` })).status,
    ).toBe(200)
    expect((await bare(`/v1/b?writeKey=${writeKey}`)).status).toBe(200)
    expect((await bare('/v1/b', { 'x-write-key': writeKey })).status).toBe(200)
    expect((await bare('/v1/b', { authorization: `Bearer ${secretKey}` })).status).toBe(200)
    expect((await collect.server.post('/v1/b', { writeKey, batch: [event()] })).status).toBe(200)
  })
  it('are refused when missing or unknown', async () => {
    const batch = [track('A', { userId: 'keys' })]
    expect(await problemOf(await collect.server.post('/v1/b', { batch }))).toBe('unauthorized')
    expect(await problemOf(await collect.server.post('/v1/b', { batch, writeKey: 'pk_nobody' }))).toBe(
      'unauthorized',
    )
    expect(await problemOf(await collect.server.post('/v1/b', { batch, writeKey: 7 }))).toBe('unauthorized')
    const wrong = await collect.server.post('/v1/b', { batch, writeKey }, { headers: basic('pk_nobody') })
    expect(await problemOf(wrong)).toBe('unauthorized')
  })
  it('keep workspaces apart', async () => {
    const userId = fresh('user')
    await send([track('A', { userId })])
    expect(await collect.server.trialOf(userId, 'strict')).toBeNull()
  })
})
