import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Environment, Paddle } from '@paddle/paddle-node-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BillingProvider } from '../../../server/features/billing/billing-provider.ts'
import { createPaddle } from '../../../server/features/billing/paddle.ts'

/** Our requests against those of Paddle’s own client. */

interface Sent {
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly body: unknown
}

const sent: Sent[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://paddle')
    const text = Buffer.concat(chunks).toString('utf8')
    sent.push({
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      body: text === '' ? null : JSON.parse(text),
    })
    const data = { id: 'sub_1', customer_id: 'ctm_1', status: 'active', items: [] }
    const isList = pathname === '/subscriptions' || pathname === '/transactions'
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ data: isList ? [] : data, meta: { pagination: { has_more: false } } }))
  })
})

let ours: BillingProvider
let theirs: Paddle
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ours = createPaddle({ apiKey: 'key', webhookSecrets: [], baseUrl })
  theirs = new Paddle('key', { environment: baseUrl as Environment })
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Their client may stumble over so bare an answer; what it asked for is all that counts. */
async function sentBy(ask: () => Promise<unknown>): Promise<Sent[]> {
  sent.length = 0
  await ask().catch(() => {})
  return [...sent]
}
const end = '2026-12-24T18:00:00.000Z'

test('a subscription, its customer and its payments are read as their client reads them', async () => {
  expect(await sentBy(() => ours.fetchSubscription('sub_1'))).toEqual([
    ...(await sentBy(() => theirs.subscriptions.get('sub_1'))),
    ...(await sentBy(() => theirs.customers.get('ctm_1'))),
    ...(await sentBy(() =>
      theirs.transactions
        .list({ subscriptionId: ['sub_1'], status: ['paid', 'completed'], perPage: 30 })
        .next(),
    )),
  ])
})

test('a trial is moved as their client moves it', async () => {
  const [moved] = await sentBy(() => ours.extendTrial('sub_1', Date.parse(end), 'once'))
  const [asTheirs] = await sentBy(() =>
    theirs.subscriptions.update('sub_1', { nextBilledAt: end, prorationBillingMode: 'do_not_bill' }),
  )
  expect(moved).toEqual(asTheirs)
})

test.each([null, 'sub_0'])('trials are listed as their client lists them, from %s', async (cursor) => {
  const [listed] = await sentBy(() => ours.listTrialing(cursor, 50))
  const [asTheirs] = await sentBy(() =>
    theirs.subscriptions
      .list({ status: ['trialing'], perPage: 50, ...(cursor !== null && { after: cursor }) })
      .next(),
  )
  expect(listed).toEqual(asTheirs)
})
