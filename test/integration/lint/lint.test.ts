import { createServer, type Server } from 'node:net'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import type { LintReport } from '../../../server/features/lint/lint-report.ts'
import { mailTexts } from '../../../server/features/lint/mail-texts.ts'
import { loadCatalog } from '../../../server/locales/catalog.ts'
import { fixtureNames } from '../../../shared/api/lint.ts'
import { someTime } from '../../support/build-trial.ts'
import { templatesDir } from '../../support/mail-samples.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'
import { type Spamd, startSpamd } from '../../support/spamd.ts'

const { locales } = loadCatalog(templatesDir)
const total = mailTexts(defaultPlaybook).length * locales.length * fixtureNames.length

let spamd: Spamd | null = null
let api: ServedApi | null = null
beforeAll(async () => {
  spamd = await startSpamd()
  if (!spamd)
    console.warn('\n!!! SpamAssassin was NOT asked: install spamassassin and spamd, or set SPAMD_URL\n')
})
afterEach(async () => {
  await api?.close()
  api = null
})
afterAll(() => spamd?.close())

interface Job {
  id: string
  kind: string
  state: string
  done: number
  total: number
  error: string | null
}

/** With the real renderer: what is checked are emails, not facts. */
async function serve(env: Record<string, string> = {}) {
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  api = await serveApi(someTime, { env, overrides: { renderer } })
  return api
}

async function settled({ call }: ServedApi, id: string): Promise<Job> {
  for (;;) {
    const { body } = await call<Job>('GET', `/api/jobs/${id}`)
    if (body.state !== 'queued' && body.state !== 'running') return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const latest = async ({ call }: ServedApi) =>
  (await call<{ report: LintReport | null }>('GET', '/api/lint')).body.report

async function check(served: ServedApi): Promise<LintReport> {
  const { body } = await served.call<Job>('POST', '/api/lint')
  expect(await settled(served, body.id)).toMatchObject({ state: 'done', error: null })
  return (await latest(served)) as LintReport
}

async function publish({ call }: ServedApi, change: Partial<typeof defaultPlaybook>) {
  const before = await call<{ playbook: typeof defaultPlaybook }>('GET', '/api/playbook')
  const answer = await call('PUT', '/api/playbook', {
    body: { ...before.body.playbook, ...change },
    headers: { 'If-Match': before.headers.get('etag') ?? '' },
  })
  expect(answer.status).toBe(200)
}

const spamKpi = async ({ call }: ServedApi) => {
  const { body } = await call<{
    metrics: { id: string; value: number | null; action: string; why: string }[]
  }>('GET', '/api/kpis')
  return body.metrics.find(({ id }) => id === 'spam_score')
}

test('every email is checked as a job; one that is cancelled leaves the report alone', async () => {
  const served = await serve()
  expect(await latest(served)).toBeNull()
  const started = await served.call<Job>('POST', '/api/lint')
  expect([started.status, started.body]).toMatchObject([202, { kind: 'lint', total, done: 0 }])
  expect((await served.call<Job>('POST', '/api/lint')).body.id).toBe(started.body.id)
  expect(await settled(served, started.body.id)).toMatchObject({ state: 'done', done: total, error: null })
  const report = await latest(served)
  expect(report).toMatchObject({ mails: total, errors: 0, playbookVersion: 1, spam: { state: 'not_set_up' } })
  expect(await spamKpi(served)).toMatchObject({
    value: null,
    action: expect.stringMatching(/Check all emails.*SPAMD_URL/),
  })
  const second = await served.call<Job>('POST', '/api/lint')
  await served.call('DELETE', `/api/jobs/${second.body.id}`)
  expect((await settled(served, second.body.id)).state).toBe('cancelled')
  expect(await latest(served)).toEqual(report)
}, 300_000)

describe('SpamAssassin', () => {
  test('gives the worst score, which then stands among the metrics with its date', async () => {
    if (!spamd) return
    const served = await serve({ SPAMD_URL: spamd.url })
    // One rule for each kind, since each text is asked about.
    const seen = new Set<string>()
    const messages = defaultPlaybook.messages.filter(({ kind }) => !seen.has(kind) && seen.add(kind))
    await publish(served, { messages })
    const before = await served.call<object>('GET', '/api/measuring')
    await served.call('PUT', '/api/measuring', { body: { ...before.body, clicks: 'aggregate' } })
    const { spam } = await check(served)
    expect(spam).toMatchObject({ state: 'checked', kind: expect.any(String), locale: expect.any(String) })
    const worst = spam.state === 'checked' ? spam.worst : 0
    expect(worst).toBeGreaterThanOrEqual(9)
    expect(await spamKpi(served)).toMatchObject({
      value: worst,
      action: null,
      why: expect.stringContaining(new Date(someTime).toISOString().slice(0, 10)),
    })
    expect((await served.call('GET', '/api/measuring')).body).toMatchObject({
      clicks: 'aggregate',
      spamScore: worst,
    })
  }, 300_000)

  test('that is down is said to be so, beside what our own rules find', async () => {
    const served = await serve({ SPAMD_URL: 'spamd://127.0.0.1:1' })
    const { body } = await served.call<object>('POST', '/api/templates/welcome/preview', {
      body: { spam: true, locale: 'ko' },
    })
    expect(body).toMatchObject({ spam: { state: 'unreachable' }, findings: [] })
  })

  test('that talks nonsense counts as down', async () => {
    const nonsense: Server = createServer((socket) => socket.end('220 smtp.example ESMTP\r\n'))
    await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve))
    const { port } = nonsense.address() as { port: number }
    const served = await serve({ SPAMD_URL: `spamd://127.0.0.1:${port}` })
    const { status, body } = await served.call<{ spam: object }>('POST', '/api/templates/welcome/preview', {
      body: { spam: true },
    })
    nonsense.close()
    expect([status, body.spam]).toEqual([200, { state: 'unreachable' }])
  })
})

