import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Trialist } from '../../../shared/trialist.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

interface ImportState {
  id: string
  rows: number
  imported: number
  rejected: number
  created: number
  updated: number
  rehearsal: {
    emailNow: number
    emailWithinDay: number
    kinds: Record<string, number>
    undated: number
    held: { people: number; why: string } | null
  } | null
  job: { state: string; done: number; total: number | null }
}

const send = (body: string, format: 'csv' | 'ndjson', more = '') =>
  api.call<ImportState>('POST', `/api/imports?format=${format}${more}`, {
    body,
    headers: { 'Content-Type': 'application/octet-stream' },
  })

async function imported(body: string, format: 'csv' | 'ndjson', more = '') {
  const started = await send(body, format, more)
  expect(started.status).toBe(202)
  return vi.waitFor(
    async () => {
      const { body: state } = await api.call<ImportState>('GET', `/api/imports/${started.body.id}`)
      expect(state.job.state).toBe('done')
      return state
    },
    { timeout: 60_000, interval: 50 },
  )
}
const get = async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body

test('a CSV with quoted line breaks, a faulty row and a repeated person', async () => {
  const csv = [
    '\uFEFFuserId;email;name;traits.seats;trial.endsAt;note;company',
    'c1;c1@import.example;"Ann ""A"" Lee";5;2027-03-28;"two',
    'lines; and a separator";',
    'c2;not an address;Bo;;;;',
    ';c3@import.example;Nobody;;;;',
    'c1;;;;;;Acme',
  ].join('\r\n')
  const state = await imported(csv, 'csv')
  expect(state).toMatchObject({ rows: 4, imported: 2, rejected: 2, job: { done: 4, total: 4 } })
  expect(await get('c1')).toMatchObject({
    email: 'c1@import.example',
    name: 'Ann "A" Lee',
    company: 'Acme',
    traits: { seats: 5, note: 'two\r\nlines; and a separator' },
  })
  const { body } = await api.call<{ rows: unknown[] }>('GET', `/api/imports/${state.id}/rejected`)
  expect(body.rows).toEqual([
    {
      line: expect.any(Number),
      userId: 'c2',
      why: expect.stringContaining('email: must be one plain address'),
    },
    { line: expect.any(Number), userId: null, why: 'userId is missing' },
  ])
})

test('thousands of rows, and only those people', async () => {
  const rows = Array.from({ length: 3000 }, (_, n) =>
    JSON.stringify({ userId: `n${n}`, email: `n${n}@import.example`, traits: { n } }),
  )
  const state = await imported(rows.join('\n'), 'ndjson', '&undated=today')
  expect(state).toMatchObject({ rows: 3000, imported: 3000, rejected: 0 })
  expect(await get('n2999')).toMatchObject({ email: 'n2999@import.example', traits: { n: 2999 } })
})

test('a quiet import sends nothing until the pause is ended', async () => {
  await imported(JSON.stringify({ userId: 'q1', email: 'q1@import.example' }), 'ndjson', '&quiet=true')
  expect((await get('q1')).next).toMatchObject({ at: null, why: expect.stringContaining('without messages') })
  await api.call('POST', '/api/trialists/q1/pause', { body: { until: null } })
  expect((await get('q1')).next?.at).not.toBeNull()
})

test('an empty body, a wrong format and a strange id are told apart', async () => {
  expect((await send('', 'ndjson')).status).toBe(400)
  expect((await api.call('POST', '/api/imports?format=xml', { body: 'x' })).status).toBe(400)
  expect((await api.call('GET', '/api/imports/none')).status).toBe(404)
})

const sending = async (mode: string) =>
  expect((await api.call('PUT', '/api/workspace/sending', { body: { mode } })).status).toBe(200)

