import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { freshPage, inNudge, pause, untilLoaded } from '../support/sdk-browser.ts'
import { type ServedApi, serveApi, writeKey } from '../support/serve-api.ts'

/** The SDK against the whole server, on a page of another origin, as in the field. */

let browser: Browser
let api: ServedApi
let site: Server
let page: string

beforeAll(async () => {
  ;[browser, api] = await Promise.all([launchBrowser(), serveApi(Date.now())])
  const html = `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">
    <script src="${api.server.url}/sdk/v1/tp.js"></script><h1>App</h1>
    <script>trialpace.load('${writeKey}', {
      host: '${api.server.url}', identity: () => fetch('/identity').then((answer) => answer.text()),
    })</script>`
  const secret = new TextEncoder().encode(api.server.services.workspaces.all()[0]?.identitySecret)
  // What the team’s own server does: it knows who is signed in.
  const token = () =>
    new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('30m').sign(secret)
  site = createServer(async (request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(request.url === '/identity' ? await token() : html)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  page = `http://localhost:${(site.address() as AddressInfo).port}/app`
})
afterAll(async () => {
  await browser?.close()
  site?.close()
  await api?.close()
})

interface Trialist {
  segment: string
  milestones: { name: string; count: number }[]
}

describe('the SDK and the server', () => {
  test('events of another origin become a trialist, and reaching value brings the upgrade nudge', async () => {
    const { page: tab, context, errors } = await freshPage(browser)
    const methods: string[] = []
    tab.on('request', (request) => methods.push(request.method()))
    await tab.goto(page)
    await untilLoaded(tab)
    await tab.evaluate(() => window.trialpace.identify('ann', { company: 'Engine' }))
    await tab.evaluate(() => {
      for (const name of ['Setup Completed', 'First Result', 'Teammate Invited']) window.trialpace.track(name)
    })
    await tab.waitForSelector('[data-trialpace="upgrade-after-value"]', { timeout: 8000 })
    expect(await inNudge(tab, 'upgrade-after-value', '.b')).toContain('Choose a plan')
    await tab.waitForFunction(() => window.trialpace.trial()?.segment === 'activated')
    const { body } = await api.call<Trialist>('GET', '/api/trialists/ann')
    expect(body.segment).toBe('activated')
    expect(body.milestones.map(({ count }) => count)).toEqual([1, 1, 1])
    expect(methods).not.toContain('OPTIONS')
    expect(errors).toEqual([])

    await tab.evaluate(() => window.trialpace.nudges.snooze('upgrade-after-value'))
    await tab.evaluate(() => window.trialpace.flush())
    // Another browser of the same person: only the server can remember.
    const { page: other, context: otherContext } = await freshPage(browser)
    await other.goto(page)
    await untilLoaded(other)
    await other.evaluate(() => window.trialpace.identify('ann'))
    await other.waitForFunction(() => window.trialpace.trial()?.segment === 'activated')
    await other.evaluate(() => window.trialpace.track('Teammate Invited'))
    await pause(800)
    expect(
      await other.evaluate(() => !!document.querySelector('[data-trialpace="upgrade-after-value"]')),
    ).toBe(false)
    await Promise.all([context.close(), otherContext.close()])
  })

  test('a signed link shows a nudge to its team, and counts nothing', async () => {
    const { status, body } = await api.call<{ url: string }>(
      'POST',
      '/api/nudges/upgrade-after-value/preview-link',
      { body: { page } },
    )
    expect(status).toBe(200)
    const { page: tab, context } = await freshPage(browser)
    await tab.goto(body.url)
    await tab.waitForSelector('[data-trialpace="upgrade-after-value"]', { timeout: 8000 })
    expect(await inNudge(tab, 'upgrade-after-value', '.pv')).toBe('Preview')
    expect(
      await tab.evaluate((key) => localStorage.getItem(`tp.${key}.n`)?.includes('upgrade'), writeKey),
    ).toBe(false)
    await tab.goto(body.url.replace(/.{6}$/, 'AAAAAA'))
    await untilLoaded(tab)
    await pause(800)
    expect(await tab.evaluate(() => document.querySelectorAll('[data-trialpace]').length)).toBe(0)
    expect((await api.call('POST', '/api/nudges/none/preview-link', { body: { page } })).status).toBe(404)
    await context.close()
  })

  test('its files are served compressed; the versioned ones forever, with an integrity that browsers accept', async () => {
    const moving = await fetch(`${api.server.url}/sdk/v1/tp.js`)
    expect(moving.headers.get('cache-control')).toContain('max-age=300')
    expect(moving.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    const listing = (await (await fetch(`${api.server.url}/sdk/v1/integrity.json`)).json()) as {
      version: string
      files: Record<string, string>
    }
    const pinned = `${api.server.url}/sdk/${listing.version}/tp.js`
    const { headers } = await fetch(pinned, { headers: { 'accept-encoding': 'gzip, br' } })
    expect(headers.get('cache-control')).toContain('immutable')
    expect(headers.get('content-encoding')).toBe('br')
    const { page: tab, context } = await freshPage(browser)
    await tab.goto(page)
    const load = (integrity: string) =>
      tab.evaluate(
        (src, hash) =>
          new Promise<string>((resolve) => {
            const script = Object.assign(document.createElement('script'), { src, integrity: hash })
            script.crossOrigin = 'anonymous'
            script.onload = () => resolve('loaded')
            script.onerror = () => resolve('refused')
            document.head.append(script)
          }),
        pinned,
        integrity,
      )
    expect(await load(listing.files['tp.js'] ?? '')).toBe('loaded')
    expect(await load(listing.files['nudge.js'] ?? '')).toBe('refused')
    await context.close()
  })
})