describe('the preview', () => {
  const preview = (served: ServedApi, kind: string, body: object) =>
    served.call<{
      subject: string
      html: string
      findings: { check: string }[]
      spam: { state: string; score?: number }
    }>('POST', `/api/templates/${kind}/preview`, { body })

  test('says what the checks say, and asks SpamAssassin only when told to', async () => {
    const served = await serve(spamd ? { SPAMD_URL: spamd.url } : {})
    const plain = await preview(served, 'expiring_activated', { locale: 'ko', fixture: 'long_name' })
    expect(plain.body).toMatchObject({ spam: { state: 'not_asked' }, findings: [] })
    expect(plain.body.html).toContain('lang="ko"')
    const asked = await preview(served, 'expiring_activated', { spam: true })
    expect(asked.body.spam).toMatchObject(spamd ? { state: 'checked' } : { state: 'not_set_up' })
  })

  test('takes rule and subject of the playbook, and refuses what is not there', async () => {
    const served = await serve()
    await publish(served, {
      messages: defaultPlaybook.messages.map((rule) =>
        rule.id === 'step-2' ? { ...rule, subjects: ['One', 'SHOUTING AT YOU'] } : rule,
      ),
    })
    const second = await preview(served, 'onboarding_step', { rule: 'step-2', variant: 1 })
    expect(second.body.subject).toBe('SHOUTING AT YOU')
    expect(second.body.findings).toContainEqual(expect.objectContaining({ check: 'subject-shouts' }))
    expect((await preview(served, 'onboarding_step', { rule: 'step-2', variant: 2 })).status).toBe(400)
    expect((await preview(served, 'onboarding_step', { rule: 'welcome' })).status).toBe(404)
    expect((await preview(served, 'onboarding_step', { fixture: 'strange' })).status).toBe(400)
    await served.call('PUT', '/api/trialists/ann', { body: { email: 'ann@example.com' } })
    expect((await preview(served, 'welcome', { userId: 'ann', fixture: 'zero' })).status).toBe(400)
    expect((await preview(served, 'welcome', { userId: 'ann' })).status).toBe(200)
  })

  test('the list of what can be previewed', async () => {
    const served = await serve()
    const { body } = await served.call<{ templates: { kind: string; rules: { id: string }[] }[] }>(
      'GET',
      '/api/templates',
    )
    expect(body).toMatchObject({ locales, fixtures: [...fixtureNames] })
    expect(body.templates.find(({ kind }) => kind === 'onboarding_step')?.rules.map(({ id }) => id)).toEqual([
      'step-1',
      'step-2',
      'step-3',
    ])
  })
})
