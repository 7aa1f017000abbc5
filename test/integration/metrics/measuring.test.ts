import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Counters } from '../../../server/domain/metrics/counters.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import { postJson } from '../../../server/http/post-json.ts'
import type { Mailer, OutgoingMail } from '../../../server/ports.ts'
import { dayMs, minuteMs } from '../../../shared/clock.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

const startAt = Date.UTC(2026, 8, 7, 10)
const workspaceId = 'main' as WorkspaceId
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const subjects = ['Welcome aboard', 'Your first board']

const sent: OutgoingMail[] = []
const mailer: Mailer = {
  async send(mail, gate) {
    if (!(await gate())) return { state: 'refused' }
    sent.push(mail)
    return { state: 'accepted', answer: '250 ok' }
  },
  verify: async () => ({ ok: true }),
  close: async () => {},
}

let api: ServedApi
let received: { body: string; key: string | undefined }[] = []
let answer = 500
const hook = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  received.push({ body, key: request.headers['idempotency-key'] as string | undefined })
  response.writeHead(answer).end()
})

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const messages = defaultPlaybook.messages.map((rule) =>
    rule.kind === 'welcome'
      ? { ...rule, subjects, class: 'onboarding' as const, window: 'any' as const }
      : rule,
  )
  api = await serveApi(startAt, {
    env: {
      TRIALPACE_METRICS_WEBHOOK: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/figures`,
      ROLE: 'web',
      MONGODB_URI: 'mongodb://127.0.0.1:1/none',
    },
    overrides: { mailer, playbook: { ...defaultPlaybook, messages } },
  })
})
afterAll(async () => {
  await api.close()
  hook.closeAllConnections()
  await new Promise((resolve) => hook.close(resolve))
})

/** @returns the emails that went out to this person. */
async function welcome(userId: string, consent?: { tracking: boolean | null }): Promise<OutgoingMail[]> {
  const before = sent.length
  const { status } = await api.call('PUT', `/api/trialists/${userId}`, {
    body: { email: `${userId}@customer.example`, ...(consent && { consent }) },
  })
  expect(status).toBeLessThan(300)
  await api.server.dueLoop.drain()
  return sent.slice(before).filter(({ to }) => to.address === `${userId}@customer.example`)
}

const individually = { opens: 'individual', clicks: 'individual', consent: 'assumed' }
const setMeasuring = (body: object) =>
  api.call<{ settings: object }>('PUT', '/api/measuring', { body: { ...individually, ...body } })
const linkOf = (mail: OutgoingMail | undefined): string =>
  /href="([^"]*)\/0"/.exec(mail?.html ?? '')?.[1] ?? ''
const figure = async (id: string) => {
  await api.server.services.metrics.measures.foldAll()
  const { body } = await api.call<{ metrics: { id: string; value: number | null; action: string | null }[] }>(
    'GET',
    '/api/kpis',
  )
  return body.metrics.find((metric) => metric.id === id)
}

describe('tracking', () => {
  it('off: links lead straight, and the metrics say that they are not measured', async () => {
    expect((await setMeasuring({ opens: 'off', clicks: 'off' })).status).toBe(200)
    const [mail] = await welcome('off-1')
    expect(linkOf(mail)).toBe('')
    expect((await figure('click_rate'))?.action).toMatch(/Not measured/)
    expect((await figure('open_rate'))?.action).toMatch(/Not measured/)
  })

  it('aggregate: people share a token, clicks are counted, and carry no click id', async () => {
    await setMeasuring({ opens: 'aggregate', clicks: 'aggregate' })
    const [first] = await welcome('agg-1')
    const [second] = await welcome('agg-2')
    const variants = new Map([first, second].map((mail) => [mail?.subject, linkOf(mail)]))
    if (variants.size === 1) expect(linkOf(first)).toBe(linkOf(second))
    // A machine's click first: it would have been counted by the time the person's is.
    await fetch(`${linkOf(first)}/0`, { headers: { 'User-Agent': 'curl/8' }, redirect: 'manual' })
    const response = await fetch(`${linkOf(first)}/0`, {
      headers: { 'User-Agent': browser },
      redirect: 'manual',
    })
    expect(response.status).toBe(302)
    const target = new URL(response.headers.get('location') as string)
    expect(target.searchParams.get('tpc')).toBeNull()
    expect(target.searchParams.get('utm_source')).toBe('trialpace')
    await expect.poll(() => figure('clicks')).toMatchObject({ value: 1 })
    expect((await figure('click_rate'))?.value).toBeNull()
    const trial = await api.server.storage.trials.get(trialIdOfUser(workspaceId, 'agg-1'))
    expect(trial?.outbox[0]?.clickedAt).toBeNull()
  })

  it('individual with consent required: only who said yes is followed', async () => {
    await setMeasuring({ consent: 'required' })
    const [silent] = await welcome('ask-1')
    const [willing] = await welcome('ask-2', { tracking: true })
    const [refusing] = await welcome('ask-3', { tracking: false })
    const token = (mail: OutgoingMail | undefined) => mail?.unsubscribe?.url.split('/u/')[1]
    expect(linkOf(silent)).not.toContain(token(silent))
    expect(linkOf(willing)).toContain(token(willing))
    expect(linkOf(refusing)).toBe('')
    await setMeasuring({})
  })

  it('changes what is given and keeps the rest, with an entry in the audit log', async () => {
    await setMeasuring({ spamScore: 9.5, attributionDays: 5 })
    const { status, body } = await api.call<{ settings: object; job: object | null }>(
      'PUT',
      '/api/measuring',
      {
        body: { clicks: 'off' },
      },
    )
    expect(status).toBe(200)
    expect(body.settings).toMatchObject({ clicks: 'off', opens: 'individual', spamScore: 9.5 })
    expect((await api.call('GET', '/api/measuring')).body).toEqual(body.settings)
    const { rows } = (await api.call<{ rows: object[] }>('GET', '/api/audit')).body
    expect(rows[0]).toMatchObject({
      action: 'measuring.change',
      before: { clicks: 'individual' },
      after: { clicks: 'off' },
    })
    expect((await api.call('PUT', '/api/measuring', { body: { opens: 'sometimes' } })).status).toBe(400)
    await setMeasuring({ spamScore: null })
  })
})

describe('subject tests', () => {
  it('give each person one subject, both to someone, and report what they bring', async () => {
    const given = new Set<string>()
    for (let i = 0; i < 24; i++) {
      const [mail] = await welcome(`subject-${i}`)
      given.add(mail?.subject ?? '')
    }
    expect([...given].sort()).toEqual(subjects)
    await api.server.services.metrics.measures.foldAll()
    const { body } = await api.call<{
      tests: { subjects: string[]; winner: number | null; words: string; arms: { sent: number }[] }[]
    }>('GET', '/api/subject-tests')
    expect(body.tests).toHaveLength(1)
    expect(body.tests[0]).toMatchObject({
      subjects,
      winner: null,
      words: expect.stringMatching(/^No winner yet/),
    })
    expect(body.tests[0]?.arms.reduce((sum, { sent: n }) => sum + n, 0)).toBeGreaterThanOrEqual(24)
  })
})

describe('the brake', () => {
  it('pauses trial email when addresses bounce, says why, and lets go when a person resumes', async () => {
    expect((await api.call<{ paused: boolean }>('GET', '/api/brake')).body).toMatchObject({
      paused: false,
      verdict: 'ok',
    })
    const bad: Counters = { handed: 1000, rejectedHard: 60, accepted: 940, delivered: 940 }
    await api.server.storage.documents.put('aggregate', `${workspaceId}/2026-09-07/welcome/welcome/0/en`, bad)
    await api.server.services.metrics.review()
    const pulled = await api.call<{ paused: boolean; pausedWhy: string }>('GET', '/api/brake')
    expect(pulled.body).toMatchObject({ paused: true, pausedWhy: expect.stringMatching(/do not exist/) })
    expect(await welcome('paused-1')).toHaveLength(0)
    expect((await api.call('POST', '/api/brake/resume')).body).toEqual({ resumed: true })
    expect((await api.call('POST', '/api/brake/resume')).body).toEqual({ resumed: false })
    expect((await api.call('GET', '/api/brake')).body).toMatchObject({ paused: false })
    api.clock.advance(16 * minuteMs)
    const before = sent.length
    await api.server.dueLoop.drain()
    expect(sent.slice(before).map(({ to }) => to.address)).toContain('paused-1@customer.example')
  })
})

describe('telling others', () => {
  it('sends the metrics of each day once, again until they are taken', async () => {
    const push = api.server.services.metrics.push
    api.clock.advance(dayMs)
    received = []
    await push?.run()
    expect(received).toHaveLength(1)
    await push?.run()
    expect(received).toHaveLength(1)
    answer = 204
    api.clock.advance(10 * minuteMs)
    await push?.run()
    expect(received).toHaveLength(2)
    expect(received[1]?.key).toBe(received[0]?.key)
    const body = JSON.parse(received[1]?.body ?? '{}') as { date: string; metrics: { id: string }[] }
    expect(body.date).toBe('2026-09-07')
    expect(body.metrics.map(({ id }) => id)).toContain('click_rate')
    await push?.run()
    expect(received).toHaveLength(2)
  })

  it('never posts into our own network, nor without encryption', async () => {
    for (const url of [
      'http://example.com/',
      'https://10.0.0.1/',
      'https://[fd00::1]/',
      'https://169.254.169.254/',
    ])
      await expect(postJson(new URL(url), '{}', {})).rejects.toThrow(/https|public internet/)
  })

  it('shows the main figures to Prometheus', async () => {
    const { body } = await api.call<string>('GET', '/metrics', { key: null })
    expect(body).toMatch(/trialpace_kpi\{workspace="main",metric="reach"\} /)
  })
})
