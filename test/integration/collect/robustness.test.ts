import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTypes } from '../../../shared/collect.ts'
import { type RawRequest, rawCollectSetup } from '../../support/raw-collect.ts'
import { writeKey } from '../../support/serve-collect.ts'

const collect = rawCollectSetup()
const { send } = collect

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

async function survives(cases: fc.Arbitrary<RawRequest>, numRuns: number): Promise<Map<number, number>> {
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
  expect(collect.faults).toEqual([])
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
    expect((await collect.server.trialOf('after'))?.usage.total).toBe(1)
  })
})
