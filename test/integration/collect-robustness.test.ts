import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLimits, eventTypes } from '../../shared/collect.ts'
import { type CollectServer, serveCollect, writeKey } from '../support/serve-collect.ts'

let server: CollectServer
const faults: string[] = []
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
beforeAll(async () => {
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  server = await serveCollect({ log, limits: { requestsPerSecond: 1e6, burst: 1e6 } })
})
afterAll(async () => {
  agent.destroy()
  await server.close()
})

interface Sent {
  path: string
  headers: Record<string, string | string[]>
  body: Buffer
}
interface Answered {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

function send({ path, headers, body }: Sent, method = 'POST'): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        method,
        path,
        agent,
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes as they are and collects what comes back until the server closes or falls silent. */
function raw(...parts: (string | Buffer | number)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (/\r\n\r\n/.test(text)) setTimeout(() => socket.destroy(), 20)
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => {})
    socket.on('connect', async () => {
      for (const part of parts)
        if (typeof part === 'number') await sleep(part)
        else socket.write(part)
    })
  })
}

const valid = {
  writeKey,
  sentAt: '2026-01-24T12:00:00.000Z',
  nudges: true,
  batch: [
    {
      type: 'identify',
      userId: 'u',
      anonymousId: 'v',
      traits: { email: 'a@b.co', trial: { endsAt: null } },
      messageId: 'm1',
    },
    {
      type: 'track',
      event: 'Board Created',
      userId: 'u',
      properties: { n: 1, list: [{ a: 'b\n' }] },
      messageId: 'm2',
    },
    { type: 'alias', userId: 'u', previousId: 'w' },
    { type: 'page', anonymousId: 'w', context: { page: { path: '/x' }, library: { name: 'trialpace' } } },
    { type: 'track', event: 'Nudge Shown', userId: 'u', properties: { nudge_id: 'upgrade-after-value' } },
  ],
}

const path = fc.oneof(
  fc.constantFrom('/v1/b', '/v1/batch', '/v1/t', '/v1/i', '/v1/a', '/v1/p', '/beacon/v1/batch', '/v1/batch/'),
  fc.constantFrom(
    '/v1/projects/%/settings',
    '/v1/projects/pk_main/settings',
    '/sourceConfig/?writeKey=',
    '/v1/b?%%%',
  ),
  fc.webQueryParameters().map((query) => `/v1/b?${query}`),
  fc.string({ maxLength: 12 }).map((key) => `/v1/t?writeKey=${encodeURIComponent(key)}`),
)
const headers = fc.record(
  {
    authorization: fc.oneof(
      fc.constantFrom(
        'Basic',
        'Basic ',
        'Basic !!',
        'Bearer',
        'Bearer a.b.c',
        'basic cGtfbWFpbjo=',
        'Digest x',
      ),
      fc.base64String().map((text) => `Basic ${text}`),
      fc.base64String().map((text) => `Bearer ${text}.${text}.${text}`),
    ),
    'content-encoding': fc.constantFrom(
      'gzip',
      'br',
      'deflate',
      'identity',
      '',
      'gzip, br',
      'x-gzip',
      'zstd',
    ),
    'content-type': fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      ';;;',
      'multipart/form-data',
    ),
    'x-write-key': fc.constantFrom('pk_main', 'sk_main', 'pk_none', ''),
  },
  { requiredKeys: [] },
)
const usualHeaders = { 'x-write-key': writeKey }

const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>('constructor', '\u0000', '\ud800', 1e308, -0),
)
const oddEvent = fc.record(
  {
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom<unknown>(...eventTypes) }, oddValue),
    userId: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>('u', '__proto__', 'a:b|c') }, oddValue),
    anonymousId: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>('v', 'constructor') }, oddValue),
    event: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<unknown>('A', 'toString', '__proto__', 'Nudge Shown') },
      oddValue,
    ),
    traits: fc.oneof(
      fc.dictionary(
        fc.constantFrom('email', 'trial', 'trialEndsAt', 'company', '@name', 'timezone', 'x'),
        oddValue,
      ),
      oddValue,
    ),
    properties: fc.oneof(fc.dictionary(fc.constantFrom('nudge_id', 'path', 'a.b', '$x'), oddValue), oddValue),
    context: fc.oneof(
      fc.dictionary(fc.constantFrom('page', 'library', 'traits', 'identityToken', 'locale'), oddValue),
      oddValue,
    ),
    previousId: oddValue,
    messageId: fc.oneof(fc.uuid(), oddValue),
    timestamp: fc.oneof(fc.constantFrom<unknown>('2026-01-24T12:00:00Z', '2000-01-01T00:00:00Z'), oddValue),
  },
  { requiredKeys: [] },
)

/** A valid body after a few bytes of it were changed, left out or doubled. */
const mutated = fc
  .array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'double')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    let bytes = Buffer.from(JSON.stringify(valid))
    for (const [place, byte, how] of changes) {
      const at = place % bytes.length
      const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)]
      const some = rest.subarray(0, byte % 40)
      if (how === 'set') bytes = Buffer.concat([before, Buffer.from([byte]), rest.subarray(1)])
      else if (how === 'cut') bytes = Buffer.concat([before, rest.subarray(some.length)])
      else bytes = Buffer.concat([before, some, rest])
    }
    return bytes
  })

const encoded = (body: Buffer, encoding: unknown): Buffer =>
  encoding === 'gzip'
    ? gzipSync(body)
    : encoding === 'br'
      ? brotliCompressSync(body)
      : encoding === 'deflate'
        ? deflateSync(body)
        : body

