import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HitSignal } from '../../../server/domain/metrics/signal.ts'
import { dayMs, secondMs } from '../../../shared/clock.ts'
import { serveTracking, type TrackingServer } from '../../support/serve-tracking.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

const start = Date.UTC(2026, 10, 23, 9, 30)
const person =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
let tracking: TrackingServer

beforeAll(async () => {
  tracking = await serveTracking(start)
})
afterAll(() => tracking.close())

const ask = (path: string, init: RequestInit & { agent?: string } = {}) =>
  fetch(`${tracking.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { 'User-Agent': init.agent ?? person, ...init.headers },
  })

const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields),
})

const signalsOf = async (token: string) =>
  (await tracking.storage.documents.list('signal', { prefix: `${token}/`, limit: 1000 })).map(
    ({ id, body }) => ({ ...(body as HitSignal), id }),
  )

/** Hits are written after the answer: waits until there are as many as expected. */
async function signalsWhen(token: string, count: number) {
  for (let tries = 0; tries < 200; tries++) {
    const signals = await signalsOf(token)
    if (signals.length >= count) return signals
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`there are not ${count} signals of ${token}`)
}

describe('the open pixel', () => {
  it('is the same 43 bytes for everyone, never cached, and records the open', async () => {
    const token = await tracking.sendMail('opener')
    tracking.clock.advance(60 * secondMs)
    const known = await ask(`/o/${token}.gif`)
    const unknown = await ask(`/o/${'A'.repeat(22)}.gif`)
    const bytes = Buffer.from(await known.arrayBuffer())
    expect(bytes).toHaveLength(43)
    expect(bytes.subarray(0, 6).toString('latin1')).toBe('GIF89a')
    expect(Buffer.from(await unknown.arrayBuffer())).toEqual(bytes)
    expect([known.status, unknown.status]).toEqual([200, 200])
    for (const answer of [known, unknown]) {
      expect(answer.headers.get('content-type')).toBe('image/gif')
      expect(answer.headers.get('cache-control')).toContain('no-store')
    }
    const [signal] = await signalsWhen(token, 1)
    expect(signal).toMatchObject({ type: 'open', method: 'GET', verdict: { actor: 'human' } })
    expect(signal?.network).not.toContain('127.0.0.1')
    expect((await tracking.trialOf('opener')).outbox[0]?.openedAt).toBe(tracking.clock.now())
  })

  it('keeps proxies and scanners apart from people', async () => {
    const token = await tracking.sendMail('proxied')
    tracking.clock.advance(60 * secondMs)
    await ask(`/o/${token}.gif`, { agent: 'Mozilla/5.0' })
    tracking.clock.advance(5 * secondMs)
    await ask(`/o/${token}.gif`, { method: 'HEAD' })
    const signals = await signalsWhen(token, 2)
    expect(signals.map(({ verdict }) => verdict.actor).sort()).toEqual(['machine', 'unknown'])
    expect((await tracking.trialOf('proxied')).outbox[0]?.openedAt).toBeNull()
  })

  it('records nothing of a person who does not want to be tracked', async () => {
    const token = await tracking.sendMail('private', {
      change: (trial) => ({
        ...trial,
        person: { ...trial.person, consent: { mail: null, tracking: false } },
      }),
    })
    await ask(`/o/${token}.gif`)
    const other = await tracking.sendMail('not-private')
    await ask(`/o/${other}.gif`)
    await signalsWhen(other, 1)
    expect(await signalsOf(token)).toEqual([])
  })
})

describe('a tracked link', () => {
  it('leads to the stored target, with UTM and click id, and to nowhere else', async () => {
    const token = await tracking.sendMail('clicker')
    tracking.clock.advance(60 * secondMs)
    const answer = await ask(`/c/${token}/0?url=https://evil.example/`)
    expect(answer.status).toBe(302)
    const target = new URL(answer.headers.get('location') as string)
    expect(target.origin).toBe('https://app.corkboard.example')
    expect(target.hash).toBe('#pay')
    expect(Object.fromEntries(target.searchParams)).toMatchObject({
      plan: 'team',
      utm_source: 'trialpace',
      utm_medium: 'mine',
      utm_campaign: 'expiring_passive',
    })
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('x-robots-tag')).toContain('noindex')
    const [signal] = await signalsWhen(token, 1)
    expect(signal?.id).toBe(`${token}/${target.searchParams.get('tpc')}`)
    expect((await tracking.trialOf('clicker')).outbox[0]?.clickedAt).toBe(tracking.clock.now())
  })

  it.each(['/1', '/-1', '/0x0', '/constructor', '/99999'])('is not found at index %s', async (index) => {
    const token = await tracking.sendMail('clicker-2')
    const answer = await ask(`/c/${token}${index}`)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('<h1>')
  })

  it('unmasks a scanner that follows every link, also its first step', async () => {
    const token = await tracking.sendMail('scanned', {
      links: ['https://a.example/', 'https://b.example/', 'https://c.example/'],
    })
    tracking.clock.advance(60 * secondMs)
    for (const index of [0, 1, 2]) {
      await ask(`/c/${token}/${index}`)
      await signalsWhen(token, index + 1)
      tracking.clock.advance(200)
    }
    // The last hit rewrites the verdicts of those before it.
    for (let tries = 0; tries < 100; tries++) {
      const actors = (await signalsOf(token)).map(({ verdict }) => verdict.actor)
      if (actors.every((actor) => actor === 'machine')) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect((await signalsOf(token)).map(({ verdict }) => verdict.actor)).toEqual([
      'machine',
      'machine',
      'machine',
    ])
    // The trialist page follows: the first click looked like a person's.
    await vi.waitFor(async () => {
      expect((await tracking.trialOf('scanned')).outbox[0]).toMatchObject({ state: 'sent', clickedAt: null })
    })
  })

  it('believes the browser snippet over everything else', async () => {
    const token = await tracking.sendMail('verified')
    const answer = await ask(`/c/${token}/0`)
    const clickId = new URL(answer.headers.get('location') as string).searchParams.get('tpc') as string
    const [before] = await signalsWhen(token, 1)
    expect(before?.verdict.actor).toBe('machine')
    const stranger = await tracking.trialOf('clicker')
    expect(await tracking.signals.confirmClick(stranger, clickId)).toBe(false)
    expect(await tracking.signals.confirmClick(await tracking.trialOf('verified'), clickId)).toBe(true)
    expect((await signalsOf(token))[0]?.verdict).toMatchObject({ actor: 'human', confidence: 'sure' })
  })
})

