import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '../../shared/clock.ts'
import { collectAnswerSchema, collectLimits } from '../../shared/collect.ts'
import {
  type CollectServer,
  identitySecret,
  secretKey,
  serveCollect,
  writeKey,
} from '../support/serve-collect.ts'

let server: CollectServer
beforeAll(async () => {
  server = await serveCollect()
})
afterAll(() => server.close())

let serial = 0
const fresh = (name: string) => `${name}-${++serial}`
const track = (event: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'track',
  event,
  messageId: fresh('m'),
  ...more,
})
const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` })
const sign = (claims: Record<string, unknown>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('30m')
    .sign(new TextEncoder().encode(identitySecret))

/** Posts a batch with the public key and returns the parsed answer. */
async function send(batch: unknown[], more: Record<string, unknown> = {}, key = writeKey) {
  const response = await server.post('/v1/batch', { writeKey: key, batch, ...more })
  expect(response.status).toBe(200)
  return collectAnswerSchema.parse(await response.json())
}
async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  const { type, status } = (await response.json()) as { type: string; status: number }
  expect(response.status).toBe(status)
  return type.split('/').at(-1)
}
const countOf = async (userId: string, event: string) =>
  (await server.trialOf(userId))?.usage.counters[event]?.count ?? 0

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
    const response = await server.post(path, { writeKey, userId, event: 'Board Created' })
    expect(await response.json()).toMatchObject({ success: true, accepted: 1, rejected: [] })
    const [logged] = await server.storage.events.ofSubject('main' as never, `u:${userId}`, 10)
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
        const response = await server.post(path, body, { headers: basic(writeKey) })
        expect(await response.json()).toMatchObject({ accepted: 1 })
      }
      expect(await countOf(userId, 'A')).toBe(3)
    },
  )
  it('leaves every other path to others', async () => {
    for (const path of ['/', '/v1', '/v1/unknown', '/api/trialists', '/v1/batches', '/V1/batch'])
      expect((await server.post(path, {})).status).toBe(404)
  })
  it('answers other methods with 405 and what is allowed', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${server.origin}/v1/batch`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    }
    expect((await fetch(`${server.origin}/sourceConfig/`, { method: 'DELETE' })).status).toBe(405)
  })
  it('lets any page send, without credentials, and names the asked headers back', async () => {
    const response = await fetch(`${server.origin}/v1/batch`, {
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
    const settings = await fetch(`${server.origin}/v1/projects/${writeKey}/settings`)
    expect(await settings.json()).toMatchObject({
      integrations: {
        'Segment.io': { apiKey: writeKey, apiHost: `127.0.0.1:${server.port}/v1`, protocol: 'http' },
      },
    })
    const source = await fetch(`${server.origin}/sourceConfig/?p=npm&writeKey=${writeKey}`)
    expect(await source.json()).toMatchObject({ source: { writeKey, enabled: true } })
    expect(await problemOf(await fetch(`${server.origin}/v1/projects/nope/settings`))).toBe('not-found')
    expect(await problemOf(await fetch(`${server.origin}/v1/projects/${secretKey}/settings`))).toBe(
      'not-found',
    )
    expect(await problemOf(await fetch(`${server.origin}/v1/projects/%ff/settings`))).toBe('not-found')
    expect(await problemOf(await fetch(`${server.origin}/sourceConfig/`))).toBe('not-found')
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
    const response = await server.post('/v1/b', '', {
      body: encode(body()),
      headers: { 'content-encoding': encoding },
    })
    expect(await response.json()).toMatchObject({ accepted: 1 })
  })
  it.each(['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/json', 'x/y'])(
    'are read as JSON whatever their type, as %s',
    async (type) => {
      const response = await server.post('/v1/b', body(), { headers: { 'content-type': type } })
      expect(await response.json()).toMatchObject({ accepted: 1 })
    },
  )
  it('are refused when they are no JSON, no batch, or not encoded as they say', async () => {
    for (const text of ['', '{', 'a=1', '\u0000', '{"batch":[}'])
      expect(await problemOf(await server.post('/v1/b', text, { headers: basic(writeKey) }))).toBe(
        'invalid-json',
      )
    for (const text of ['1', 'null', '"x"', '{}', '{"batch":{}}', '{"batch":null}'])
      expect(await problemOf(await server.post('/v1/b', text, { headers: basic(writeKey) }))).toBe(
        'invalid-request',
      )
    const encoded = (encoding: string) =>
      server.post('/v1/b', body(), { headers: { 'content-encoding': encoding } })
    for (const encoding of ['gzip', 'br', 'deflate'])
      expect(await problemOf(await encoded(encoding))).toBe('invalid-request')
    for (const encoding of ['zstd', 'gzip, gzip', 'compress'])
      expect(await problemOf(await encoded(encoding))).toBe('unsupported-encoding')
  })
  it('may be as large as the limit and not a byte larger', async () => {
    const shell = JSON.stringify({ writeKey, pad: '', batch: [track('A', { userId: 'large' })] })
    const padded = (bytes: number) => shell.replace('"pad":""', `"pad":"${'x'.repeat(bytes - shell.length)}"`)
    expect((await server.post('/v1/b', padded(collectLimits.batchBytes))).status).toBe(200)
    expect(await problemOf(await server.post('/v1/b', padded(collectLimits.batchBytes + 1)))).toBe(
      'too-large',
    )
    const zipped = (bytes: number) =>
      server.post('/v1/b', '', { body: gzipSync(padded(bytes)), headers: { 'content-encoding': 'gzip' } })
    expect((await zipped(collectLimits.batchBytes)).status).toBe(200)
    expect(await problemOf(await zipped(collectLimits.batchBytes + 1))).toBe('too-large')
  })
})

