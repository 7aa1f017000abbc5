import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const iso = (at: number) => new Date(at).toISOString()

let served: ServedBilling
const received: { headers: IncomingHttpHeaders; body: string }[] = []
let status = 200
/** The product that has no billing system. */
const product = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
    response.writeHead(status)
    response.end()
  })
})

beforeAll(async () => {
  served = await serveBilling('stripe')
  await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await served.close()
  product.closeAllConnections()
  await new Promise((resolve) => product.close(resolve))
})

const url = () => `http://127.0.0.1:${(product.address() as AddressInfo).port}/hooks`
const put = (address = url()) =>
  served.api.call<{ secret: string }>('PUT', '/api/billing/callback', { body: { url: address } })

/** As github.com/standard-webhooks/standard-webhooks describes it, not as we write it. */
function isSigned({ headers, body }: (typeof received)[number], secret: string): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(content).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .some((part) => {
      const given = Buffer.from(part.slice(3), 'base64')
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
}

test('a new end is posted, signed, and again under the same id until it is taken', async () => {
  const { secret } = (await put()).body
  const endsAt = served.clock.now() + 14 * dayMs
  await served.put('solo', endsAt)
  status = 503
  await served.extend('solo', 7)
  expect(received).toHaveLength(1)
  status = 200
  await served.pass(minuteMs)
  expect(received).toHaveLength(2)
  const [first, second] = received.splice(0)
  expect(JSON.parse(second?.body ?? '')).toMatchObject({
    type: 'trial.end_changed',
    data: { userId: 'solo', endsAt: iso(endsAt + 7 * dayMs), extension: { days: 7 } },
  })
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  expect(second?.headers['idempotency-key']).toBe(first?.headers['webhook-id'])
  expect(Number(second?.headers['webhook-timestamp'])).toBe(Math.floor(served.clock.now() / 1000))
  for (const message of [first, second]) expect(message && isSigned(message, secret)).toBe(true)
  await served.pass(dayMs)
  expect(received).toEqual([])
  const { body } = await served.api.call<{ deliveries: { userId: string; state: string }[] }>(
    'GET',
    '/api/billing/callback',
  )
  expect(body.deliveries).toMatchObject([{ userId: 'solo', state: 'sent', failures: 1 }])
  expect(JSON.stringify(body)).not.toContain(secret)
})

test('after a new secret both sign, and a trial with a subscription is not posted', async () => {
  const before = (await put()).body.secret
  const { secret } = (await put()).body
  const { userId } = await served.link()
  await served.extend(userId, 7)
  expect(received).toEqual([])
  await served.put('two', served.clock.now() + 14 * dayMs)
  await served.extend('two', 7)
  const [message] = received.splice(0)
  for (const one of [before, secret]) expect(message && isSigned(message, one)).toBe(true)
})

test.each([
  'http://example.com/hook',
  'https://10.0.0.8/hook',
  'https://169.254.169.254/latest',
  'ftp://example.com',
])('refuses %s', async (address) => {
  expect((await put(address)).status).toBe(400)
})

test('a test event is signed and tells what the product answers; a pause lets new ends wait', async () => {
  const { secret } = (await put()).body
  received.length = 0
  const tested = () =>
    served.api.call<{ taken: boolean; detail: string | null }>('POST', '/api/billing/callback/tests')
  status = 200
  expect((await tested()).body).toEqual({ taken: true, detail: null })
  const [event] = received.splice(0)
  expect(JSON.parse(event?.body ?? '')).toMatchObject({ type: 'trial.callback_test' })
  expect(event && isSigned(event, secret)).toBe(true)
  status = 500
  expect((await tested()).body).toEqual({ taken: false, detail: expect.stringContaining('500') })
  status = 200
  received.length = 0

  const pause = (paused: boolean) =>
    served.api.call('POST', '/api/billing/callback/pause', { body: { paused } })
  expect((await pause(true)).body).toEqual({ paused: true })
  await served.put('waits', served.clock.now() + 14 * dayMs)
  await served.extend('waits', 7)
  await served.pass(hourMs)
  expect(received).toEqual([])
  const shown = (
    await served.api.call<{ paused: boolean; deliveries: object[] }>('GET', '/api/billing/callback')
  ).body
  expect(shown.paused).toBe(true)
  expect(shown.deliveries).toContainEqual(
    expect.objectContaining({ userId: 'waits', state: 'waiting', detail: 'The callback is paused.' }),
  )
  // A new address or secret does not end a pause.
  await put()
  await served.pass(hourMs)
  expect(received).toEqual([])
  await pause(false)
  await served.pass(6 * minuteMs)
  expect(received.map(({ body }) => JSON.parse(body).data.userId)).toEqual(['waits'])

  await served.api.call('DELETE', '/api/billing/callback')
  expect((await tested()).status).toBe(404)
  expect((await pause(true)).status).toBe(404)
})