test('a rehearsal says what an import would do, and stores no one', async () => {
  await imported(JSON.stringify({ userId: 'r0', email: 'r0@import.example' }), 'ndjson', '&quiet=true')
  const rows = [
    // Known before, silent: changed only.
    { userId: 'r0', name: 'Ann' },
    // Two rows of one person, far apart: the address comes with the second.
    { userId: 'r1' },
    ...Array.from({ length: 1200 }, (_, n) => ({
      userId: `old${n}`,
      email: `old${n}@import.example`,
      trial: { startsAt: '2026-01-01T00:00:00Z', endsAt: '2026-01-15T00:00:00Z' },
    })),
    { userId: 'r1', email: 'r1@import.example' },
    { userId: 'r2', email: 'r2@import.example', traits: { createdAt: '2024-01-01' } },
    // One mailbox: the newer trial is emailed, the older stands aside.
    { userId: 'r3', email: 'r3@import.example' },
    { userId: 'r4', email: 'r3@import.example' },
    { userId: 'r5', email: 'nowhere' },
  ]
  const text = rows.map((row) => JSON.stringify(row)).join('\n')
  const { rehearsal, ...counts } = await imported(text, 'ndjson', '&dryRun=true')
  expect(counts).toMatchObject({ rows: 1207, imported: 1206, created: 1204, rejected: 1 })
  expect(rehearsal).toMatchObject({ emailNow: 2, kinds: { welcome: 2 }, undated: 3, held: null })
  const refused = await api.call<{ rows: object[] }>('GET', `/api/imports/${counts.id}/rejected`)
  expect(refused.body.rows).toEqual([{ line: 1207, userId: 'r5', why: expect.stringContaining('email') }])
  expect((await api.call('GET', '/api/trialists/old7')).status).toBe(404)
  expect((await get('r0')).name).toBeNull()

  const quiet = await imported(text, 'ndjson', '&dryRun=true&quiet=true')
  expect(quiet.rehearsal).toMatchObject({ emailNow: 0, emailWithinDay: 0, kinds: {} })
  await sending('never')
  const held = await imported(text, 'ndjson', '&dryRun=true')
  expect(held.rehearsal).toMatchObject({ emailNow: 0, emailWithinDay: 0, kinds: {}, held: { people: 3 } })
  await sending('normal')
  const done = await imported(text, 'ndjson', '&quiet=true')
  expect(done).toMatchObject({ created: 1204, rehearsal: null })
})

