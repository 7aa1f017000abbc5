import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutgoingMail } from '../../../server/ports.ts'
import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import { dayMs, hourMs, secondMs } from '../../../shared/clock.ts'
import type { CollectAnswer } from '../../../shared/collect.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { companyPlaybook } from '../../support/companies.ts'
import { type ServedApi, serveApi, writeKey } from '../../support/serve-api.ts'

const start = Date.UTC(2026, 2, 2, 9)
const identitySecret = 'identity-secret-of-the-team-0123456789'
const { playbook } = companyPlaybook({}, { buyer: { roles: ['owner'] } })

let api: ServedApi
let sent: OutgoingMail[]

beforeEach(async () => {
  sent = []
  api = await serveApi(start, {
    env: { TRIALPACE_IDENTITY_SECRET: identitySecret },
    overrides: {
      playbook,
      mailer: {
        async send(mail: OutgoingMail, gate: () => Promise<boolean>) {
          if (!(await gate())) return { state: 'refused' }
          sent.push(mail)
          return { state: 'accepted', answer: '250 ok' }
        },
        close: async () => {},
      } as never,
    },
  })
})
afterEach(() => api.close())

const putCompany = (body: unknown = {}, id = 'acme') =>
  api.call<CompanyAnswer>('PUT', `/api/companies/${id}`, { body })
const company = async (id = 'acme') => (await api.call<CompanyAnswer>('GET', `/api/companies/${id}`)).body
const trialist = async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body
const members = async (id = 'acme') =>
  (await company(id)).members.filter(({ leftAt }) => leftAt === null).map(({ userId }) => userId)

let serial = 0
const batch = (messages: object[], more: object = {}) =>
  api.call<CollectAnswer>('POST', '/v1/b', {
    key: null,
    body: { writeKey, batch: messages.map((each) => ({ messageId: `m-${++serial}`, ...each })), ...more },
  })
const trusted = (...messages: object[]) =>
  api.call<CollectAnswer>('POST', '/v1/b', {
    body: { batch: messages.map((each) => ({ messageId: `m-${++serial}`, ...each })) },
  })
const track = (userId: string, event = 'Board Created') => ({ type: 'track', event, userId })
const tokenFor = (userId: string, claims: object = {}) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt(Math.floor(api.clock.now() / secondMs))
    .setExpirationTime(Math.floor((api.clock.now() + hourMs / 2) / secondMs))
    .sign(new TextEncoder().encode(identitySecret))

const team = {
  name: 'Acme',
  members: [
    { userId: 'ann', email: 'ann@example.com', name: 'Ann' },
    { userId: 'bea', email: 'bea@example.com', name: 'Bea', role: 'owner' },
  ],
}

describe('a company', () => {
  it('has one trial for all its people, by whichever of them it is asked', async () => {
    expect((await putCompany(team)).status).toBe(201)
    await trusted(track('ann'), track('ann', 'Login'), track('bea', 'Teammate Invited'))
    const shown = await company()
    expect(shown).toMatchObject({
      companyId: 'acme',
      name: 'Acme',
      members: [
        { userId: 'ann', isChampion: true, events: 2, canBuy: false },
        { userId: 'bea', isChampion: false, events: 1, canBuy: true, role: 'owner' },
      ],
    })
    const [ann, bea] = [await trialist('ann'), await trialist('bea')]
    expect(ann).toMatchObject({ userId: 'ann', email: 'ann@example.com', company: 'Acme' })
    expect(bea.milestones).toEqual(ann.milestones)
    expect(bea.trial).toEqual(shown.trial)
  })

  it('is found by the address of any of its people', async () => {
    await putCompany(team)
    const found = await api.call<{ companies: unknown[] }>('GET', '/api/companies?email=bea@example.com')
    expect(found.body.companies).toMatchObject([{ companyId: 'acme', members: 2 }])
    const searched = await api.call<{ companies: unknown[] }>('GET', '/api/companies?q=bea')
    expect(searched.body.companies).toMatchObject([{ companyId: 'acme' }])
    expect((await api.call('GET', '/api/companies/nobody')).status).toBe(404)
  })

  it.each(['ann', 'bea'])('is extended as a whole by whoever asks: %s', async (userId) => {
    await putCompany(team)
    const before = Date.parse((await company()).trial.endsAt ?? '')
    await api.call('POST', `/api/trialists/${userId}/extensions`, { body: { days: 7, reason: 'asked' } })
    for (const each of ['ann', 'bea'])
      expect(Date.parse((await trialist(each)).trial.endsAt ?? '') - before).toBe(7 * dayMs)
    expect((await company()).extensions).toHaveLength(1)
  })

  it('is converted once, by whichever member', async () => {
    await putCompany(team)
    await api.call('POST', '/api/trialists/bea/conversion', { body: { plan: 'team' } })
    expect(await company()).toMatchObject({ plan: 'team', trial: { status: 'converted' } })
    expect((await trialist('ann')).trial.status).toBe('converted')
  })

  it('takes over what someone had before it was known, and emails them nothing twice', async () => {
    await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@example.com', name: 'Ann' } })
    await trusted(track('ann'))
    await api.server.dueLoop.drain()
    expect(sent.map(({ to }) => to.address)).toEqual(['ann@example.com'])
    api.clock.set(start + dayMs)
    await putCompany(team)
    expect(await company()).toMatchObject({
      trial: { startsAt: new Date(start).toISOString() },
      members: [{ userId: 'ann', events: 1 }, { userId: 'bea' }],
    })
    await api.server.dueLoop.drain()
    const welcomes = (await company()).messages.filter(({ kind }) => kind === 'welcome')
    expect(welcomes).toHaveLength(1)
  })

  it('lets people move, and keeps what they did', async () => {
    await putCompany(team)
    await trusted(track('ann'))
    api.clock.set(start + hourMs)
    await putCompany({ name: 'Other', members: [{ userId: 'ann' }] }, 'other')
    await trusted(track('ann', 'Login'))
    expect(await members()).toEqual(['bea'])
    expect(await members('other')).toEqual(['ann'])
    expect((await company()).counts).toEqual({ 'Board Created': 1 })
    expect((await company('other')).counts).toEqual({ Login: 1 })
    expect(await trialist('ann')).toMatchObject({ email: 'ann@example.com', company: 'Other' })
  })

  it('stays when one of its people is erased', async () => {
    await putCompany(team)
    await trusted(track('ann'))
    expect((await api.call('DELETE', '/api/trialists/ann')).status).toBe(200)
    expect((await api.call('GET', '/api/trialists/ann')).status).toBe(404)
    const left = await company()
    expect(left).toMatchObject({ otherEvents: 1, members: [{ userId: 'bea' }] })
    expect(JSON.stringify(left)).not.toMatch(/ann@|"Ann"/)
  })

  it('is erased with everyone in it', async () => {
    await putCompany(team)
    await trusted(track('ann'), track('bea'))
    expect((await api.call('DELETE', '/api/companies/acme')).body).toMatchObject({ members: 2, events: 2 })
    for (const path of ['companies/acme', 'trialists/ann', 'trialists/bea'])
      expect((await api.call('GET', `/api/${path}`)).status).toBe(404)
  })
})

