import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../../server/adapters/logger.ts'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { someTime } from '../../support/build-trial.ts'
import { admin, type ServedApi, secretKey, serveApi, writeKey } from '../../support/serve-api.ts'
import { createSmtpSink } from '../../support/smtp-sink.ts'

/** Everything personal in this run has one of these in it. */
const marks = ['quetzal', secretKey, admin.email, admin.password]

const lines: string[] = []
let api: ServedApi
let sink: Awaited<ReturnType<typeof createSmtpSink>>
beforeAll(async () => {
  sink = await createSmtpSink({})
  api = await serveApi(someTime, {
    env: { SMTP_URL: sink.url, MAIL_FROM: 'Acme <hello@acme.example>', INBOUND_SMTP_PORT: '0' },
    overrides: { log: createLogger('trace', { write: (line: string) => void lines.push(line) }) },
  })
})
afterAll(async () => {
  await api.close()
  await sink.close()
})

test('no address, token or name is in the log or the audit of a full run', async () => {
  const { call, clock } = api
  const path = '/api/trialists/uid-quetzal'
  await call('PUT', path, {
    body: { email: 'quetzal@corp.example', name: 'Ana Quetzal', timeZone: 'Europe/London' },
  })
  for (const event of ['Setup Completed', 'First Result', 'Teammate Invited'])
    await call('POST', '/v1/batch', {
      key: null,
      body: { writeKey: secretKey, batch: [{ type: 'track', userId: 'uid-quetzal', event }] },
    })
  await call('POST', '/v1/batch', { key: null, body: `{"writeKey":"${writeKey}","batch":[{"quetzal` })
  await call('POST', '/v1/identify', {
    key: null,
    body: { writeKey, userId: 'uid-quetzal', identityToken: 'quetzal.a.b' },
  })
  for (let n = 0; n < 6; n++) {
    clock.advance(n < 3 ? hourMs : 4 * dayMs)
    await api.server.dueLoop.drain()
  }
  expect(sink.ledger.length).toBeGreaterThan(0)
  await call('POST', `${path}/extensions`, {
    body: { days: 3, reason: 'asked by quetzal@corp.example', note: 'Ana Quetzal' },
  })
  await call('POST', '/api/ext/v1/trials/uid-quetzal/owner', { body: { owner: 'Olga Quetzal' } })
  await call('POST', '/api/suppressions', {
    body: { address: 'other-quetzal@corp.example', reason: 'unsubscribed' },
  })
  await call(
    'DELETE',
    '/api/suppressions/other-quetzal@corp.example?note=wrote+from%0Aquetzal@corp.example%2C+quetzal+%5Bat%5D+corp.example',
  )
  await call('PUT', '/api/trialists/uid-third', {
    body: { email: 'third@corp.example', name: 'Tom Quetzal' },
  })
  await call('POST', '/api/suppressions', { body: { address: 'third@corp.example', reason: 'complaint' } })
  await call('DELETE', '/api/suppressions/third@corp.example?note=Tom+Quetzal+called')
  await call('POST', '/api/session', {
    key: null,
    body: { email: 'quetzal@corp.example', password: 'quetzal 71 tide lantern' },
  })
  await call('GET', '/api/trialists?q=quetzal', { key: 'sk_quetzal_0123456789abcdef' })
  await call('GET', `/u/quetzal`, { key: null })
  const tokens =
    (await api.server.storage.trials.get('main:u:uid-quetzal' as never))?.outbox.map(({ token }) => token) ??
    []
  await call('DELETE', path)
  const audit = await api.server.storage.documents.list('audit', { limit: 1000 })
  expect(lines.length).toBeGreaterThan(5)
  const written = [...lines, ...audit.map(({ body }) => JSON.stringify(body))]
  const secrets = [...marks, ...tokens.filter((token) => token !== null)]
  // Ids of trials are in the log by design: they name a user of the team’s own system.
  const told = written
    .map((line) => line.replaceAll('main:u:uid-quetzal', ''))
    .filter((line) => secrets.some((mark) => line.toLowerCase().includes(mark.toLowerCase())))
  expect(told).toEqual([])
})