describe('new people without a date', () => {
  const body = [
    { userId: 'd1', email: 'd1@import.example', traits: { createdAt: '2024-05-01' } },
    { userId: 'd2', name: 'Dana' },
    { userId: 'd2', email: 'd2@import.example', trial: { endsAt: '2027-03-28' } },
    { userId: 'd3', email: 'd3@import.example' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n')
  const problem = async (more: string) =>
    (await api.call<{ detail: string }>('POST', `/api/imports?format=ndjson${more}`, {
      body,
      headers: { 'Content-Type': 'application/octet-stream' },
    })) as { status: number; body: { detail: string } }

  test('are imported only once it is said whether they start now', async () => {
    const refused = await problem('')
    expect(refused.status).toBe(400)
    expect(refused.body.detail).toMatch(/^d3 is someone new without a date/)
    for (const userId of ['d1', 'd2', 'd3'])
      expect((await api.call('GET', `/api/trialists/${userId}`)).status).toBe(404)
    expect((await problem('&undated=soon')).status).toBe(400)
    expect((await problem('&undated=2099-01-01')).body.detail).toContain('future')
  })

  test('are welcomed when they start today, and hear of nothing that has passed when they do not', async () => {
    const rehearse = (undated: string) => imported(body, 'ndjson', `&dryRun=true&undated=${undated}`)
    const today = (await rehearse('today')).rehearsal
    expect(today).toMatchObject({ emailNow: 2, kinds: { welcome: 2 }, undated: 1 })
    const earlier = (await rehearse('2025-01-10')).rehearsal
    expect(earlier).toMatchObject({ emailNow: 0, kinds: {}, undated: 0 })

    await imported(body, 'ndjson', '&undated=2025-01-10')
    const d3 = await get('d3')
    expect(d3).toMatchObject({ trial: { startsAt: '2025-01-10T00:00:00.000Z', status: 'ended' } })
    expect(d3.messages).toEqual([])
    expect((await get('d1')).trial.startsAt).toBe('2024-05-01T00:00:00.000Z')
    expect((await get('d2')).trial.status).toBe('trialing')
  })

  test('need no word when the people are known already, and their dates stay', async () => {
    const again = await imported(JSON.stringify({ userId: 'd3', name: 'Dee' }), 'ndjson')
    expect(again).toMatchObject({ created: 0, updated: 1 })
    await imported(JSON.stringify({ userId: 'd3', name: 'Di' }), 'ndjson', '&undated=2026-02-01')
    expect(await get('d3')).toMatchObject({ name: 'Di', trial: { startsAt: '2025-01-10T00:00:00.000Z' } })
  })
})

describe('people who are imported together with what they did long ago', () => {
  const day = 24 * 60 * 60_000
  const iso = (days: number) => new Date(someTime + days * day).toISOString()
  const people = [
    { userId: 'h-over', trial: { startsAt: iso(-60), endsAt: iso(-46) } },
    { userId: 'h-just-over', trial: { startsAt: iso(-15), endsAt: iso(-1) } },
    { userId: 'h-amid', trial: { startsAt: iso(-6), endsAt: iso(8) } },
    { userId: 'h-undated' },
  ].map((person) => ({ ...person, email: `${person.userId}@import.example`, timeZone: 'Europe/Berlin' }))
  const events = people.flatMap(({ userId }, person) =>
    ['Board Created', 'Teammate Invited', 'Card Completed'].flatMap((name, index) =>
      [60, 40, 15, 7].map((days) => ({
        type: 'track',
        userId,
        event: name,
        messageId: `old-${person}-${index}-${days}`,
        timestamp: iso(-days),
      })),
    ),
  )
  const track = async () => {
    const answer = await fresh.call<{ success: boolean; accepted: number }>('POST', '/v1/batch', {
      body: { batch: events },
    })
    expect(answer.body).toMatchObject({ success: true, accepted: events.length })
  }
  const bring = async () => {
    const started = await fresh.call<ImportState>('POST', '/api/imports?format=ndjson&undated=2026-01-01', {
      body: people.map((person) => JSON.stringify(person)).join('\n'),
      headers: { 'Content-Type': 'application/octet-stream' },
    })
    expect(started.status).toBe(202)
    await vi.waitFor(
      async () => {
        const { body } = await fresh.call<ImportState>('GET', `/api/imports/${started.body.id}`)
        expect(body).toMatchObject({ imported: people.length, job: { state: 'done' } })
      },
      { timeout: 60_000, interval: 50 },
    )
  }

  let fresh: ServedApi
  beforeEach(async () => {
    fresh = await serveApi(someTime)
  })
  afterEach(() => fresh.close())

  test.each([
    ['before', [bring, track]],
    ['behind', [track, bring]],
  ])('are neither welcomed nor surveyed, the file %s the events', async (_order, steps) => {
    for (const step of steps) await step()
    for (const { userId } of people) {
      const { body } = await fresh.call<Trialist>('GET', `/api/trialists/${userId}`)
      const kinds = [...body.messages.map(({ kind }) => kind), body.next?.at ? body.next.kind : null]
      for (const passed of ['welcome', 'onboarding_step', 'ended_survey', 'trial_ended', 'survey_follow_up'])
        expect([userId, kinds]).not.toEqual([userId, expect.arrayContaining([passed])])
    }
    // Who is amid their trial goes on with what is still to come.
    const amid = (await fresh.call<Trialist>('GET', '/api/trialists/h-amid')).body
    expect(amid.trial).toMatchObject({ status: 'trialing', endsAt: iso(8) })
  })
})

test('a rehearsal under the sending brake says that no one is emailed, and how many are kept waiting', async () => {
  const rows = [
    { userId: 'b1', email: 'b1@import.example' },
    { userId: 'b2', email: 'b2@import.example', trial: { startsAt: '2026-01-01', endsAt: '2026-01-15' } },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n')
  const rehearse = async () => (await imported(rows, 'ndjson', '&dryRun=true&undated=today')).rehearsal
  expect(await rehearse()).toMatchObject({ emailNow: 1, held: null })
  const { documents } = api.server.storage
  await documents.put('mail-brake', 'main', { pausedAt: someTime, why: 'addresses bounce', resumedOn: null })
  expect(await rehearse()).toMatchObject({
    emailNow: 0,
    kinds: {},
    held: { people: 1, why: expect.stringContaining('addresses bounce') },
  })
  expect((await api.call('POST', '/api/brake/resume')).status).toBe(200)
  expect(await rehearse()).toMatchObject({ emailNow: 1, held: null })
})