describe('unsubscribing', () => {
  it('happens by the provider’s one-click POST, at once, for every trial of the address', async () => {
    const token = await tracking.sendMail('leaver', { email: 'shared@customer.example' })
    await tracking.sendMail('leaver-2', { email: 'shared@customer.example' })
    const answer = await ask(`/u/${token}`, form({ 'List-Unsubscribe': 'One-Click' }))
    expect(answer.status).toBe(200)
    expect((await tracking.trialOf('leaver')).contact.suppressed?.reason).toBe('unsubscribed')
    expect((await tracking.trialOf('leaver-2')).contact.suppressed?.reason).toBe('unsubscribed')
    const entry = await tracking.suppressions.find('acme' as never, 'shared@customer.example' as never)
    expect(entry?.reason).toBe('unsubscribed')
    expect((await ask(`/u/${token}`, form({}))).status).toBe(200)
    expect((await signalsOf(token)).filter(({ type }) => (type as string) === 'unsubscribe')).toHaveLength(1)
  })

  it('takes a multipart body, and none at all', async () => {
    const token = await tracking.sendMail('leaver-3')
    const body = new FormData()
    body.set('List-Unsubscribe', 'One-Click')
    expect((await ask(`/u/${token}`, { method: 'POST', body })).status).toBe(200)
    expect((await ask(`/u/${token}`, { method: 'POST' })).status).toBe(200)
    expect((await tracking.trialOf('leaver-3')).contact.suppressed).not.toBeNull()
  })

  it('does not happen by looking', async () => {
    const token = await tracking.sendMail('looker')
    for (const method of ['GET', 'HEAD']) expect((await ask(`/u/${token}`, { method })).status).toBe(200)
    expect((await tracking.trialOf('looker')).contact.suppressed).toBeNull()
    expect(await (await ask(`/u/${token}`)).text()).toContain('<form method="post">')
  })
})