async function survives(cases: fc.Arbitrary<Sent>, numRuns: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(cases, { minLength: 10, maxLength: 10 }), async (batch) => {
      for (const [index, { status, text }] of (await Promise.all(batch.map((one) => send(one)))).entries()) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status >= 500)
          throw new Error(`${status} ${text} for ${batch[index]?.path} ${batch[index]?.body}`)
      }
    }),
    { numRuns: numRuns / 10, endOnFailure: true },
  )
  expect(faults).toEqual([])
  return statuses
}

describe('whatever comes in, no request breaks the server', () => {
  it('2,000 times noise with odd paths, queries and headers', async () => {
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    const statuses = await survives(
      fc.record({ path, headers, body: fc.oneof(noise, fc.constant(Buffer.from('{}'))) }),
      2_000,
    )
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 401]))
  })

  it('4,000 times a valid body with a few bytes changed, encoded or not', async () => {
    const cases = fc
      .tuple(mutated, fc.constantFrom(undefined, 'gzip', 'br', 'deflate'))
      .map(([body, encoding]) => ({
        path: '/v1/b',
        headers: { ...usualHeaders, ...(encoding && { 'content-encoding': encoding }) },
        body: encoded(body, encoding),
      }))
    const statuses = await survives(cases, 4_000)
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400]))
  })

  it('4,000 times valid JSON with odd values in every place', async () => {
    const cases = fc
      .tuple(
        fc.array(fc.oneof({ weight: 9, arbitrary: oddEvent }, oddValue), { maxLength: 4 }),
        fc.constantFrom('pk_main', 'sk_main', 'pk_strict'),
        oddValue,
      )
      .map(([batch, key, odd]) => ({
        path: '/v1/b',
        headers: { 'x-write-key': key },
        body: Buffer.from(
          JSON.stringify({
            batch,
            sentAt: odd,
            identityToken: odd,
            nudges: true,
            rulesEtag: odd,
            locale: odd,
          }),
        ),
      }))
    const statuses = await survives(cases, 4_000)
    expect([...statuses.keys()]).toEqual([200])
  })

  it('and counts the next event as if nothing had happened', async () => {
    const body = Buffer.from(JSON.stringify({ writeKey, userId: 'after', event: 'A' }))
    expect((await send({ path: '/v1/t', headers: {}, body })).status).toBe(200)
    expect((await server.trialOf('after'))?.usage.total).toBe(1)
  })
})

describe('bodies that are not what they say', () => {
  const batch = JSON.stringify({ writeKey, batch: [{ type: 'track', event: 'A', userId: 'odd' }] })
  const head = (more: string, path = '/v1/b') => `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`
  const length = `Content-Length: ${Buffer.byteLength(batch)}`

  it('a bomb: 100 MB in 100 KB is refused without being inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(collectLimits.batchBytes)
    const before = process.memoryUsage().external
    const bombs = Array.from({ length: 8 }, () =>
      send({ path: '/v1/b', headers: { 'content-encoding': 'gzip' }, body: bomb }),
    )
    for (const { status } of await Promise.all(bombs)) expect(status).toBe(413)
    expect(process.memoryUsage().external - before).toBeLessThan(50 * 1024 * 1024)
  })
  it('a body far over the limit is answered with 413, and the connection goes on', async () => {
    const large = await send({ path: '/v1/b', headers: {}, body: Buffer.alloc(3 * 1024 * 1024, 'x') })
    expect(large.status).toBe(413)
    expect((await send({ path: '/v1/b', headers: {}, body: Buffer.from(batch) })).status).toBe(200)
  })
  it('a body that comes in pieces is put together', async () => {
    const middle = Math.floor(batch.length / 2)
    expect(await raw(head(length), batch.slice(0, middle), 30, batch.slice(middle))).toMatch(/^HTTP\/1.1 200/)
    const chunks = [...batch].map((character) => `1\r\n${character}\r\n`).join('')
    expect(await raw(head('Transfer-Encoding: chunked'), chunks, '0\r\n\r\n')).toMatch(/^HTTP\/1.1 200/)
  })
  it('a client that hangs up in the middle leaves nothing behind', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(head('Content-Length: 1000') + batch)
    await sleep(30)
    socket.destroy()
    await server.collect.drain()
    expect(server.collect.stats()).toMatchObject({ waitingEvents: 0, waitingBytes: 0 })
  })
  it('a wrong or doubled Content-Length is refused, a short one reads what it names', async () => {
    for (const more of ['Content-Length: -1', 'Content-Length: x', `${length}\r\nContent-Length: 3`])
      expect(await raw(head(more), batch)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(head(`${length}\r\nTransfer-Encoding: chunked`), batch)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(head('Content-Length: 10'), batch)).toMatch(/^HTTP\/1.1 400/)
  })
  it('doubled headers do no harm', async () => {
    const twice = `${length}\r\nX-Write-Key: a\r\nX-Write-Key: b\r\nAuthorization: Basic Og==\r\nAuthorization: Basic x`
    expect(await raw(head(twice), batch)).toMatch(/^HTTP\/1.1 200/)
    const encodings = `${length}\r\nContent-Encoding: gzip\r\nContent-Encoding: br`
    expect(await raw(head(encodings), batch)).toMatch(/^HTTP\/1.1 415/)
  })
  it('a host that is none steers nobody away', async () => {
    const asked = 'GET /v1/projects/pk_main/settings HTTP/1.1\r\nHost: evil host/@x\r\n\r\n'
    expect(await raw(asked)).toContain('"apiHost":"localhost/v1"')
  })
  it('a trickling body does not hold others up, and is cut off', async () => {
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(head('Content-Length: 1000'))
      return socket
    })
    expect((await send({ path: '/v1/b', headers: {}, body: Buffer.from(batch) })).status).toBe(200)
    expect(server.server.requestTimeout).toBeLessThanOrEqual(30_000)
    for (const socket of sockets) socket.destroy()
  })
})
