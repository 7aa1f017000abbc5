import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountsApi } from '../../../shared/api/accounts.ts'
import { auditApi } from '../../../shared/api/audit.ts'
import { billingApi } from '../../../shared/api/billing.ts'
import { companionApi } from '../../../shared/api/companion.ts'
import { deliverabilityApi } from '../../../shared/api/deliverability.ts'
import type { ApiTable } from '../../../shared/api/endpoint.ts'
import { inboundApi } from '../../../shared/api/inbound.ts'
import { jobsApi } from '../../../shared/api/jobs.ts'
import { lintApi } from '../../../shared/api/lint.ts'
import { messagesApi } from '../../../shared/api/messages.ts'
import { metricsApi } from '../../../shared/api/metrics.ts'
import { moneyApi } from '../../../shared/api/money.ts'
import { operationsApi } from '../../../shared/api/operations.ts'
import { playbookApi } from '../../../shared/api/playbook.ts'
import { suppressionsApi } from '../../../shared/api/suppressions.ts'
import { trialistsApi } from '../../../shared/api/trialists.ts'
import { workspaceApi } from '../../../shared/api/workspace.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

const tables: readonly ApiTable[] = [
  accountsApi,
  auditApi,
  billingApi,
  companionApi,
  deliverabilityApi,
  inboundApi,
  jobsApi,
  lintApi,
  messagesApi,
  metricsApi,
  moneyApi,
  operationsApi,
  playbookApi,
  suppressionsApi,
  trialistsApi,
  workspaceApi,
]
const endpoints = new Map<string, ApiTable[keyof ApiTable]>(tables.flatMap((table) => Object.entries(table)))

/** In the order in which they are asked: endpoint, path, body. */
const questions: readonly (readonly [name: string, path: string, body?: unknown])[] = [
  ['PUT /api/trialists/{userId}', '/api/trialists/ann', { email: 'ann@customer.example', name: 'Ann' }],
  ['PUT /api/trialists/{userId}', '/api/trialists/ann', { plan: 'team' }],
  ['POST /api/trialists/{userId}/extensions', '/api/trialists/ann/extensions', { days: 7, reason: 'asked' }],
  ['POST /api/trialists/{userId}/pause', '/api/trialists/ann/pause', { until: null }],
  ['GET /api/trialists', '/api/trialists'],
  ['GET /api/trialists/{userId}', '/api/trialists/ann'],
  ['GET /api/trialists/{userId}/export', '/api/trialists/ann/export'],
  ['GET /api/trialists/{userId}/revenue', '/api/trialists/ann/revenue'],
  ['GET /api/segments', '/api/segments'],
  ['GET /api/playbook', '/api/playbook'],
  ['GET /api/playbook/versions', '/api/playbook/versions'],
  ['GET /api/playbook/versions/{version}', '/api/playbook/versions/1'],
  ['GET /playbook.schema.json', '/playbook.schema.json'],
  ['POST /api/simulate', '/api/simulate', { userId: 'ann', days: 10 }],
  ['GET /api/templates', '/api/templates'],
  ['GET /api/lint', '/api/lint'],
  ['POST /api/lint', '/api/lint', {}],
  ['GET /api/jobs', '/api/jobs'],
  ['GET /api/kpis', '/api/kpis'],
  ['GET /api/kpis', '/api/kpis?by=day'],
  ['GET /api/measuring', '/api/measuring'],
  ['GET /api/brake', '/api/brake'],
  ['GET /api/subject-tests', '/api/subject-tests'],
  ['GET /api/funnel', '/api/funnel'],
  ['GET /api/nudges', '/api/nudges'],
  [
    'POST /api/revenue',
    '/api/revenue',
    { externalId: 'r', at: '2026-01-01T00:00:00Z', amountMinor: 1, currency: 'USD', userId: 'ann' },
  ],
  ['GET /api/revenue', '/api/revenue'],
  ['GET /api/revenue/cohorts', '/api/revenue/cohorts'],
  [
    'POST /api/costs',
    '/api/costs',
    { externalId: 'c', at: '2026-01-01T00:00:00Z', amountMinor: 1, currency: 'USD', category: 'staff' },
  ],
  ['GET /api/costs', '/api/costs'],
  ['GET /api/rates', '/api/rates'],
  ['GET /api/deliverability', '/api/deliverability'],
  ['POST /api/suppressions', '/api/suppressions', { address: 'bob@customer.example' }],
  ['GET /api/suppressions', '/api/suppressions'],
  ['POST /api/keys', '/api/keys', { label: 'another' }],
  ['GET /api/keys', '/api/keys'],
  ['GET /api/workspace', '/api/workspace'],
  ['GET /api/workspace/identity', '/api/workspace/identity'],
  ['GET /api/audit', '/api/audit'],
  ['GET /api/audit/verify', '/api/audit/verify'],
  ['GET /api/session', '/api/session'],
  ['GET /api/billing/connections', '/api/billing/connections'],
  ['GET /api/billing/outbox', '/api/billing/outbox'],
  ['GET /api/billing/callback', '/api/billing/callback'],
  ['GET /api/billing/reads', '/api/billing/reads'],
  ['GET /api/billing/payments', '/api/billing/payments'],
  ['GET /api/billing/unmatched', '/api/billing/unmatched'],
  ['POST /api/ext/v1/lookup', '/api/ext/v1/lookup', { emails: ['ann@customer.example', 'no@one.example'] }],
  ['POST /api/ext/v1/trials/{userId}/notes', '/api/ext/v1/trials/ann/notes', { text: 'Called.' }],
  ['GET /api/ext/v1/trials/{userId}/colleagues', '/api/ext/v1/trials/ann/colleagues'],
  ['GET /.well-known/trialpace', '/.well-known/trialpace'],
  ['GET /healthz', '/healthz'],
  ['GET /readyz', '/readyz'],
]

/** Needs something that is not here: an owner’s session, a sent email, a connected billing system. */
const askedElsewhere = new Set([
  'GET /api/accounts',
  'GET /api/sessions',
  'GET /api/messages/{id}',
  'GET /api/jobs/{id}',
  'GET /api/billing/connections/{id}/events',
  'GET /api/billing/connections/{id}/drift',
  'GET /openapi.json',
])

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

for (const [name, path, body] of questions)
  test(`${name} answers exactly what its schema says: ${path}`, async () => {
    const [method = ''] = name.split(' ')
    const answer = await api.call<unknown>(method, path, body === undefined ? {} : { body })
    const schema = endpoints.get(name)?.answers[answer.status]?.schema
    expect(schema, `${answer.status} ${JSON.stringify(answer.body)}`).toBeDefined()
    // Parsing drops what the schema does not name, so an undocumented field shows as a difference.
    expect(schema?.parse(answer.body)).toEqual(answer.body)
  })

test('every JSON answer to a GET is looked at', () => {
  const asked = new Set(questions.map(([name]) => name))
  const left = [...endpoints]
    .filter(([name, { answers }]) => name.startsWith('GET ') && answers[200]?.schema)
    .map(([name]) => name)
    .filter((name) => !asked.has(name) && !askedElsewhere.has(name))
  expect(left).toEqual([])
})