describe('who names a company', () => {
  const group = (userId: string, groupId = 'acme') => ({
    type: 'group',
    userId,
    groupId,
    traits: { name: 'Acme', seats: 5 },
  })

  it('is the team’s server, with what it knows of it', async () => {
    await trusted(track('ann'), group('ann'))
    expect(await company()).toMatchObject({
      name: 'Acme',
      traits: { seats: 5 },
      counts: { 'Board Created': 1 },
    })
    expect(await members()).toEqual(['ann'])
  })

  it('is a signed identity, by its claim', async () => {
    const identityToken = await tokenFor('ann', { companyId: 'acme' })
    const { body } = await batch([track('ann')], { identityToken, nudges: true })
    expect(body.trial).toMatchObject({ status: 'trialing' })
    expect(await members()).toEqual(['ann'])
  })

  it('is no signed user who names another company than their token', async () => {
    const identityToken = await tokenFor('ann', { companyId: 'acme' })
    await batch([group('ann', 'victim')], { identityToken })
    expect((await api.call('GET', '/api/companies/victim')).status).toBe(404)
  })

  it('is never an unsigned event', async () => {
    await putCompany(team)
    await batch([group('mallory'), track('mallory')])
    await batch([
      { ...group('mallory'), anonymousId: 'v' },
      { ...track('mallory'), anonymousId: 'v' },
    ])
    expect(await members()).toEqual(['ann', 'bea'])
    expect((await company()).counts).toEqual({})
  })

  it('tells each browser the company’s clock, and only to who proves to be a member', async () => {
    await putCompany(team)
    await api.call('POST', '/api/trialists/bea/extensions', { body: { days: 7, reason: 'asked' } })
    const signed = await batch([track('ann')], { identityToken: await tokenFor('ann'), nudges: true })
    expect(signed.body.trial?.endsAt).toBe((await company()).trial.endsAt)
    const unsigned = await batch([track('ann')], { nudges: true })
    expect(unsigned.body.trial).toBeUndefined()
  })
})

describe('the emails of a company', () => {
  const activate = () =>
    trusted(
      track('ann'),
      track('ann', 'Teammate Invited'),
      ...['1', '2', '3'].map(() => track('ann', 'Card Completed')),
    )

  async function pitched(): Promise<Record<string, OutgoingMail>> {
    await putCompany(team)
    await activate()
    for (let look = 0; look < 4; look++) await api.server.dueLoop.drain()
    const pitches = sent.filter(({ headers }) => JSON.stringify(headers).includes('upgrade_now'))
    return Object.fromEntries(pitches.map((mail) => [mail.to.address, mail]))
  }

  it('go to the champion and to the buyer, each once', async () => {
    expect(Object.keys(await pitched()).sort()).toEqual(['ann@example.com', 'bea@example.com'])
  })

  it('are unsubscribed by each for themselves', async () => {
    const mail = (await pitched())['bea@example.com']
    const path = new URL(mail?.unsubscribe?.url ?? '').pathname
    expect((await api.call('POST', path, { key: null, body: '' })).status).toBe(200)
    const byUser = Object.fromEntries((await company()).members.map((each) => [each.userId, each.suppressed]))
    expect(byUser).toMatchObject({ ann: null, bea: { reason: 'unsubscribed' } })
  })
})
