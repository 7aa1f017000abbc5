import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { collectLimits } from '../../../shared/collect.ts'
import { basic, collectSetup, fresh, problemOf, track } from '../../support/collect-client.ts'
import { secretKey, writeKey } from '../../support/serve-collect.ts'

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
    const [logged] = await collect.server.storage.events.ofSubject('main' as never, `u:${userId}`, 10)
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
