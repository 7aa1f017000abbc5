import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choosePort } from '../../../server/demo/demo-config.ts'
import { dayMs } from '../../../shared/clock.ts'
import { paces, segments } from '../../../shared/trial.ts'
import { type ApiTrialist, type DemoProcess, startDemoProcess } from '../../support/demo-process.ts'

let demo: DemoProcess

beforeAll(async () => {
  demo = await startDemoProcess()
}, 180_000)

afterAll(async () => {
  expect(await demo.stop()).toBe(0)
})

interface Other {
  readonly id: string
  readonly value: number | null
}

interface Listed extends ApiTrialist {
  readonly pace: string
  readonly email: string
}

async function allTrialists(): Promise<Listed[]> {
  const found: Listed[] = []
  let cursor: string | null = ''
  do {
    const page: { trialists: Listed[]; cursor: string | null } = await demo.api(
      `/api/trialists?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    )
    found.push(...page.trialists)
    cursor = page.cursor
  } while (cursor)
  return found
}

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${demo.url}${path}`, { method: 'POST', body, headers })

describe('start', () => {
  it('prints where it is and its keys, then the ready line', () => {
    const output = demo.output()
    expect(output).toContain(`${demo.url}/demo/`)
    expect(output).toContain(`${demo.url}/inbox`)
    expect(demo.writeKey).toMatch(/^pk_/)
    expect(demo.secretKey).toMatch(/^sk_/)
    expect(output.trimEnd().split('\n').at(-1)).toBe(`Trialpace demo ready on ${demo.url}`)
  })

  it('has trialists of every segment, pace and status, and has sent nothing to the inbox', async () => {
    const trialists = await allTrialists()
    expect(trialists.length).toBeGreaterThanOrEqual(40)
    expect(new Set(trialists.map(({ segment }) => segment))).toEqual(new Set(segments))
    expect(new Set(trialists.map(({ pace }) => pace))).toEqual(new Set(paces))
    expect(new Set(trialists.map(({ trial }) => trial.status))).toEqual(
      new Set(['trialing', 'ended', 'converted']),
    )
    const { messages } = await demo.api<{ messages: unknown[] }>('/inbox/api/messages')
    expect(messages).toEqual([])
  })

  it('gives each a consistent past and future', async () => {
    const now = await demo.now()
    for (const { userId } of await allTrialists()) {
      const { decisions, next, trial, segment } = await demo.trialist(userId)
      const sent = decisions.filter(({ outcome }) => outcome === 'sent').map(({ kind }) => kind)
      expect(sent, userId).toContain('welcome')
      if (segment === 'opportunist' || segment === 'unqualified') expect(sent).not.toContain('upgrade_now')
      if (trial.status === 'converted') expect(next).toBeNull()
      if (next?.at) expect(Date.parse(next.at)).toBeGreaterThan(now)
    }
  })

  it('has figures to look at: people, proxies and scanners react, and customers pay', async () => {
    const { metrics } = await demo.api<{ metrics: { id: string; value: number | null; others: Other[] }[] }>(
      '/api/kpis',
    )
    const of = (id: string) => metrics.find((metric) => metric.id === id)
    for (const id of ['open_rate', 'mobile_opens', 'click_rate', 'purchase_rate', 'positive_replies'])
      expect(of(id)?.value, id).toBeGreaterThan(0)
    const raw = of('clicks')?.others.find(({ id }) => id === 'clicks_raw')?.value
    expect(raw).toBeGreaterThan(of('clicks')?.value ?? 0)
  })

  it('takes the next free port when the default one is busy, and refuses a given one', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) =>
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
    )
    await expect(choosePort(String(port), '127.0.0.1')).rejects.toThrow(`port ${port} is in use`)
    blocker.close()
    expect(await choosePort(undefined, '127.0.0.1')).toBeGreaterThanOrEqual(8080)
  })
})

