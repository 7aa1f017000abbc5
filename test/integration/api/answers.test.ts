import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountsApi } from '../../../shared/api/accounts.ts'
import { auditApi } from '../../../shared/api/audit.ts'
import { billingApi } from '../../../shared/api/billing.ts'
import { brandApi } from '../../../shared/api/brand.ts'
import { companiesApi } from '../../../shared/api/companies.ts'
import { companionApi } from '../../../shared/api/companion.ts'
import { companySwitchApi } from '../../../shared/api/company-switch.ts'
import { connectApi } from '../../../shared/api/connect.ts'
import { contentApi } from '../../../shared/api/content.ts'
import { deliverabilityApi } from '../../../shared/api/deliverability.ts'
import type { ApiTable } from '../../../shared/api/endpoint.ts'
import { importsApi } from '../../../shared/api/imports.ts'
import { inboundApi } from '../../../shared/api/inbound.ts'
import { jobsApi } from '../../../shared/api/jobs.ts'
import { lintApi } from '../../../shared/api/lint.ts'
import { messagesApi } from '../../../shared/api/messages.ts'
import { metricsApi } from '../../../shared/api/metrics.ts'
import { moneyApi } from '../../../shared/api/money.ts'
import { operationsApi } from '../../../shared/api/operations.ts'
import { playbookApi } from '../../../shared/api/playbook.ts'
import { releaseApi } from '../../../shared/api/release.ts'
import { setupApi } from '../../../shared/api/setup.ts'
import { suppressionsApi } from '../../../shared/api/suppressions.ts'
import { trialistsApi } from '../../../shared/api/trialists.ts'
import { workspaceApi } from '../../../shared/api/workspace.ts'
import { webhookSecretOf } from '../../support/billing-shapes.ts'
import { startBillingStandIn } from '../../support/billing-stand-in.ts'
import { someTime } from '../../support/build-trial.ts'
import { blankPng } from '../../support/pictures.ts'
import { putMail } from '../../support/put-mail.ts'
import { admin, type CallOptions, type ServedApi, serveApi } from '../../support/serve-api.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

const tables: readonly ApiTable[] = [
  accountsApi,
  auditApi,
  billingApi,
  brandApi,
  companiesApi,
  companySwitchApi,
  companionApi,
  connectApi,
  contentApi,
  deliverabilityApi,
  importsApi,
  inboundApi,
  jobsApi,
  lintApi,
  messagesApi,
  metricsApi,
  moneyApi,
  operationsApi,
  playbookApi,
  releaseApi,
  setupApi,
  suppressionsApi,
  trialistsApi,
  workspaceApi,
]
const endpoints = new Map<string, ApiTable[keyof ApiTable]>(tables.flatMap((table) => Object.entries(table)))

interface Asked {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  readonly options?: CallOptions
  /** The status of a problem, where a success would need what is not here. */
  readonly refused?: number
}
/** What was answered so far, the last of each endpoint. */
type Said = <T>(name: string) => T
type Question = readonly [name: string, asked?: Asked | ((said: Said) => Asked)]

const ann = { params: { userId: 'ann' } }
const acme = { params: { companyId: 'acme' } }
const colleague = { email: 'kim@acme.example', password: 'plum orchard lantern kim' }
const raw = { 'Content-Type': 'application/octet-stream' }
const connectionOf = (said: Said) => ({ id: said<{ id: string }>('POST /api/billing/connections').id })
const content = {
  format: 'blocks',
  source: 'en',
  blocks: [{ id: 'it', type: 'text' }],
  texts: { en: { subject: { text: 'Hello' }, preheader: { text: 'There' }, 'it.text': { text: 'One' } } },
} as const
/** As the owner who signed in to the dashboard. */
let owner: CallOptions = {}
let mailToken = ''

