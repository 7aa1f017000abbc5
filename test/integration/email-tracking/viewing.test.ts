import { get, type IncomingMessage, request } from 'node:http'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import type { Tracking } from '../../../server/domain/metrics/measure-message.ts'
import type { HitSignal } from '../../../server/domain/metrics/signal.ts'
import { createViewingPictures, pixel } from '../../../server/features/email-tracking/viewing-picture.ts'
import { hourMs, minuteMs } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { sampleDocuments } from '../../support/sample-documents.ts'
import { serveApi } from '../../support/serve-api.ts'
import { serveTracking, type TrackingServer, templatesDir } from '../../support/serve-tracking.ts'

const start = Date.UTC(2026, 10, 23, 9, 30)
const thunderbird = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0'
const viewed: Tracking = { opens: 'individual', clicks: 'individual', viewing: 'individual' }

let tracking: TrackingServer
/** What the pictures take for the time; a test moves it instead of waiting. */
let elapsed = 0
const open = async (options: Parameters<typeof createViewingPictures>[0] = {}) => {
  elapsed = 0
  const pictures = createViewingPictures({ paceMs: minuteMs, now: () => elapsed, ...options })
  tracking = await serveTracking(start, pictures)
  return pictures
}
afterEach(() => tracking?.close())

/** A email client that has begun to load the picture. */
const load = (path: string, agent = thunderbird) =>
  new Promise<{ response: IncomingMessage; first: Buffer; hangUp(): void }>((resolve, reject) => {
    const loading = get(`${tracking.url}${path}`, { agent: false, headers: { 'User-Agent': agent } })
    loading.on('error', reject)
    loading.on('response', (response) => {
      response.on('error', () => undefined)
      response.once('data', (first: Buffer) => resolve({ response, first, hangUp: () => loading.destroy() }))
    })
  })

