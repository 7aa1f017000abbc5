import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Chargebee from 'chargebee'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BillingProvider } from '../../../server/features/billing/billing-provider.ts'
import { createChargebee } from '../../../server/features/billing/chargebee.ts'

/** Our requests against those of Chargebee’s own client, whose names are generated from its OpenAPI document. */

interface Sent {
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly form: Record<string, string>
}

const sent: Sent[] = []
const pairs = (text: string) => Object.fromEntries(new URLSearchParams(text))
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { pathname, search } = new URL(request.url ?? '', 'http://chargebee')
    const form = pairs(Buffer.concat(chunks).toString('utf8'))
    sent.push({ method: request.method ?? '', path: pathname, query: pairs(search), form })
    const subscription = { id: 'a b-1', status: 'active', currency_code: 'USD', due_invoices_count: 0 }
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ subscription, customer: { id: 'c1' }, list: [] }))
  })
})

const theirs = async (ask: (client: Chargebee) => Promise<unknown>): Promise<Sent> => {
  let found: Sent | undefined
  const httpClient = {
    async makeApiRequest(request: Request) {
      const { pathname, search } = new URL(request.url)
      const form = pairs(request.method === 'POST' ? await request.text() : '')
      found = { method: request.method, path: pathname, query: pairs(search), form }
      return new Response('{"list":[]}', { headers: { 'content-type': 'application/json' } })
    },
  }
  await ask(new Chargebee({ site: 'acme', apiKey: 'key', httpClient, enableValidation: true } as never))
  if (!found) throw new Error('their client has asked for nothing')
  return found
}

let ours: BillingProvider
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ours = createChargebee({ apiKey: 'key', webhookSecrets: [], baseUrl })
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const oursFor = async (ask: () => Promise<unknown>): Promise<Sent[]> => {
  sent.length = 0
  await ask()
  return [...sent]
}
/** Their types say number, their own check says text. */
const zero = '0' as unknown as number
const end = Date.UTC(2026, 11, 24, 18)

test('a subscription and the proof of its payment are read as their client reads them', async () => {
  const [read, proof] = await oursFor(() => ours.fetchSubscription('a b-1'))
  expect(read).toEqual(await theirs((client) => client.subscription.retrieve('a b-1')))
  expect(proof).toEqual(
    await theirs((client) =>
      client.invoice.list({ subscription_id: { is: 'a b-1' }, amount_paid: { gt: zero }, limit: 1 }),
    ),
  )
})

test('a trial is moved as their client moves it', async () => {
  const [moved] = await oursFor(() => ours.extendTrial('a b-1', end, 'once'))
  expect(moved).toEqual(
    await theirs((client) => client.subscription.changeTermEnd('a b-1', { term_ends_at: end / 1000 })),
  )
})

test.each([null, '["1","2"]'])('trials are listed as their client lists them, from %s', async (cursor) => {
  const [listed] = await oursFor(() => ours.listTrialing(cursor, 50))
  expect(listed).toEqual(
    await theirs((client) =>
      client.subscription.list({
        status: { is: 'in_trial' },
        limit: 50,
        ...(cursor !== null && { offset: cursor }),
      }),
    ),
  )
})