describe('verdicts per event', () => {
  it('takes the good ones and says what is wrong with the others', async () => {
    const userId = fresh('user')
    const answer = await send([
      track('A', { userId }),
      { type: 'track', userId, messageId: 'bad-1' },
      7,
      track('A', { userId, timestamp: 'yesterday' }),
      track('A', { userId }),
    ])
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_event_name'],
      [2, 'not_an_object'],
      [3, 'invalid_timestamp'],
    ])
    expect(answer.rejected[0]?.messageId).toBe('bad-1')
    expect(await countOf(userId, 'A')).toBe(2)
  })
  it('takes an event of the allowed size and rejects one that is a byte larger', async () => {
    const sized = (bytes: number) => {
      const event = track('A', { userId: 'sized', properties: { pad: '' } })
      event.properties = { pad: 'x'.repeat(bytes - JSON.stringify(event).length) }
      return event
    }
    const more = track('A', { userId: 'sized' })
    expect(await send([sized(collectLimits.eventBytes), more])).toMatchObject({ accepted: 2 })
    expect(await send([sized(collectLimits.eventBytes + 1), track('A', { userId: 'sized' })])).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'event_too_large' }],
    })
  })
  it('takes the first 500 of a batch and names the others', async () => {
    const userId = fresh('user')
    const answer = await send(Array.from({ length: 503 }, () => track('A', { userId })))
    expect(answer.accepted).toBe(500)
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [500, 'too_many_events'],
      [501, 'too_many_events'],
      [502, 'too_many_events'],
    ])
  })
  it('counts an event once, however often and wherever it is sent again', async () => {
    const userId = fresh('user')
    const event = track('A', { userId })
    expect(await send([event, event])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await send([event])).toMatchObject({ accepted: 0, duplicates: 1 })
    await Promise.all(Array.from({ length: 8 }, () => send([event])))
    expect(await countOf(userId, 'A')).toBe(1)
  })
  it('survives 100,000 levels and rejects only that event', async () => {
    const deep = `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`
    const text = `{"writeKey":"${writeKey}","batch":[{"type":"track","event":"A","userId":"deep","properties":${deep}},{"type":"track","event":"A","userId":"deep"}]}`
    const response = await server.post('/v1/b', text)
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'invalid_properties' }],
    })
  })
  it('takes names that mean something to JavaScript as mere names', async () => {
    const userId = fresh('user')
    const names = ['constructor', 'toString', 'hasOwnProperty', '$set', 'a.b']
    await send(names.map((name) => track(name, { userId })))
    const trial = await server.trialOf(userId)
    for (const name of names) expect(Object.hasOwn(trial?.usage.counters ?? {}, name), name).toBe(true)
    expect(trial?.usage.total).toBe(names.length)
    expect(({} as Record<string, unknown>).count).toBeUndefined()
  })
})