const restOf = async (response: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const signalsOf = async (token: string) =>
  (await tracking.storage.documents.list('signal', { prefix: `${token}/`, limit: 100 })).map(
    ({ body }) => body as HitSignal,
  )

/** They are written when the picture is over. */
async function signalsWhen(token: string, count: number) {
  for (let tries = 0; tries < 300; tries++) {
    const signals = await signalsOf(token)
    if (signals.length >= count) return signals
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`there are not ${count} signals of ${token}`)
}

describe('the slow picture', () => {
  beforeEach(async () => void (await open()))

  it('tells how long an email was looked at, from its first bytes to the moment the reader turns away', async () => {
    const token = await tracking.sendMail('reader', { tracking: viewed })
    tracking.clock.advance(minuteMs)
    const { response, first, hangUp } = await load(`/d/${token}.gif`)
    expect(response.headers).toMatchObject({
      'content-type': 'image/gif',
      'x-accel-buffering': 'no',
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(pixel.subarray(0, first.length)).toEqual(first)
    expect(first.length).toBeLessThan(pixel.length)
    const at = tracking.clock.now()
    tracking.clock.advance(minuteMs)
    elapsed += 4500
    hangUp()
    expect(await signalsWhen(token, 1)).toEqual([
      expect.objectContaining({
        type: 'view_time',
        at,
        loadedMs: 4500,
        verdict: expect.objectContaining({ actor: 'human', confidence: 'high' }),
      }),
    ])
    expect((await tracking.trialOf('reader')).outbox[0]?.openedAt).toBeNull()
  })

  it('keeps machines apart', async () => {
    const token = await tracking.sendMail('scanned', { tracking: viewed })
    tracking.clock.advance(minuteMs)
    const { hangUp } = await load(`/d/${token}.gif`, 'curl/8.0')
    elapsed += 9000
    hangUp()
    expect((await signalsWhen(token, 1))[0]?.verdict.actor).toBe('machine')
  })

  it('comes at once, and leaves no trace, for emails that were sent without it and for strangers', async () => {
    const token = await tracking.sendMail('not-asked')
    for (const path of [`/d/${token}.gif`, `/d/${'A'.repeat(22)}.gif`, '/d/%00.gif', '/d/x.gif']) {
      const answer = await fetch(tracking.url + path)
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(pixel)
    }
    const head = request(`${tracking.url}/d/${token}.gif`, { method: 'HEAD' }).end()
    await new Promise((resolve) => head.once('response', resolve))
    expect(await signalsOf(token)).toEqual([])
  })

  it('records nothing of a person who has taken the consent back', async () => {
    const token = await tracking.sendMail('withdrawn', {
      tracking: viewed,
      change: (trial) => ({
        ...trial,
        person: { ...trial.person, consent: { mail: null, tracking: false } },
      }),
    })
    const other = await tracking.sendMail('willing', { tracking: viewed })
    for (const each of [token, other]) (await load(`/d/${each}.gif`)).hangUp()
    await signalsWhen(other, 1)
    expect(await signalsOf(token)).toEqual([])
  })
})

describe('what is not measured', () => {
  it('a picture loaded to its end, as machines that fetch ahead do', async () => {
    await open({ paceMs: 1 })
    const token = await tracking.sendMail('prefetched', { tracking: viewed })
    const { response, first } = await load(`/d/${token}.gif`)
    expect(Buffer.concat([first, await restOf(response)])).toEqual(pixel)
    expect(await signalsWhen(token, 1)).toMatchObject([{ type: 'view_time', loadedMs: null }])
  })

  it('one more than may be held: it comes at once', async () => {
    await open({ most: 1 })
    const held = await tracking.sendMail('held', { tracking: viewed })
    const token = await tracking.sendMail('one-more', { tracking: viewed })
    const { hangUp } = await load(`/d/${held}.gif`)
    const { response, first } = await load(`/d/${token}.gif`)
    expect(Buffer.concat([first, await restOf(response)])).toEqual(pixel)
    expect(await signalsWhen(token, 1)).toMatchObject([{ loadedMs: null }])
    elapsed += 1000
    hangUp()
    expect(await signalsWhen(held, 1)).toMatchObject([{ loadedMs: 1000 }])
    const freed = await load(`/d/${token}.gif`)
    expect(freed.first.length).toBeLessThan(pixel.length)
    freed.hangUp()
    await signalsWhen(token, 2)
  })

  it('what is held when the server stops: it ends at once, and no more is held', async () => {
    const pictures = await open()
    const token = await tracking.sendMail('stopped', { tracking: viewed })
    const { response, first } = await load(`/d/${token}.gif`)
    pictures.close()
    expect(Buffer.concat([first, await restOf(response)])).toEqual(pixel)
    expect(await signalsWhen(token, 1)).toMatchObject([{ loadedMs: null }])
    const late = await load(`/d/${token}.gif`)
    expect(Buffer.concat([late.first, await restOf(late.response)])).toEqual(pixel)
  })
})

it('never keeps a server from stopping', async () => {
  const api = await serveApi(start)
  tracking = { url: api.server.url, close: async () => undefined } as unknown as TrackingServer
  await api.server.storage.documents.put('mail', 'A'.repeat(22), {
    ...sampleDocuments.mail,
    trialId: 'main:u:x' as TrialId,
    tracking: viewed,
  })
  const { response, first } = await load(`/d/${'A'.repeat(22)}.gif`)
  const [rest] = await Promise.all([restOf(response), api.close()])
  expect(Buffer.concat([first, rest])).toEqual(pixel)
})

it('goes from the setting through the email to the figure', async () => {
  const html = new Map<string, string>()
  const api = await serveApi(start, {
    overrides: {
      renderer: createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) }),
      mailer: {
        async send(mail, gate) {
          if (!(await gate())) return { state: 'refused' }
          html.set(mail.to.address, mail.html)
          return { state: 'accepted', answer: '250 ok' }
        },
        verify: async () => ({ ok: true }),
        close: async () => {},
      },
    },
  })
  tracking = { url: api.server.url, close: () => api.close() } as unknown as TrackingServer
  const welcomed = async (user: string) => {
    const email = `${user}@customer.example`
    expect((await api.call('PUT', `/api/trialists/${user}`, { body: { email, name: user } })).status).toBe(
      201,
    )
    api.clock.advance(3 * hourMs)
    await api.server.dueLoop.drain()
    api.clock.advance(minuteMs)
    return html.get(email) ?? ''
  }
  const figure = async () => {
    await api.server.services.metrics.measures.foldAll()
    const { body } = await api.call<{ metrics: { id: string; n: number; action: string | null }[] }>(
      'GET',
      '/api/kpis',
    )
    return body.metrics.find(({ id }) => id === 'viewing_time')
  }
  expect(await welcomed('before')).toMatch(/\/o\/[\w-]{22}\.gif/)
  expect(html.get('before@customer.example')).not.toContain('/d/')
  expect((await figure())?.action).toContain('viewing')
  await api.call('PUT', '/api/measuring', { body: { viewing: 'individual' } })
  const path = /\/d\/[\w-]{22}\.gif/.exec(await welcomed('asked'))?.[0] ?? 'no picture'
  ;(await load(path)).hangUp()
  for (let tries = 0; tries < 300 && (await figure())?.n !== 1; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await figure()).toMatchObject({ n: 1, action: null })
})

it('the self-test arrives in pieces', async () => {
  await open()
  const { response, first } = await load('/d/self-test.gif')
  expect(first.length).toBeLessThan(pixel.length)
  expect(Buffer.concat([first, await restOf(response)])).toEqual(pixel)
})