describe('extending by link', () => {
  it('shows what would happen, does it once, and says so afterwards', async () => {
    const token = await tracking.sendMail('extender')
    const before = (await tracking.trialOf('extender')).clock.endsAt as number
    const page = await (await ask(`/x/${token}`)).text()
    expect(page).toContain('7 more days of Corkboard')
    expect(page).toMatch(/ends on Monday.*December 7.*instead|December 14/)
    expect((await tracking.trialOf('extender')).clock.endsAt).toBe(before)
    const done = await ask(`/x/${token}`, form({ end: String(before) }))
    expect(await done.text()).toContain('Done. You have more time.')
    expect((await tracking.trialOf('extender')).clock.endsAt).toBe(before + 7 * dayMs)
    for (const again of [form({ end: String(before) }), { method: 'GET' }])
      expect(await (await ask(`/x/${token}`, again)).text()).toContain('Already extended')
    expect((await tracking.trialOf('extender')).clock.endsAt).toBe(before + 7 * dayMs)
  })

  it('happens once when two presses meet', async () => {
    const token = await tracking.sendMail('twice')
    const before = (await tracking.trialOf('twice')).clock.endsAt as number
    await Promise.all(Array.from({ length: 8 }, () => ask(`/x/${token}`, form({}))))
    expect((await tracking.trialOf('twice')).clock.endsAt).toBe(before + 7 * dayMs)
  })

  it('asks again when the end has moved since the page was shown', async () => {
    const token = await tracking.sendMail('moved')
    const { clock, id } = await tracking.trialOf('moved')
    await tracking.changes.change(id, {
      type: 'extend',
      id: 'by-rep',
      days: 3,
      reason: 'asked',
      note: '',
      by: { kind: 'rep', name: 'Dana' },
    })
    const answer = await (await ask(`/x/${token}`, form({ end: String(clock.endsAt) }))).text()
    expect(answer).toContain('<form method="post">')
    expect((await tracking.trialOf('moved')).clock.endsAt).toBe((clock.endsAt as number) + 3 * dayMs)
  })

  it('stops at the limit and for customers, in words', async () => {
    const token = await tracking.sendMail('limited')
    const { id } = await tracking.trialOf('limited')
    const take = (extensionId: string) =>
      tracking.changes.change(id, {
        type: 'extend',
        id: extensionId,
        days: 7,
        reason: 'self_serve',
        note: '',
        by: { kind: 'trialist', name: 'other link' },
      })
    await take('another-mail')
    const { clock } = await tracking.trialOf('limited')
    for (const init of [{}, form({})])
      expect(await (await ask(`/x/${token}`, init)).text()).toContain('No more days by this link')
    expect((await tracking.trialOf('limited')).clock.endsAt).toBe(clock.endsAt)
    await tracking.changes.change(id, {
      type: 'convert',
      plan: 'team',
      at: tracking.clock.now(),
      by: { kind: 'billing', name: 'test' },
    })
    expect(await (await ask(`/x/${token}`)).text()).toContain('already a customer')
  })
})

describe('the survey', () => {
  it('is not answered by opening every answer’s link', async () => {
    const token = await tracking.sendMail('surveyed', { kind: 'ended_survey' })
    for (const answer of ['price', 'time', 'price']) {
      const page = await (await ask(`/s/${token}/${answer}`)).text()
      expect(page).toContain(`value="${answer}" required checked`)
    }
    expect((await tracking.trialOf('surveyed')).survey).toBeNull()
  })

  it('takes the answer of the form, and its comment', async () => {
    const token = await tracking.sendMail('voter', { kind: 'ended_survey' })
    const answer = await ask(`/s/${token}/price`, form({ answer: 'time', comment: '  too busy <b>  ' }))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Thank you')
    expect((await tracking.trialOf('voter')).survey).toMatchObject({
      answer: 'time',
      comment: 'too busy <b>',
    })
  })

  it('shows the form again for an answer that there is not', async () => {
    const token = await tracking.sendMail('odd', { kind: 'ended_survey' })
    const answer = await ask(`/s/${token}/price`, form({ answer: '"><script>' }))
    expect(await answer.text()).not.toContain('<script>')
    expect((await tracking.trialOf('odd')).survey).toBeNull()
  })
})

describe('the pages', () => {
  it('are private, without scripts, in the person’s language and direction', async () => {
    const token = await tracking.sendMail('reader', { locale: 'ar-EG' })
    const answer = await ask(`/u/${token}`)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    const html = await answer.text()
    expect(html).toContain('<html lang="ar-EG" dir="rtl">')
    expect(html).not.toMatch(/<script|https?:\/\/(?!app\.corkboard)/)
  })

  it('show the email as sent, without its pixel', async () => {
    const token = await tracking.sendMail('viewer')
    const answer = await ask(`/v/${token}`)
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect(await answer.text()).toBe('<p>Hello</p>')
  })

  it.each(['/u/short', `/x/${'A'.repeat(22)}`, `/s/${'A'.repeat(22)}/price`, '/v/%E0%A4%A', '/c/..%2f../0'])(
    'answer %s with a page that says what is wrong',
    async (path) => {
      const answer = await ask(path)
      expect([400, 404]).toContain(answer.status)
      expect(await answer.text()).toContain('<h1>')
    },
  )

  it('refuse a body that is too large', async () => {
    const token = await tracking.sendMail('large', { kind: 'ended_survey' })
    const answer = await ask(`/s/${token}/price`, form({ answer: 'price', comment: 'x'.repeat(50_000) }))
    expect(answer.status).toBe(413)
    expect((await tracking.trialOf('large')).survey).toBeNull()
  })
})