describe('keys', () => {
  it('are found in Basic, body, query, X-Write-Key and bearer', async () => {
    const event = () => track('A', { userId: 'keys' })
    const bare = (path: string, headers: Record<string, string> = {}) =>
      server.post(path, { batch: [event()] }, { headers })
    expect((await bare('/v1/b', basic(writeKey))).status).toBe(200)
    expect(
      (await bare('/v1/b', { authorization: `basic ${Buffer.from(writeKey).toString('base64')}` })).status,
    ).toBe(200)
    expect((await bare(`/v1/b?writeKey=${writeKey}`)).status).toBe(200)
    expect((await bare('/v1/b', { 'x-write-key': writeKey })).status).toBe(200)
    expect((await bare('/v1/b', { authorization: `Bearer ${secretKey}` })).status).toBe(200)
    expect((await server.post('/v1/b', { writeKey, batch: [event()] })).status).toBe(200)
  })
  it('are refused when missing or unknown', async () => {
    const batch = [track('A', { userId: 'keys' })]
    expect(await problemOf(await server.post('/v1/b', { batch }))).toBe('unauthorized')
    expect(await problemOf(await server.post('/v1/b', { batch, writeKey: 'pk_nobody' }))).toBe('unauthorized')
    expect(await problemOf(await server.post('/v1/b', { batch, writeKey: 7 }))).toBe('unauthorized')
    const wrong = await server.post('/v1/b', { batch, writeKey }, { headers: basic('pk_nobody') })
    expect(await problemOf(wrong)).toBe('unauthorized')
  })
  it('keep workspaces apart', async () => {
    const userId = fresh('user')
    await send([track('A', { userId })])
    expect(await server.trialOf(userId, 'strict')).toBeNull()
  })
})

describe('who may say what', () => {
  const traits = { email: 'ann@example.com', plan: 'pro', trialEndsAt: '2027-01-24T00:00:00Z', role: 'admin' }
  it('believes the team’s own server', async () => {
    const userId = fresh('user')
    await send([{ type: 'identify', userId, traits }], {}, secretKey)
    const trial = await server.trialOf(userId)
    expect(trial?.person).toMatchObject({ email: 'ann@example.com', plan: 'pro', traits: { role: 'admin' } })
    expect(trial?.clock.endsAt).toBe(Date.UTC(2027, 0, 24))
  })
  it('takes only free traits from a browser that proves nothing', async () => {
    const userId = fresh('user')
    await send([{ type: 'identify', userId, traits, context: { timezone: 'Europe/Berlin' } }])
    const trial = await server.trialOf(userId)
    expect(trial?.person).toMatchObject({
      email: null,
      plan: null,
      timeZone: 'Europe/Berlin',
      traits: { role: 'admin' },
    })
    expect(trial?.clock.endsAt).not.toBe(Date.UTC(2027, 0, 24))
  })
  it('takes mail, money and dates from within a signature only', async () => {
    const userId = fresh('user')
    const identityToken = await sign({ sub: userId, email: 'signed@example.com' })
    for (const proof of [{ identityToken }, { context: { identityToken } }])
      await send([{ type: 'identify', userId, traits }], proof)
    await send([{ type: 'identify', userId, traits, context: { identityToken } }])
    const bearer = await server.post(
      '/v1/i',
      { writeKey, userId, traits },
      { headers: { authorization: `Bearer ${identityToken}` } },
    )
    expect(await bearer.json()).toMatchObject({ accepted: 1 })
    const trial = await server.trialOf(userId)
    expect(trial?.person).toMatchObject({ email: 'signed@example.com', plan: null })
    expect(trial?.clock.endsAt).not.toBe(Date.UTC(2027, 0, 24))
    const logged = await server.storage.events.ofSubject('main' as never, `u:${userId}`, 10)
    expect(logged.map(({ event }) => event.verified)).toEqual([true, true, true, true])
  })
  it('does not let a signed user speak for another', async () => {
    const userId = fresh('victim')
    const identityToken = await sign({ sub: 'attacker', email: 'evil@example.com' })
    await send([{ type: 'identify', userId, traits }], { identityToken })
    expect((await server.trialOf(userId))?.person.email).toBeNull()
  })
  it('rejects unproved users where the workspace asks for proof, but not visitors', async () => {
    const batch = [track('A', { userId: 'strict-user' }), track('A', { anonymousId: 'strict-visitor' })]
    expect(await send(batch, {}, 'pk_strict')).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'unverified_identity' }],
    })
    expect(await send(batch.slice(0, 1), {}, 'sk_strict')).toMatchObject({ accepted: 1 })
  })
  it('rejects an address or a date that is none, where it would count', async () => {
    const bad = [{ email: 'a@b.co,c@d.co' }, { trialEndsAt: 'soon' }].map((traits) => ({
      type: 'identify',
      userId: 'bad',
      traits,
    }))
    expect((await send(bad, {}, secretKey)).rejected.map(({ code }) => code)).toEqual([
      'invalid_traits',
      'invalid_traits',
    ])
    expect(await send(bad)).toMatchObject({ accepted: 2 })
  })
})