/** In the order in which they are asked. */
const questions: readonly Question[] = [
  ['POST /api/session', { body: admin, options: { key: null } }],
  ['GET /api/session'],
  ['GET /api/sessions', () => ({ options: owner })],
  ['DELETE /api/sessions/{id}', () => ({ params: { id: 'none' }, options: owner, refused: 404 })],
  ['POST /api/accounts', () => ({ body: { ...colleague, name: 'Kim', role: 'rep' }, options: owner })],
  ['GET /api/accounts', () => ({ options: owner })],
  [
    'PUT /api/accounts/{id}',
    (said) => ({
      params: { id: said<{ id: string }>('POST /api/accounts').id },
      body: { role: 'analyst' },
      options: owner,
    }),
  ],
  [
    'DELETE /api/accounts/{id}',
    (said) => ({ params: { id: said<{ id: string }>('POST /api/accounts').id }, options: owner }),
  ],

  ['PUT /api/trialists/{userId}', { ...ann, body: { email: 'ann@customer.example', name: 'Ann' } }],
  ['PUT /api/trialists/{userId}', { ...ann, body: { plan: 'team' } }],
  ['POST /api/trialists/{userId}/extensions', { ...ann, body: { days: 7, reason: 'asked' } }],
  [
    'DELETE /api/trialists/{userId}/extensions/{id}',
    (said) => {
      const { extensions } = said<{ extensions: { id: string }[] }>('POST /api/trialists/{userId}/extensions')
      return { params: { userId: 'ann', id: extensions.at(-1)?.id ?? '' } }
    },
  ],
  ['POST /api/trialists/{userId}/pause', { ...ann, body: { until: null } }],
  ['POST /api/trialists/{userId}/retries', { ...ann, body: { key: 'none' }, refused: 404 }],
  ['POST /api/trialists/{userId}/skip', { ...ann, body: { ruleId: 'none' }, refused: 404 }],
  ['GET /api/trialists'],
  ['GET /api/trialists/{userId}', ann],
  ['GET /api/trialists/{userId}/export', ann],
  ['GET /api/trialists/{userId}/revenue', ann],
  ['GET /api/segments'],

  ['GET /api/companies'],
  // Each person has a trial here.
  ['PUT /api/companies/{companyId}', { ...acme, body: { name: 'Acme' }, refused: 409 }],
  ['GET /api/companies/{companyId}', { ...acme, refused: 404 }],
  ['GET /api/companies/{companyId}/members', { ...acme, refused: 404 }],
  [
    'POST /api/companies/{companyId}/extensions',
    { ...acme, body: { days: 7, reason: 'asked' }, refused: 404 },
  ],
  [
    'DELETE /api/companies/{companyId}/extensions/{id}',
    { params: { ...acme.params, id: 'none' }, refused: 404 },
  ],
  ['POST /api/companies/{companyId}/conversion', { ...acme, body: {}, refused: 404 }],
  ['POST /api/companies/{companyId}/pause', { ...acme, body: { until: null }, refused: 404 }],
  ['POST /api/companies/{companyId}/skip', { ...acme, body: { ruleId: 'none' }, refused: 404 }],
  ['POST /api/companies/{companyId}/retries', { ...acme, body: { key: 'none' }, refused: 404 }],
  ['GET /api/companies/{companyId}/export', { ...acme, refused: 404 }],
  ['DELETE /api/companies/{companyId}', { ...acme, refused: 404 }],

  ['GET /api/company-switch'],
  ['POST /api/company-switch/preview', { body: {} }],
  ['DELETE /api/company-switch', { refused: 409 }],

  ['GET /api/playbook'],
  ['GET /api/playbook/versions'],
  ['GET /api/playbook/versions/{version}', { params: { version: '1' } }],
  ['PUT /api/playbook/draft', (said) => ({ body: { playbook: playbookOf(said), basedOn: 1, revision: 0 } })],
  ['GET /api/playbook/draft'],
  ['DELETE /api/playbook/draft'],
  ['GET /playbook.schema.json'],
  ['POST /api/playbook/validate', (said) => ({ body: playbookOf(said) })],
  ['POST /api/playbook/dry-run', (said) => ({ body: playbookOf(said) })],
  ['PUT /api/playbook', (said) => ({ body: playbookOf(said), options: { headers: { 'If-Match': '"1"' } } })],
  ['POST /api/simulate', { body: { userId: 'ann', days: 10 } }],
  [
    'POST /api/nudges/{nudgeId}/preview-link',
    (said) => ({
      params: { nudgeId: playbookOf(said).nudges[0]?.id ?? '' },
      body: { page: 'https://app.acme.example/' },
    }),
  ],
  ['GET /api/nudges'],

  ['GET /api/content/ready'],
  ['GET /api/content/ready/{id}', { params: { id: 'welcome' } }],
  ['GET /api/content/languages'],
  ['GET /api/content/translations/{language}', { params: { language: 'de' } }],
  [
    'POST /api/content/translations/{language}',
    {
      params: { language: 'de' },
      body: 'email,place,source,target\nnone,title.text,Hello,Hallo\n',
      options: { headers: raw },
    },
  ],
  ['POST /api/content/preview', { body: { content, person: { userId: 'ann' } } }],
  ['POST /api/content/variables', { body: { person: { userId: 'ann' } } }],
  ['POST /api/content/test-send', { body: { content, to: admin.email } }],
  ['POST /api/brand/logos', { body: blankPng(280, 80), options: { headers: raw } }],
  ['GET /api/brand/logos'],
  ['GET /api/brand/sheet/{part}', { params: { part: 'survey' }, query: 'brand=%7B%22radius%22:4%7D' }],
  ['GET /api/templates'],
  ['POST /api/templates/{kind}/preview', { params: { kind: 'welcome' }, body: { userId: 'ann' } }],
  ['GET /api/templates/{kind}/html', { params: { kind: 'welcome' } }],
  ['POST /api/templates/{kind}/test-send', { params: { kind: 'welcome' }, body: { to: admin.email } }],
  ['GET /api/messages/{id}', () => ({ params: { id: mailToken } })],
  ['GET /api/messages/{id}/html', () => ({ params: { id: mailToken } })],
  ['GET /api/lint'],
  ['POST /api/lint', { body: {} }],
  ['GET /api/jobs'],
  ['GET /api/jobs/{id}', (said) => ({ params: { id: said<{ id: string }>('POST /api/lint').id } })],
  ['DELETE /api/jobs/{id}', (said) => ({ params: { id: said<{ id: string }>('POST /api/lint').id } })],

  [
    'POST /api/imports',
    {
      query: 'format=csv&undated=today',
      body: 'userId,email\nbea,bea@customer.example\n,no\n',
      options: { headers: raw },
    },
  ],
  ['GET /api/imports/{id}', (said) => ({ params: { id: said<{ id: string }>('POST /api/imports').id } })],
  [
    'GET /api/imports/{id}/rejected',
    (said) => ({ params: { id: said<{ id: string }>('POST /api/imports').id } }),
  ],

  ['GET /api/kpis'],
  ['GET /api/kpis', { query: 'by=day' }],
  ['POST /api/kpis/rebuild'],
  ['GET /api/measuring'],
  ['PUT /api/measuring', { body: { attributionDays: 7 } }],
  ['GET /api/brake'],
  ['POST /api/brake/resume'],
  ['GET /api/subject-tests'],
  ['GET /api/sending'],
  ['GET /api/blocked-emails'],
  ['GET /api/funnel'],
  ['PUT /api/rates', { body: { rates: { EUR: 1.1 } } }],
  ['GET /api/rates'],
  [
    'POST /api/revenue',
    { body: { externalId: 'r', at: '2026-01-01T00:00:00Z', amountMinor: 1, currency: 'USD', userId: 'ann' } },
  ],
  ['GET /api/revenue'],
  ['GET /api/revenue/unmatched'],
  ['PUT /api/revenue/owners', { body: { externalId: 'none', userId: 'ann' }, refused: 404 }],
  ['GET /api/revenue/cohorts'],
  [
    'POST /api/costs',
    {
      body: {
        externalId: 'c',
        at: '2026-01-01T00:00:00Z',
        amountMinor: 1,
        currency: 'USD',
        category: 'staff',
      },
    },
  ],
  ['GET /api/costs'],

  ['GET /api/deliverability'],
  ['POST /api/suppressions', { body: { address: 'bob@customer.example' } }],
  ['GET /api/suppressions'],
  ['DELETE /api/suppressions/{id}', { params: { id: 'bob@customer.example' } }],
  [
    'POST /api/inbound',
    {
      body: 'From: someone@customer.example\r\nSubject: Hello\r\n\r\nHello.\r\n',
      options: { headers: { 'Content-Type': 'message/rfc822' } },
    },
  ],

  ['GET /api/workspace'],
  ['GET /api/connect'],
  ['GET /api/setup'],
  [
    'POST /api/setup',
    {
      body: {
        token: 'not-it',
        account: { name: 'Eve', email: 'eve@acme.example', password: 'plum orchard lantern' },
        kind: 'api',
        product: { name: 'A', url: 'https://a.example', postalAddress: '1 A Street', timeZone: 'UTC' },
        sender: { name: 'A', rep: 'Eve' },
        trialDays: 14,
      },
      refused: 409,
    },
  ],
  ['GET /api/workspace/sending'],
  ['PUT /api/workspace/sending', { body: { mode: 'normal' } }],
  ['GET /api/workspace/release'],
  ['POST /api/workspace/release', { body: {} }],
  ['PUT /api/workspace/identity', { body: { identity: 'required' } }],
  ['GET /api/workspace/identity'],
  ['POST /api/keys', { body: { label: 'another' } }],
  ['GET /api/keys'],
  ['DELETE /api/keys/{id}', (said) => ({ params: { id: said<{ id: string }>('POST /api/keys').id } })],
  ['POST /api/keys/rotate-write-key'],
  ['POST /api/keys/rotate-identity-secret'],
  ['GET /api/audit'],
  ['GET /api/audit/verify'],

  [
    'POST /api/billing/connections',
    {
      body: {
        provider: 'stripe',
        name: 'Test',
        apiKey: 'api-key-0123456789',
        webhookSecrets: [webhookSecretOf('stripe')],
      },
    },
  ],
  ['GET /api/billing/connections'],
  [
    'PUT /api/billing/connections/{id}',
    (said) => ({ params: connectionOf(said), body: { name: 'Renamed' } }),
  ],
  ['POST /api/billing/connections/{id}/tests', (said) => ({ params: connectionOf(said) })],
  ['GET /api/billing/connections/{id}/events', (said) => ({ params: connectionOf(said) })],
  ['POST /api/billing/connections/{id}/reconciliations', (said) => ({ params: connectionOf(said) })],
  ['GET /api/billing/connections/{id}/drift', (said) => ({ params: connectionOf(said) })],
  [
    'POST /api/billing/reads',
    (said) => ({ body: { connectionId: connectionOf(said).id, subscription: 'sub_1' } }),
  ],
  [
    'PUT /api/billing/owners',
    (said) => ({ body: { connectionId: connectionOf(said).id, subscription: 'sub_1', userId: 'ann' } }),
  ],
  ['POST /api/billing/accepted-ends', { body: { userId: 'no one' }, refused: 404 }],
  ['GET /api/billing/outbox'],
  ['POST /api/billing/outbox/retries', { body: { id: 'none' }, refused: 404 }],
  ['GET /api/billing/reads'],
  ['GET /api/billing/payments'],
  ['GET /api/billing/unmatched'],
  ['DELETE /api/billing/connections/{id}', (said) => ({ params: connectionOf(said) })],
  ['PUT /api/billing/callback', { body: { url: 'https://app.acme.example/ends' } }],
  ['GET /api/billing/callback'],
  ['POST /api/billing/callback/pause', { body: { paused: true } }],
  ['POST /api/billing/callback/tests'],
  ['DELETE /api/billing/callback'],

  ['GET /.well-known/trialpace'],
  ['POST /api/ext/v1/lookup', { body: { emails: ['ann@customer.example', 'no@one.example'] } }],
  ['GET /api/ext/v1/trials/{userId}/colleagues', ann],
  ['POST /api/ext/v1/trials/{userId}/notes', { ...ann, body: { text: 'Called.' } }],
  ['POST /api/ext/v1/trials/{userId}/owner', { ...ann, body: { owner: 'Dana' } }],
  ['POST /api/ext/v1/trials/{userId}/reply-label', { ...ann, body: { label: 'positive' } }],
  ['POST /api/ext/v1/trials/{userId}/pause', { ...ann, body: { until: null } }],
  ['POST /api/ext/v1/trials/{userId}/skip', { ...ann, body: { ruleId: 'none' }, refused: 404 }],
  [
    'POST /api/ext/v1/trials/{userId}/snippets/{id}',
    { params: { userId: 'ann', id: 'extension_offer' }, body: {} },
  ],
  [
    'POST /api/ext/v1/trials/{userId}/extensions',
    (said) => {
      const { cards } = said<{ cards: Record<string, { endsAt: string }> }>('POST /api/ext/v1/lookup')
      const source = { app: 'gmail', threadId: null }
      const expectedEnd = cards['ann@customer.example']?.endsAt
      const body = { days: 3, reason: 'asked', note: '', expectedEnd, source }
      return { ...ann, body, options: { headers: { 'Idempotency-Key': 'one' } } }
    },
  ],
  [
    'DELETE /api/ext/v1/trials/{userId}/extensions/{id}',
    (said) => ({
      params: {
        userId: 'ann',
        id: said<{ extensionId: string }>('POST /api/ext/v1/trials/{userId}/extensions').extensionId,
      },
    }),
  ],
  ['POST /api/trialists/{userId}/conversion', { ...ann, body: { plan: 'team' } }],
  ['DELETE /api/trialists/{userId}', ann],

  ['GET /healthz'],
  ['GET /readyz'],
  ['GET /metrics'],
  ['GET /openapi.json'],
  ['POST /api/company-switch', { body: {} }],
  [
    'PUT /api/session/password',
    () => ({ body: { current: admin.password, next: 'another orchard lantern' }, options: owner }),
  ],
  ['POST /api/session/reset-link', { body: { email: 'stranger@acme.example' }, options: { key: null } }],
  [
    'POST /api/session/reset',
    { body: { token: 'none', next: 'another orchard lantern' }, options: { key: null }, refused: 404 },
  ],
  ['DELETE /api/sessions', () => ({ options: owner })],
  ['DELETE /api/session', () => ({ options: owner })],
]

