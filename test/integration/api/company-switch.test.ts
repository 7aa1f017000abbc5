import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import type { companySwitchApi } from '../../../shared/api/company-switch.ts'
import { hourMs } from '../../../shared/clock.ts'
import { playbookSchema } from '../../../shared/playbook.ts'
import type { Problem } from '../../../shared/problems.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { boardPlaybook } from '../../support/board-playbook.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

/** A workspace of persons becomes one of companies, and goes back. */

const start = Date.UTC(2026, 2, 2, 9)
const playbook = playbookSchema.parse(boardPlaybook)

type Api = typeof companySwitchApi
type Preview = z.output<Api['POST /api/company-switch/preview']['answers'][200]['schema']>
type State = z.output<Api['GET /api/company-switch']['answers'][200]['schema']>

let api: ServedApi

beforeEach(async () => {
  api = await serveApi(start, { overrides: { playbook } })
})
afterEach(() => api.close())

let serial = 0
const track = (userId: string, ...events: string[]) =>
  api.call('POST', '/v1/b', {
    body: {
      batch: events.map((event) => ({ type: 'track', messageId: `s-${++serial}`, event, userId })),
    },
  })

/** Three of Acme, one of Beta, one of no company, one whose company no one can read. */
async function people() {
  for (const [userId, groupId] of [
    ['ann', 'acme'],
    ['bea', 'acme'],
    ['cleo', 'acme'],
    ['dora', 'Beta'],
    ['eve', undefined],
    ['finn', 'undefined'],
  ] as const)
    await api.call('PUT', `/api/trialists/${userId}`, {
      body: { email: `${userId}@example.com`, name: userId, traits: groupId ? { groupId } : {} },
    })
  await track('ann', 'Board Created', 'Login')
  await track('bea', 'Teammate Invited')
}

const state = async () => (await api.call<State>('GET', '/api/company-switch')).body
const preview = async (trait = 'groupId') =>
  (await api.call<Preview>('POST', '/api/company-switch/preview', { body: { trait } })).body
const worked = () => api.server.services.jobs.runPending()
const trialist = async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body
const company = async (id: string) => (await api.call<CompanyAnswer>('GET', `/api/companies/${id}`)).body

async function switched() {
  await people()
  expect((await api.call('POST', '/api/company-switch', { body: {} })).status).toBe(202)
  await worked()
}

describe('before the switch', () => {
  it('says how many people become how many companies, and which need a look', async () => {
    await people()
    expect(await preview()).toMatchObject({
      people: 6,
      joining: 4,
      companies: 2,
      alone: 1,
      unclear: 1,
      look: [{ userId: 'finn' }],
      largest: [
        { companyId: 'acme', members: 3 },
        { companyId: 'Beta', members: 1 },
      ],
      complete: true,
    })
    expect((await preview('plan')).joining).toBe(0)
    expect(await state()).toMatchObject({ of: 'person', trialists: 6, last: null, undo: { possible: false } })
  })

  it('a playbook that says so is refused where people have trials, with what to do instead', async () => {
    const publish = async (of: 'person' | 'company') => {
      const now = await api.call<{ version: number; playbook: typeof playbook }>('GET', '/api/playbook')
      return api.call<Problem>('PUT', '/api/playbook', {
        body: { ...now.body.playbook, trial: { ...now.body.playbook.trial, of } },
        headers: { 'If-Match': `"${now.body.version}"` },
      })
    }
    expect((await publish('company')).status).toBe(200)
    expect((await publish('person')).status).toBe(200)
    await people()
    const refused = await publish('company')
    expect(refused.status).toBe(409)
    expect(refused.body.detail).toContain('/api/company-switch')
  })
})

describe('the switch', () => {
  it('moves everyone whose company is known, with what they had, and leaves the others alone', async () => {
    await switched()
    expect(await state()).toMatchObject({
      of: 'company',
      last: { state: 'done', people: 6, companies: 2, job: { state: 'done' } },
      undo: { possible: true },
    })
    const acme = await company('acme')
    expect(acme.members.map(({ userId }) => userId).sort()).toEqual(['ann', 'bea', 'cleo'])
    expect(acme.counts).toEqual({ 'Board Created': 1, Login: 1, 'Teammate Invited': 1 })
    expect(await trialist('eve')).toMatchObject({ email: 'eve@example.com' })
    expect((await trialist('eve')).companyId).toBeUndefined()
    expect((await trialist('finn')).companyId).toBeUndefined()
    const again = await api.call<Problem>('POST', '/api/company-switch', { body: {} })
    expect(again.status).toBe(409)
  })

  it('goes on after it was cancelled half way', async () => {
    await people()
    const { body } = await api.call<State>('POST', '/api/company-switch', { body: {} })
    await api.call('DELETE', `/api/jobs/${body.last?.job?.id}`)
    await worked()
    await api.call('POST', '/api/company-switch', { body: {} })
    await worked()
    expect((await company('acme')).members).toHaveLength(3)
    expect((await state()).last?.state).toBe('done')
  })
})

describe('the way back', () => {
  it('gives each their own trial again, with what they did and said meanwhile', async () => {
    await people()
    const before = await trialist('ann')
    await api.call('POST', '/api/company-switch', { body: {} })
    await worked()
    api.clock.set(start + hourMs)
    await track('ann', 'Board Created', 'Comment Added')
    await api.call('PUT', '/api/trialists/bea', { body: { email: 'bea@new.example' } })
    expect((await api.call('DELETE', '/api/company-switch')).status).toBe(202)
    await worked()
    expect(await state()).toMatchObject({ of: 'person', trialists: 6, last: { state: 'undone' } })
    const ann = await trialist('ann')
    expect(ann).toMatchObject({ email: 'ann@example.com', trial: before.trial })
    expect(ann.companyId).toBeUndefined()
    expect(ann.counts['Board Created']).toBe(2)
    expect(await trialist('bea')).toMatchObject({ email: 'bea@new.example' })
    expect((await api.call('GET', '/api/companies/acme')).status).toBe(404)
    await track('ann', 'Board Created')
    expect((await trialist('ann')).counts['Board Created']).toBe(3)
  })

  it('ends with the first extension of a company', async () => {
    await switched()
    await api.call('POST', '/api/companies/acme/extensions', { body: { days: 7, reason: 'asked' } })
    const refused = await api.call<Problem>('DELETE', '/api/company-switch')
    expect(refused.status).toBe(409)
    expect(refused.body.detail).toContain('was extended')
    expect((await company('acme')).members).toHaveLength(3)
  })
})
