import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createRecurly } from '../../../server/features/billing/recurly.ts'

/** Our requests against Recurly’s own OpenAPI document, which its npm package ships. */

interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
  readonly schema?: { readonly $ref?: string; readonly enum?: readonly string[] }
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } }
  }
}
interface Schema {
  readonly $ref?: string
  readonly properties?: Record<string, unknown>
  readonly enum?: readonly string[]
  readonly allOf?: readonly Schema[]
}
interface Specification {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    readonly parameters: Record<string, Parameter>
    readonly schemas: Record<string, Schema>
  }
}

const root = dirname(createRequire(import.meta.url).resolve('recurly/package.json'))
let specification: Specification
const sent: { method: string; url: URL; body: string; accept: string }[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const url = new URL(request.url ?? '', 'http://recurly')
    const { method = '', headers } = request
    sent.push({ method, url, body: Buffer.concat(chunks).toString('utf8'), accept: headers.accept ?? '' })
    const isList = /subscriptions$|invoices$/.test(url.pathname)
    const subscription = {
      id: 's1',
      state: 'active',
      trial_ends_at: '2026-01-01T00:00:00Z',
      currency: 'USD',
      subtotal: 29,
      total: 29,
      plan: { id: 'p1', code: 'team' },
    }
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(
      JSON.stringify(isList ? { data: [], has_more: false } : { ...subscription, invoice: { id: 'i1' } }),
    )
  })
})

beforeAll(async () => {
  specification = parse(readFileSync(join(root, 'openapi', 'api.yaml'), 'utf8'), { maxAliasCount: -1 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}, 120_000)
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Some are put together of others. */
const propertiesOf = (schema: Schema | undefined): Record<string, unknown> =>
  Object.assign(
    {},
    schema?.properties,
    ...(schema?.allOf ?? []).map((part) =>
      propertiesOf(part.$ref ? specification.components.schemas[nameOf(part.$ref)] : part),
    ),
  )

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)

function operationOf({ method, url }: (typeof sent)[number]): Operation | undefined {
  const path = Object.keys(specification.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(url.pathname),
  )
  return path === undefined ? undefined : specification.paths[path]?.[method.toLowerCase()]
}

/** What the document does not know of a request. */
function faultsOf(request: (typeof sent)[number]): string[] {
  const operation = operationOf(request)
  if (!operation) return [`${request.method} ${request.url.pathname}`]
  const { parameters, schemas } = specification.components
  const known = (operation.parameters ?? []).map((one) =>
    one.$ref ? (parameters[nameOf(one.$ref)] as Parameter) : one,
  )
  const ofQuery = [...request.url.searchParams].filter(([name, value]) => {
    const { schema } = known.find((one) => one.in === 'query' && one.name === name) ?? {}
    const allowed = schema?.$ref ? schemas[nameOf(schema.$ref)]?.enum : schema?.enum
    return !schema || (allowed && !allowed.includes(value))
  })
  const schema = operation.requestBody?.content['application/json'].schema.$ref
  const properties = schema ? propertiesOf(schemas[nameOf(schema)]) : {}
  const ofBody = Object.keys(request.body ? JSON.parse(request.body) : {}).filter(
    (name) => !(name in properties),
  )
  return [...ofQuery.map(([name, value]) => `?${name}=${value}`), ...ofBody]
}

test('every request is one that the document knows, down to parameters and properties', async () => {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const account = { apiKey: 'key-0123456789', webhookSecrets: ['secret'], baseUrl }
  const recurly = createRecurly(account, () => Date.parse('2026-02-01'))
  await recurly.fetchSubscription('s1')
  await recurly.extendTrial('s1', Date.parse('2026-03-01'), 'key')
  await recurly.listTrialing(null, 100)
  await recurly.fetchPayments('invoice/i1')
  await recurly.fetchPayments('transaction/t1')
  expect(new Set(sent.map(({ method, url }) => `${method} ${url.pathname}`))).toEqual(
    new Set([
      'GET /subscriptions/s1',
      'GET /subscriptions/s1/invoices',
      'GET /plans/p1',
      'PUT /subscriptions/s1',
      'GET /subscriptions',
      'GET /invoices/i1',
      'GET /transactions/t1',
    ]),
  )
  expect(sent.flatMap(faultsOf)).toEqual([])
  expect(new Set(sent.map(({ accept }) => accept))).toEqual(new Set(['application/vnd.recurly.v2021-02-25']))
})

test('what is read of a subscription and of an invoice is there', () => {
  const { schemas } = specification.components
  const read = {
    Subscription: [
      'state',
      'account',
      'plan',
      'currency',
      'subtotal',
      'total',
      'trial_started_at',
      'trial_ends_at',
    ],
    Invoice: ['subscription_ids', 'line_items', 'transactions', 'state', 'paid', 'type', 'origin', 'due_at'],
    LineItem: ['subscription_id', 'amount', 'start_date'],
    Plan: ['interval_unit', 'interval_length'],
    Transaction: ['type', 'status', 'amount', 'currency', 'collected_at', 'invoice'],
  }
  for (const [name, properties] of Object.entries(read))
    expect(Object.keys(propertiesOf(schemas[name]))).toEqual(expect.arrayContaining(properties))
})

test('a misspelt parameter would be seen', () => {
  const url = new URL('http://recurly/subscriptions?state=trialing&limt=1')
  expect(faultsOf({ method: 'GET', url, body: '', accept: '' })).toEqual(['?state=trialing', '?limt=1'])
  const put = new URL('http://recurly/subscriptions/s1')
  expect(faultsOf({ method: 'PUT', url: put, body: '{"next_bill_dat":"x"}', accept: '' })).toEqual([
    'next_bill_dat',
  ])
})