const playbookOf = (said: Said) =>
  said<{ playbook: { nudges: { id: string }[] } }>('GET /api/playbook').playbook

let api: ServedApi
let standIn: Awaited<ReturnType<typeof startBillingStandIn>>
const answered = new Map<string, unknown>()
const said: Said = <T>(name: string) => answered.get(name) as T

beforeAll(async () => {
  standIn = await startBillingStandIn('stripe')
  api = await serveApi(someTime, { overrides: { billingUrl: standIn.url } })
  mailToken = await putMail(api, 'mailed')
})
afterAll(async () => {
  await api.close()
  await standIn.close()
})

const pathOf = (template: string, { params = {}, query }: Asked) =>
  template.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? '')) +
  (query === undefined ? '' : `?${query}`)

for (const [name, given = {}] of questions)
  test(`${name} answers exactly what its schema says`, async () => {
    const asked = typeof given === 'function' ? given(said) : given
    const [method = '', template = ''] = name.split(' ')
    const { body, options } = asked
    const answer = await api.call<unknown>(method, pathOf(template, asked), {
      ...options,
      ...(body !== undefined && { body }),
    })
    if (name === 'POST /api/session' || name === 'PUT /api/session/password')
      owner = ownerOf(answer.headers, answer.body as { csrfToken: string })
    answered.set(name, answer.body)
    const told = `${answer.status} ${JSON.stringify(answer.body)}`
    if (asked.refused !== undefined) {
      expect(answer.status, told).toBe(asked.refused)
      return
    }
    const promised = endpoints.get(name)?.answers[answer.status]
    expect(promised, told).toBeDefined()
    // Parsing drops what the schema does not name, so an undocumented field shows as a difference.
    if (promised?.schema) expect(promised.schema.parse(answer.body)).toEqual(answer.body)
    else if (promised?.mediaType) expect(answer.headers.get('content-type')).toContain(promised.mediaType)
    else expect(answer.body).toBe('')
  })

const ownerOf = (headers: Headers, { csrfToken }: { csrfToken: string }): CallOptions => ({
  key: null,
  headers: { Cookie: headers.get('set-cookie')?.split(';')[0] ?? '', 'X-CSRF-Token': csrfToken },
})

test('every endpoint of the tables is asked', () => {
  const asked = new Set(questions.map(([name]) => name))
  expect([...endpoints.keys()].filter((name) => !asked.has(name))).toEqual([])
})

interface Described {
  paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>
}

test('every route that is served stands in the tables, with what it answers', async () => {
  const { paths } = said<Described>('GET /openapi.json')
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      isDescribed: Object.entries(responses).some(
        ([status, { content }]) => status === '204' || status === '202' || (status < '300' && content),
      ),
    })),
  )
  expect(served.map(({ name }) => name).sort()).toEqual([...endpoints.keys()].sort())
  expect(served.filter(({ isDescribed }) => !isDescribed).map(({ name }) => name)).toEqual([])
})
