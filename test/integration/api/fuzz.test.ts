import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

/** TRIALPACE_FUZZ_CASES raises it, e.g. to 1e5 for a nightly run. */
const cases = Number(process.env.TRIALPACE_FUZZ_CASES ?? 10_000)

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime, { env: { API_RATE_LIMIT: '1000000' } })
})
afterAll(() => api.close())

interface Operation {
  readonly method: string
  readonly path: string
  /** Statuses that the document names. */
  readonly answers: ReadonlySet<number>
}

/** Every operation of the server’s own document, except those that would lock us out or take seconds by design. */
async function operations(): Promise<Operation[]> {
  const { body } = await api.call<{ paths: Record<string, Record<string, { responses: object }>> }>(
    'GET',
    '/openapi.json',
  )
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !(method === 'post' && path === '/api/session'))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        answers: new Set(Object.keys(operation.responses).map(Number)),
      })),
  )
}

const nasty = fc.oneof(
  fc.constantFrom(
    '',
    'ann',
    '..',
    '%',
    '%00',
    '%ff',
    '__proto__',
    'constructor',
    '$where',
    "' OR 1=1 --",
    '\u202e',
    '💥',
    '9'.repeat(400),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const instants = fc.constantFrom(
  '2026-09-20T12:00:00Z',
  '2026-09-20',
  '2026-02-30',
  '0000-01-01T00:00:00Z',
  'now',
  '',
)
const values = fc.oneof(
  { weight: 3, arbitrary: nasty },
  { weight: 2, arbitrary: instants },
  fc.double(),
  fc.bigInt().map(Number),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
)
/** Names the API knows, so that many cases come past the first check. */
const names = fc.constantFrom(
  'email',
  'name',
  'locale',
  'timeZone',
  'traits',
  'company',
  'plan',
  'consent',
  'trial',
  'startsAt',
  'endsAt',
  'days',
  'until',
  'reason',
  'note',
  'expectedEnd',
  'at',
  'ruleId',
  'label',
  'userId',
  'trialist',
  'events',
  'playbook',
  'milestones',
  'messages',
  'product',
  'to',
  'emails',
  'source',
  '__proto__',
  'role',
  'password',
)
const nearly = fc.dictionary(
  names,
  fc.oneof({ weight: 3, arbitrary: values }, fc.dictionary(names, values, { maxKeys: 3 })),
  { maxKeys: 6 },
)
const bodies = fc.oneof(
  { weight: 6, arbitrary: nearly.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{',
      '[[[[',
      '{"a":1e999}',
      '\u0000',
      `{"days":${'9'.repeat(5000)}}`,
      '['.repeat(9000),
    ),
  },
)
const queries = fc.dictionary(
  fc.oneof(
    fc.constantFrom('segment', 'q', 'sort', 'cursor', 'limit', 'before', 'note', 'email', 'from', 'to'),
    nasty,
  ),
  nasty,
  { maxKeys: 4 },
)
/** Too many wrong keys would only meet the brake. */
const authorizations = fc.oneof(
  { weight: 60, arbitrary: fc.constant(`Bearer ${secretKey}`) },
  { weight: 1, arbitrary: fc.constantFrom('Bearer x', 'Basic eA==', '') },
)
const headers = fc.record(
  {
    'Content-Type': fc.constantFrom(
      'application/json',
      'text/plain',
      'message/rfc822',
      'application/json; charset=utf-16',
      'multipart/form-data',
    ),
    'Idempotency-Key': fc.constantFrom('k1', 'k2', '', ' ', 'x'.repeat(300)),
    'If-Match': fc.constantFrom('"1"', '*', 'W/"1"', '"99999999999"', 'x'),
    'Content-Encoding': fc.constantFrom('identity', 'gzip', 'br', 'nonsense'),
    Cookie: fc.constantFrom('sid=x', 'sid=', '__Host-sid=%00', '='),
    Origin: fc.constantFrom('https://evil.example', 'null'),
  },
  { requiredKeys: [] },
)

test(`${cases} odd requests over every route break nothing`, async () => {
  const known = await operations()
  expect(known.length).toBeGreaterThan(40)
  const tooBig = new Set(['TypeError'])
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(known.length - 1), nasty, queries, bodies, headers, authorizations), {
        minLength: 20,
        maxLength: 20,
      }),
      async (requests) => {
        const answers = await Promise.all(
          requests.map(async ([index, segment, query, body, extra, Authorization]) => {
            const operation = known[index] as Operation
            const path = operation.path.replaceAll(/\{\w+\}/g, encodeURIComponent(segment) || 'x')
            const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, value]))
            try {
              return await api.call(operation.method, `${path}?${search}`, {
                key: null,
                headers: { Authorization, 'Content-Type': 'application/json', ...extra },
                ...(operation.method !== 'GET' && { body }),
              })
            } catch (error) {
              // fetch itself refuses some requests, e.g. `..` that leads out of the path; then there is no answer.
              if (tooBig.has((error as Error).name)) return null
              throw error
            }
          }),
        )
        for (const [index, answer] of answers.entries()) {
          if (!answer) continue
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
          const [asked, segment] = requests[index] as (typeof requests)[number]
          const { answers: documented, method, path } = known[asked] as Operation
          expect(answer.status, JSON.stringify(requests[index])).toBeLessThan(500)
          // A segment of dots leads to another path.
          if (!/^\.+$/.test(segment) || !path.includes('{'))
            expect(
              [...documented],
              `${method} ${path} answers ${answer.status}: ${JSON.stringify(requests[index])}`,
            ).toContain(answer.status)
          if (answer.status >= 400 && answer.status !== 412)
            expect(answer.headers.get('content-type'), JSON.stringify(requests[index])).toContain(
              'problem+json',
            )
        }
      },
    ),
    { numRuns: Math.ceil(cases / 20), endOnFailure: true },
  )
  // Most must have come past the door, and some all the way.
  expect(seen.get(200) ?? 0).toBeGreaterThan(cases / 50)
  expect(seen.get(400) ?? 0).toBeGreaterThan(cases / 50)
  expect((await api.call('GET', '/readyz')).status).toBe(200)
}, 300_000)
