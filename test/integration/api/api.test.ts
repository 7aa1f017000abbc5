import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Playbook } from '../../../shared/playbook.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

const put = (userId: string, body: unknown) => api.call<Trialist>('PUT', `/api/trialists/${userId}`, { body })
const get = (userId: string) => api.call<Trialist>('GET', `/api/trialists/${userId}`)

describe('upserting a trialist', () => {
  test('makes one, keeps what is absent and clears what is null', async () => {
    const made = await put('ann', {
      email: 'Ann@Example.com',
      name: 'Ann',
      traits: { seats: 5, role: 'owner' },
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      userId: 'ann',
      email: 'ann@example.com',
      name: 'Ann',
      segment: 'unaware',
    })
    const changed = await put('ann', { name: null, company: 'Acme' })
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({ email: 'ann@example.com', name: null, company: 'Acme' })
    expect(changed.body.traits).toMatchObject({ seats: 5, role: 'owner' })
  })

  test('takes a date as the end of that day where the trialist lives, across a change to summer time', async () => {
    const { body } = await put('berlin', { timeZone: 'Europe/Berlin', trial: { endsAt: '2027-03-28' } })
    expect(body.trial.endsAt).toBe('2027-03-28T21:59:59.999Z')
    const auckland = await put('auckland', { timeZone: 'Pacific/Auckland', trial: { endsAt: '2027-01-10' } })
    expect(auckland.body.trial.endsAt).toBe('2027-01-10T10:59:59.999Z')
  })

  test.each([
    [{ email: 'a@b.example, evil@x.example' }, '/email'],
    [{ nickname: 'x' }, '/nickname'],
    [{ trial: { endsAt: '2027-02-30' } }, '/trial/endsAt'],
    [{ trial: { ends: '2027-02-20' } }, '/trial/ends'],
    [{ timeZone: 'Mars/Olympus' }, '/timeZone'],
    [{ traits: { 'a.b': 1 } }, '/traits/a.b'],
    [{ traits: { a: { b: { c: { d: 1 } } } } }, '/traits/a'],
    [{ name: 'a'.repeat(401) }, '/name'],
  ])('names the fault in %j', async (body, pointer) => {
    const answer = await api.call('PUT', '/api/trialists/faulty', { body })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body.errors?.map((fault) => fault.pointer)).toContain(pointer)
    expect((await get('faulty')).status).toBe(404)
  })

  test('understands a locale in any spelling, and ignores one that names no language', async () => {
    expect((await put('posix', { locale: 'pt_BR.UTF-8', name: 'Ana' })).body).toMatchObject({
      locale: 'pt-BR',
    })
    expect((await put('posix', { locale: '%lang%', company: 'Lima' })).body).toMatchObject({
      locale: 'pt-BR',
      company: 'Lima',
    })
  })

  test('a sync at every sign-in never takes back an extension', async () => {
    const sync = { name: 'Sy', trial: { startsAt: '2026-09-01T12:00:00Z', endsAt: '2026-09-15T12:00:00Z' } }
    await put('sync', sync)
    const extension = { days: 7, reason: 'asked' }
    const { body } = await api.call<Trialist>('POST', '/api/trialists/sync/extensions', { body: extension })
    expect((await put('sync', sync)).body.trial.endsAt).toBe(body.trial.endsAt)
    const endsAt = '2026-09-16T12:00:00Z'
    const shorter = await api.call('PUT', '/api/trialists/sync', { body: { trial: { endsAt } } })
    expect(shorter.status).toBe(409)
    expect(shorter.body).toMatchObject({ currentEnd: body.trial.endsAt })
    expect(shorter.body.detail).toMatch(/2026-09-22.*2026-09-16/)
    const onPurpose = { trial: { endsAt, expectedEnd: body.trial.endsAt } }
    expect((await put('sync', onPurpose)).body.trial.endsAt).toBe('2026-09-16T12:00:00.000Z')
  })

  test('refuses __proto__ as a trait and pollutes nothing', async () => {
    const answer = await api.call('PUT', '/api/trialists/faulty', {
      body: '{"traits":{"__proto__":{"polluted":1}}}',
    })
    expect(answer.status).toBe(400)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('extending', () => {
  test('moves the end, refuses an outdated one, and can be undone', async () => {
    const before = (await put('eve', { trial: { endsAt: '2026-09-10T12:00:00Z' } })).body.trial.endsAt
    const body = { days: 7, reason: 'asked', expectedEnd: before }
    const extended = await api.call<Trialist>('POST', '/api/trialists/eve/extensions', { body })
    expect(extended.status).toBe(201)
    expect(extended.body.trial.endsAt).toBe('2026-09-17T12:00:00.000Z')
    const again = await api.call('POST', '/api/trialists/eve/extensions', { body })
    expect(again.status).toBe(409)
    expect(again.body.currentEnd).toBe('2026-09-17T12:00:00.000Z')
    const id = extended.body.extensions.at(-1)?.id
    const undone = await api.call<Trialist>('DELETE', `/api/trialists/eve/extensions/${id}`)
    expect(undone.status).toBe(200)
    expect(undone.body.trial.endsAt).toBe('2026-09-10T12:00:00.000Z')
  })

  test('stays within the policy and names the limit', async () => {
    await put('max', { trial: { endsAt: '2026-09-10T12:00:00Z' } })
    const answer = await api.call('POST', '/api/trialists/max/extensions', {
      body: { days: 300, reason: 'much' },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.type).toBe('https://trialpace.dev/problems/policy-refused')
    expect(answer.body.detail).toMatch(/45/)
  })

  test('of many at once with the same expected end exactly one wins', async () => {
    await put('race', { trial: { endsAt: '2026-09-10T12:00:00Z' } })
    const body = { days: 3, reason: 'race', expectedEnd: '2026-09-10T12:00:00.000Z' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.call('POST', '/api/trialists/race/extensions', { body })),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409])
    expect((await get('race')).body.trial.endsAt).toBe('2026-09-13T12:00:00.000Z')
  })

  test('with an Idempotency-Key happens once, and the key fits no other request', async () => {
    await put('idem', { trial: { endsAt: '2026-09-10T12:00:00Z' } })
    const headers = { 'Idempotency-Key': 'click-1' }
    const post = (days: number) =>
      api.call<Trialist>('POST', '/api/trialists/idem/extensions', { body: { days, reason: 'x' }, headers })
    const [first, second] = [await post(3), await post(3)]
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect((await get('idem')).body.extensions).toHaveLength(1)
    expect((await post(4)).status).toBe(409)
  })
})

test('a conversion ends the pitch, a pause and a skip are kept', async () => {
  await put('cat', { email: 'cat@example.com' })
  const paused = await api.call<Trialist>('POST', '/api/trialists/cat/pause', {
    body: { until: '2026-09-05T00:00:00Z' },
  })
  expect(paused.body.pausedUntil).toBe('2026-09-05T00:00:00.000Z')
  const converted = await api.call<Trialist>('POST', '/api/trialists/cat/conversion', {
    body: { plan: 'team' },
  })
  expect(converted.body).toMatchObject({ plan: 'team', trial: { status: 'converted' } })
})

describe('lists', () => {
  test('page through everyone exactly once', async () => {
    for (let index = 0; index < 7; index++) await put(`page-${index}`, { company: 'Pagers' })
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `/api/trialists?q=Pagers&limit=3&sort=createdAt${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
      const page = (await api.call<{ trialists: Trialist[]; cursor: string | null }>('GET', query)).body
      seen.push(...page.trialists.map((trialist) => String(trialist.userId)))
      cursor = page.cursor
    }
    expect(seen.sort()).toEqual(Array.from({ length: 7 }, (_, index) => `page-${index}`))
  })

  test.each(['cursor=nonsense', 'sort=name', 'limit=0', 'limit=1e9', 'colour=red', 'q[$ne]=x'])(
    'refuse ?%s',
    async (query) => expect((await api.call('GET', `/api/trialists?${query}`)).status).toBe(400),
  )

  test('count segments', async () => {
    const { body } = await api.call<{ segments: Record<string, number>; total: number }>(
      'GET',
      '/api/segments',
    )
    expect(body.total).toBe(Object.values(body.segments).reduce((sum, n) => sum + n, 0))
    expect(body.segments.unaware).toBeGreaterThan(0)
  })
})

describe('erasure', () => {
  test('leaves no trace of the person but an objection as a hash', async () => {
    const { server } = api
    await put('ghost-user', { email: 'ghost@haunted.example', name: 'Gerda Geist' })
    const event = { type: 'track', event: 'Setup Completed', userId: 'ghost-user', messageId: 'ghost-1' }
    await api.call('POST', '/v1/batch', { body: { writeKey: secretKey, batch: [event] }, key: null })
    await server.changes.change('main:u:ghost-user' as never, { type: 'suppress', reason: 'unsubscribed' })
    const exported = await api.call<{ trialist: Trialist; events: unknown[] }>(
      'GET',
      '/api/trialists/ghost-user/export',
    )
    expect(exported.body.trialist.email).toBe('ghost@haunted.example')
    expect(exported.body.events).toHaveLength(1)
    const erased = await api.call('DELETE', '/api/trialists/ghost-user')
    expect(erased.body).toMatchObject({ erased: true, events: 1 })
    expect((await get('ghost-user')).status).toBe(404)
    const left = await Promise.all(
      (['audit', 'mail', 'signal', 'suppression', 'idempotency', 'job', 'session'] as const).map((kind) =>
        server.storage.documents.list(kind, { limit: 1000 }),
      ),
    )
    expect(JSON.stringify(left)).not.toMatch(/ghost|Gerda/)
    const back = await put('ghost-again', { email: 'ghost@haunted.example' })
    expect(back.body.suppressed?.reason).toBe('unsubscribed')
  })
})

describe('the playbook', () => {
  type Published = { version: number; playbook: Playbook; job: { id: string } }

  test('is published against the version that was edited, and then re-plans every trial', async () => {
    const current = await api.call<Published>('GET', '/api/playbook')
    const etag = current.headers.get('etag') ?? ''
    const playbook = { ...current.body.playbook, trial: { lengthDays: 21 } }
    expect((await api.call('PUT', '/api/playbook', { body: playbook })).status).toBe(400)
    const published = await api.call<Published>('PUT', '/api/playbook', {
      body: playbook,
      headers: { 'If-Match': etag },
    })
    expect(published.status).toBe(200)
    expect(published.body.version).toBe(current.body.version + 1)
    const late = await api.call('PUT', '/api/playbook', { body: playbook, headers: { 'If-Match': etag } })
    expect(late.status).toBe(409)
    await api.server.services.jobs.runPending()
    const job = await api.call<{ state: string; done: number }>('GET', `/api/jobs/${published.body.job.id}`)
    expect(job.body.state).toBe('done')
    expect(job.body.done).toBeGreaterThan(0)
  })

  test('with faults is refused with a pointer to each', async () => {
    const { body } = await api.call<Published>('GET', '/api/playbook')
    const milestones = [...body.playbook.milestones, { name: 'Odd', event: 'Odd', threshold: 0 }]
    const broken = { ...body.playbook, milestones, colour: 'red' }
    const answer = await api.call('POST', '/api/playbook/dry-run', { body: broken })
    expect(answer.status).toBe(422)
    const pointers = answer.body.errors?.map((fault) => fault.pointer)
    expect(pointers).toContain(`/milestones/${milestones.length - 1}/threshold`)
    expect(pointers).toContain('/colour')
  })

  test('is tried out on everyone without changing anything', async () => {
    // The trials look at themselves again after what was published before.
    await api.server.services.jobs.runPending()
    await put('dry', { email: 'dry@example.com', timeZone: 'Europe/Berlin' })
    // The due loop takes up the welcome by itself: what is compared is the trial at rest.
    const before = await vi.waitFor(async () => {
      const seen = (await get('dry')).body.version
      await pause(300)
      const now = await get('dry')
      expect(now.body.version).toBe(seen)
      return now
    }, 20_000)
    const { body } = await api.call<Published>('GET', '/api/playbook')
    const silent = { ...body.playbook, messages: [] }
    const run = await api.call<{ changes: { userId: string; after: unknown }[] }>(
      'POST',
      '/api/playbook/dry-run',
      { body: silent },
    )
    expect(run.body.changes.find((change) => change.userId === 'dry')?.after).toBeNull()
    expect((await get('dry')).body.version).toBe(before.body.version)
  })

  test('answers what a person would get, in order', async () => {
    const body = {
      trialist: { email: 'sim@example.com', timeZone: 'Europe/Berlin' },
      days: 30,
      events: [{ event: 'Setup Completed', afterHours: 30 }],
    }
    const { body: answer } = await api.call<{
      timeline: { at: string; kind: string; outcome: string }[]
      complete: boolean
    }>('POST', '/api/simulate', { body })
    expect(answer.complete).toBe(true)
    const sent = answer.timeline.filter((line) => line.outcome === 'sent').map((line) => line.kind)
    expect(sent[0]).toBe('welcome')
    expect(sent).toContain('ended_survey')
    expect(answer.timeline.map((line) => line.at)).toEqual(answer.timeline.map((line) => line.at).toSorted())
  })
})

describe('every answer', () => {
  test('to an unknown path is 404, to an unknown method 405 with Allow', async () => {
    expect((await api.call('GET', '/api/nothing')).body.type).toBe('https://trialpace.dev/problems/not-found')
    const answer = await api.call('POST', '/api/segments')
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  test('is never stored by a cache and allows no foreign script', async () => {
    const { headers } = await api.call('GET', '/api/segments')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
    expect(headers.get('x-powered-by')).toBeNull()
  })

  test.each([
    ['{"a":', 400, 'invalid-json'],
    [`{"note":"${'x'.repeat(101 * 1024)}"}`, 413, 'too-large'],
    [`{"traits":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`, 400, 'invalid-request'],
    ['[]', 400, 'invalid-request'],
    ['"text"', 400, 'invalid-json'],
  ])('to a body like %.20s is a problem', async (body, status, type) => {
    const answer = await api.call('PUT', '/api/trialists/x', { body })
    expect([answer.status, answer.body.type]).toEqual([status, `https://trialpace.dev/problems/${type}`])
  })
})

test('templates can be previewed, and tests go to colleagues only', async () => {
  const preview = await api.call<{ text: string }>('POST', '/api/templates/upgrade_now/preview', { body: {} })
  expect(preview.status).toBe(200)
  expect(preview.body.text).toContain('upgrade_now')
  const stranger = await api.call('POST', '/api/templates/upgrade_now/test-send', {
    body: { to: 'stranger@example.com' },
  })
  expect(stranger.status).toBe(403)
})

test('figures name numerator and denominator', async () => {
  const { body } = await api.call<{ steps: { name: string; numerator: number; denominator: number }[] }>(
    'GET',
    '/api/funnel',
  )
  const [first] = body.steps
  expect(first?.numerator).toBe(first?.denominator)
  expect((await api.call('GET', '/api/kpis')).status).toBe(200)
})