describe('clock', () => {
  it('moves forward by spans and to instants', async () => {
    const before = await demo.now()
    const after = await demo.pass({ advance: '3d' })
    expect(after - before).toBeGreaterThanOrEqual(3 * dayMs)
    const target = new Date(after + dayMs).toISOString()
    expect(await demo.pass({ now: target })).toBeGreaterThanOrEqual(Date.parse(target))
  })

  it('has handed over all that fell due when it answers, in the order of its due times', async () => {
    const { messages } = await demo.api<{ messages: { receivedAt: string }[] }>('/inbox/api/messages')
    expect(messages.length).toBeGreaterThan(5)
    const times = messages.map(({ receivedAt }) => receivedAt)
    expect(times).toEqual([...times].sort())
    const now = await demo.now()
    for (const { next } of await allTrialists())
      if (next?.at) expect(Date.parse(next.at)).toBeGreaterThan(now - 60_000)
  })

  it.each([
    ['a negative span', '{"advance":"-1d"}'],
    ['a past instant', '{"now":"2020-01-01T00:00:00Z"}'],
    ['no duration', '{"advance":"three days"}'],
    ['no instant', '{"now":"tomorrow"}'],
    ['too far', '{"advance":"9999d"}'],
    ['both', '{"advance":"1d","now":"2030-01-01T00:00:00Z"}'],
    ['neither', '{}'],
    ['no object', '[]'],
    ['no JSON', 'advance=1d'],
    ['nothing', ''],
  ])('answers 400 to %s', async (_name, body) => {
    const response = await post('/demo/api/clock', body)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(((await response.json()) as { detail: string }).detail).not.toBe('')
  })
})

describe('inbox', () => {
  const trialistWithMail = async (userId: string) => {
    const email = `${userId}@mail.example`
    await demo.api(`/api/trialists/${userId}`, { method: 'PUT', body: { email, name: 'Test Person' } })
    return demo.mailOf(email, 'welcome')
  }
  const act = (id: string, action: string) =>
    demo.api<{ detail: string }>(`/inbox/api/messages/${id}/actions`, { body: { action } })

  it('bounces for real: the address is never mailed again', async () => {
    const mail = await trialistWithMail('bouncer')
    await act(mail.id, 'bounce')
    await expect
      .poll(async () => JSON.stringify(await demo.trialist('bouncer')), { timeout: 10_000 })
      .toContain('hard_bounce')
  })

  it('complains for real', async () => {
    const mail = await trialistWithMail('complainer')
    await act(mail.id, 'complaint')
    await expect
      .poll(async () => JSON.stringify(await demo.trialist('complainer')), { timeout: 10_000 })
      .toContain('complaint')
  })

  it('replies for real: automation rests', async () => {
    const mail = await trialistWithMail('replier')
    await act(mail.id, 'reply')
    await expect
      .poll(async () => JSON.stringify(await demo.trialist('replier')), { timeout: 10_000 })
      .toMatch(/repliedAt":"2/)
  })

  it('opens and clicks for real', async () => {
    const mail = await trialistWithMail('opener')
    await act(mail.id, 'open')
    await act(mail.id, 'click')
    await expect
      .poll(async () => JSON.stringify(await demo.trialist('opener')), { timeout: 10_000 })
      .toMatch(/clickedAt":"2/)
  })

  it.each([
    ['an unknown email', '/inbox/api/messages/none/actions', '{"action":"open"}', 404],
    ['an unknown action', '/inbox/api/messages/1/actions', '{"action":"eat"}', 400],
    ['an unknown page', '/inbox/api/nothing', '{}', 404],
  ])('answers %s with a problem', async (_name, path, body, status) => {
    expect((await post(path, body)).status).toBe(status)
  })

  it('turns a foreign web page away', async () => {
    const answer = await post('/demo/api/clock', '{"advance":"1h"}', { Origin: 'https://evil.example' })
    expect(answer.status).toBe(403)
  })
})

describe('a demo that is kept', () => {
  it('goes on where it stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trialpace-keep-'))
    const first = await startDemoProcess(['--keep', '--no-build'], folder)
    const body = { email: 'kept@mail.example', name: 'Kept' }
    await first.api('/api/trialists/kept', { method: 'PUT', body })
    const stoppedAt = await first.pass({ advance: '2d' })
    expect(await first.stop()).toBe(0)

    const second = await startDemoProcess(['--keep', '--no-build'], folder)
    expect(await second.now()).toBeGreaterThanOrEqual(stoppedAt)
    expect((await second.trialist('kept')).userId).toBe('kept')
    expect(await second.stop()).toBe(0)

    const fresh = await startDemoProcess(['--no-build'], folder)
    await expect(fresh.trialist('kept')).rejects.toThrow('404')
    expect(await fresh.stop()).toBe(0)
    await rm(folder, { recursive: true, force: true })
  })
})
