import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import type { brandApi } from '../../../shared/api/brand.ts'
import { someTime } from '../../support/build-trial.ts'
import { templatesDir } from '../../support/mail-samples.ts'
import { blankPng, plainJpeg } from '../../support/pictures.ts'
import { type ServedApi, serveApi, writeKey } from '../../support/serve-api.ts'

type Logo = z.output<(typeof brandApi)['POST /api/brand/logos']['answers'][201]['schema']>

let api: ServedApi
beforeAll(async () => {
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  api = await serveApi(someTime, { overrides: { renderer } })
})
afterAll(() => api.close())

const upload = (body: Buffer | string, type = 'application/octet-stream') =>
  api.call<Logo>('POST', '/api/brand/logos', { body, headers: { 'Content-Type': type } })
const get = (path: string) => fetch(`http://127.0.0.1:${api.server.port}${path}`)

describe('a logo', () => {
  it('is served to anyone at an address that never changes, as what it is', async () => {
    const bytes = blankPng(280, 80)
    const { status, body } = await upload(bytes, 'image/png')
    expect(status).toBe(201)
    expect(body).toMatchObject({ width: 280, height: 80 })
    const answer = await get(`/brand/${body.file}`)
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })

  it('is stored once, listed newest first, and noted', async () => {
    const first = await upload(blankPng(10, 10))
    await upload(plainJpeg(12, 12))
    expect((await upload(blankPng(10, 10))).body).toEqual(first.body)
    const { body } = await api.call<{ logos: Logo[] }>('GET', '/api/brand/logos')
    expect(body.logos.slice(0, 2).map(({ width }) => width)).toEqual([12, 10])
    expect(new Set(body.logos.map(({ file }) => file)).size).toBe(body.logos.length)
    const audit = await api.call<{ rows: { action: string }[] }>('GET', '/api/audit')
    expect(audit.body.rows.map(({ action }) => action)).toContain('brand.uploadLogo')
  })

  it('is refused in words where it is no picture we take', async () => {
    const answer = await api.call('POST', '/api/brand/logos', {
      body: '<svg onload="alert(1)"/>',
      headers: { 'Content-Type': 'image/png' },
    })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(/SVG/)
    expect((await upload(Buffer.alloc(300 * 1024, 1))).status).toBe(413)
    expect((await upload('', 'image/png')).status).toBe(400)
  })

  it.each([`/brand/${'a'.repeat(64)}.png`, '/brand/..%2f..%2fpackage.json', '/brand/x.svg', '/brand/'])(
    'is nothing at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

describe('the sheet', () => {
  const sheet = (part: string, brand?: object) =>
    get(`/api/brand/sheet/${part}?brand=${encodeURIComponent(JSON.stringify(brand ?? {}))}`)

  it.each(['email', 'survey', 'extend', 'unsubscribe'])(
    'shows the %s in a brand that is not saved',
    async (part) => {
      const { body } = await upload(blankPng(280, 80))
      const { url: _, ...light } = body
      const answer = await api.call<string>(
        'GET',
        `/api/brand/sheet/${part}?brand=${encodeURIComponent(
          JSON.stringify({ accent: '#c01c28', logo: { light, width: 100 }, footer: ['Made in Leeds'] }),
        )}`,
      )
      expect(answer.status).toBe(200)
      expect(answer.body).toContain('#c01c28')
      expect(answer.body).toContain(`/brand/${body.file}`)
      expect(answer.body).toContain('Made in Leeds')
      expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    },
  )

  it('is for those who may read the playbook', async () => {
    expect((await sheet('email')).status).toBe(401)
  })

  it('says what is wrong with a brand', async () => {
    const ask = (brand: string) =>
      api.call('GET', `/api/brand/sheet/email?brand=${encodeURIComponent(brand)}`)
    expect((await ask('{"accent":"red"}')).status).toBe(400)
    expect((await ask('{')).body.detail).toMatch(/query/)
    expect((await ask('{"accent":"#fff;}</style>"}')).status).toBe(400)
  })
})

const nudge = {
  id: 'hello',
  format: 'inline',
  anchor: '#here',
  on: 'any',
  content: { title: 'Hello', body: 'There', dismiss: 'Later' },
}

describe('what goes out under a published brand', () => {
  beforeAll(async () => {
    const { body } = await api.call<{ playbook: object }>('GET', '/api/playbook')
    const published = await api.call('PUT', '/api/playbook', {
      body: { ...body.playbook, nudges: [nudge], brand: { accent: '#c01c28', radius: 4 } },
      headers: { 'If-Match': '"1"' },
    })
    expect(published.status).toBe(200)
  })

  it('is dressed in it: emails and nudges', async () => {
    const email = await api.call<{ html: string }>('POST', '/api/templates/welcome/preview', { body: {} })
    expect(email.body.html).toContain('#c01c28')
    expect(await told()).toMatch(/--b-g:#c01c28.*--b-r:4px/)
  })
})

/** What a browser is told, rules and nudges alike. */
async function told(): Promise<string> {
  const answer = await api.call('POST', '/v1/batch', {
    key: null,
    headers: { Authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}` },
    body: {
      nudges: true,
      batch: [{ type: 'track', event: 'Anything', anonymousId: 'visitor-1', messageId: 'one-1' }],
    },
  })
  return JSON.stringify(answer.body)
}