describe('the time of events', () => {
  it('survives a client’s wrong clock and a server’s moved one', async () => {
    const userId = fresh('user')
    const clientNow = Date.now() - 300 * dayMs
    const at = new Date(clientNow - hourMs).toISOString()
    const before = Date.now()
    await send([track('A', { userId, timestamp: at })], { sentAt: new Date(clientNow).toISOString() })
    const seen = (await server.trialOf(userId))?.usage.lastSeenAt ?? 0
    expect(seen).toBeGreaterThanOrEqual(before - hourMs)
    expect(seen).toBeLessThanOrEqual(Date.now() - hourMs)
  })
  it('begins a trial with its first event', async () => {
    const userId = fresh('user')
    const first = Date.now() - 2 * dayMs
    await send([track('A', { userId, timestamp: new Date(first).toISOString() })])
    const clock = (await server.trialOf(userId))?.clock
    expect(clock).toMatchObject({ startsAt: first, endsAt: first + 14 * dayMs, status: 'trialing' })
  })
})

describe('the answer', () => {
  it('tells our own browser code about the trial, and vendor clients nothing', async () => {
    const userId = fresh('user')
    const event = () => track('Board Created', { userId })
    const told = await send([event()], { nudges: true })
    expect(told.trial).toMatchObject({ status: 'trialing', segment: expect.any(String) })
    expect(told.nudges).toBeInstanceOf(Array)
    const { etag } = told.rules as { etag: string }
    expect(await send([event()], { nudges: true, rulesEtag: etag })).not.toHaveProperty('rules')
    expect(await send([event()], { context: { library: { name: 'trialpace' } } })).toHaveProperty('trial')
    expect(await send([event()], { nudges: false })).not.toHaveProperty('nudges')
    for (const silent of [await send([event()]), await send([event()], { nudges: true }, secretKey)])
      expect(silent).not.toHaveProperty('trial')
  })
  it('is silent when the events are of two people', async () => {
    const batch = [track('A', { userId: fresh('user') }), track('A', { userId: fresh('user') })]
    expect(await send(batch, { nudges: true })).not.toHaveProperty('trial')
  })
  it('comes again for an event that is known already', async () => {
    const event = track('A', { userId: fresh('user') })
    await send([event], { nudges: true })
    expect(await send([event], { nudges: true })).toHaveProperty('trial')
  })
  it('wakes whoever waits for changed trials', async () => {
    const userId = fresh('user')
    await send([track('A', { userId })])
    expect(server.announced).toContain(`main:u:${userId}`)
  })
  it('notes what became of a nudge, which is no usage of the product', async () => {
    const userId = fresh('user')
    const nudge = (what: string, agoMs: number) =>
      track(`Nudge ${what}`, {
        userId,
        timestamp: new Date(Date.now() - agoMs).toISOString(),
        properties: { nudge_id: 'upgrade-after-value' },
      })
    await send([track('A', { userId })])
    await send([nudge('Shown', 30), nudge('Dismissed', 20), nudge('Shown', 10)])
    const trial = await server.trialOf(userId)
    expect(trial?.nudges['upgrade-after-value']).toMatchObject({ dismissals: 1 })
    expect(trial?.nudges['upgrade-after-value']?.shownAt).toHaveLength(2)
    expect(trial?.usage.total).toBe(1)
  })
})
