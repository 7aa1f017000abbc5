import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { type CompanyAnswer, companiesApi } from '../../../shared/api/companies.ts'
import { dayMs } from '../../../shared/clock.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { companyPlaybook } from '../../support/companies.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

/** What is done to a company as a whole, and what everything that shows a trial shows of it. */

const start = Date.UTC(2026, 2, 2, 9)
const { playbook } = companyPlaybook({}, { buyer: { roles: ['owner'] } })

let api: ServedApi

beforeEach(async () => {
  api = await serveApi(start, { overrides: { playbook } })
  await api.call('PUT', '/api/companies/acme', {
    body: {
      name: 'Acme',
      members: [
        { userId: 'ann', email: 'ann@example.com', name: 'Ann', locale: 'de' },
        { userId: 'bea', email: 'bea@example.com', name: 'Bea', role: 'owner' },
      ],
    },
  })
  await track('ann', 'Board Created')
})
afterEach(() => api.close())

let serial = 0
const track = (userId: string, event: string) =>
  api.call('POST', '/v1/b', {
    body: { batch: [{ type: 'track', messageId: `d-${++serial}`, event, userId }] },
  })

type Schema = { readonly answers: { readonly [status: number]: { readonly schema?: z.ZodType } } }

/** Asks a door of the company, and holds the answer against what the API promises. */
async function ask<T = CompanyAnswer>(
  name: keyof typeof companiesApi,
  { body, id = '' }: { body?: unknown; id?: string } = {},
): Promise<T> {
  const [method = '', path = ''] = name.split(' ')
  const where = path.replace('{companyId}', 'acme').replace('{id}', id)
  const answer = await api.call<T>(method, where, body === undefined ? {} : { body })
  const { schema } = (companiesApi[name] as Schema).answers[answer.status] ?? {}
  expect(schema, `${name}: ${answer.status}`).toBeDefined()
  expect(schema?.safeParse(answer.body).error).toBeUndefined()
  return answer.body
}

const trialist = async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body
const endOf = ({ trial: { endsAt } }: { trial: { endsAt: string | null } }) => Date.parse(endsAt ?? '')

describe('a company as a whole', () => {
  it('is extended and the extension taken back for all its people', async () => {
    const before = endOf(await trialist('ann'))
    const extended = await ask('POST /api/companies/{companyId}/extensions', {
      body: { days: 7, reason: 'asked' },
    })
    for (const each of ['ann', 'bea']) expect(endOf(await trialist(each)) - before).toBe(7 * dayMs)
    const refused = await api.call('POST', '/api/companies/acme/extensions', {
      body: { days: 7, reason: 'asked', expectedEnd: new Date(before).toISOString() },
    })
    expect(refused.status).toBe(409)
    await ask('DELETE /api/companies/{companyId}/extensions/{id}', { id: extended.extensions[0]?.id ?? '' })
    expect(endOf(await trialist('bea'))).toBe(before)
  })

  it('rests and goes on, skips an email, becomes a customer, each for all of them', async () => {
    const until = new Date(start + 2 * dayMs).toISOString()
    await ask('POST /api/companies/{companyId}/pause', { body: { until } })
    for (const each of ['ann', 'bea']) expect((await trialist(each)).pausedUntil).toBe(until)
    const { next } = await ask('POST /api/companies/{companyId}/pause', { body: { until: null } })
    expect((await trialist('ann')).pausedUntil).toBeNull()
    const skipped = await ask('POST /api/companies/{companyId}/skip', {
      body: { ruleId: next?.ruleId ?? '' },
    })
    expect(skipped.decisions.at(-1)).toMatchObject({ outcome: 'skipped' })
    await ask('POST /api/companies/{companyId}/retries', { body: { key: 'none' } }).catch(() => {})
    await ask('POST /api/companies/{companyId}/conversion', { body: { plan: 'team' } })
    for (const each of ['ann', 'bea']) expect((await trialist(each)).trial.status).toBe('converted')
  })

  it('is written to the audit log, whoever moves it', async () => {
    await ask('POST /api/companies/{companyId}/extensions', { body: { days: 7, reason: 'asked' } })
    const { body } = await api.call<{ rows: { action: string }[] }>('GET', '/api/audit')
    expect(JSON.stringify(body)).toContain('trial.extend')
  })

  it('is exported with what is stored of it', async () => {
    const { company, stored } = await ask<{ company: CompanyAnswer; stored: { company: object } }>(
      'GET /api/companies/{companyId}/export',
    )
    expect(company.members).toHaveLength(2)
    expect(stored.company).toMatchObject({ id: 'acme' })
  })

  it('is one line of the list, found by any of its people, and counts once', async () => {
    const list = await api.call<{ trialists: object[] }>('GET', '/api/trialists?q=bea')
    expect(list.body.trialists).toMatchObject([
      { companyId: 'acme', company: 'Acme', members: 2, name: 'Ann', email: 'ann@example.com' },
    ])
    const segments = await api.call<{ total: number }>('GET', '/api/segments')
    expect(segments.body.total).toBe(1)
    expect((await trialist('bea')).companyId).toBe('acme')
  })

  it('goes on as a whole when what happens to one of its people is simulated', async () => {
    const { body } = await api.call<{ trialist: Trialist; timeline: { to?: string }[] }>(
      'POST',
      '/api/simulate',
      { body: { userId: 'ann', days: 20, events: [{ event: 'Teammate Invited', afterHours: 1 }] } },
    )
    expect(body.trialist).toMatchObject({ userId: 'ann', email: 'ann@example.com', companyId: 'acme' })
    expect(new Set(body.timeline.map(({ to }) => to))).toEqual(new Set(['ann', 'bea']))
  })
})

describe('the metrics of companies', () => {
  /** How many trials began, by the roll-ups. */
  async function started(): Promise<number> {
    await api.server.services.metrics.measures.foldAll()
    const { body } = await api.call<{ cohorts: { trialists: number }[] }>('GET', '/api/revenue/cohorts')
    return body.cohorts.reduce((sum, { trialists }) => sum + trialists, 0)
  }

  it('count a conversion once', async () => {
    await ask('POST /api/companies/{companyId}/conversion', { body: { plan: 'team' } })
    expect(await started()).toBe(1)
    const { body } = await api.call<{ statuses: object }>('GET', '/api/funnel')
    expect(body.statuses).toEqual({ trialing: 0, ended: 0, converted: 1 })
  })

  it('take off what someone added alone, once their company has taken that over', async () => {
    await api.call('PUT', '/api/trialists/cleo', { body: { email: 'cleo@example.com' } })
    const at = new Date(start).toISOString()
    const paid = await api.call('POST', '/api/revenue', {
      body: { externalId: 'p-1', at, userId: 'cleo', amountMinor: 900, currency: 'USD' },
    })
    expect(paid.status).toBe(201)
    expect(await started()).toBe(2)
    await api.call('PUT', '/api/companies/acme', { body: { members: [{ userId: 'cleo' }] } })
    expect(await started()).toBe(1)
    const { body } = await api.call<{ totalMinor: number }>('GET', '/api/trialists/ann/revenue')
    expect(body.totalMinor).toBe(900)
  })
})
