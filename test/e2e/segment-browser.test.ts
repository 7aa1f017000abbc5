import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type CollectServer, serveCollect, writeKey } from '../support/serve-collect.ts'

/** `@segment/analytics-next` unchanged, in Chromium, on a page of another origin; it is told `cdnURL` and no more. */

let browser: Browser
let collect: CollectServer
let site: Server
let siteOrigin: string

const entry = `
import { AnalyticsBrowser } from '@segment/analytics-next'
window.load = (writeKey, cdnURL) => { window.analytics = AnalyticsBrowser.load({ writeKey, cdnURL }) }
`

beforeAll(async () => {
  const bundled = await build({
    stdin: { contents: entry, resolveDir: process.cwd() },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  })
  const script = bundled.outputFiles[0]!.text
  site = createServer((request, response) => {
    if (request.url === '/app.js') response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script)
    else
      response
        .writeHead(200, { 'Content-Type': 'text/html' })
        .end('<!doctype html><title>App</title><script src="/app.js"></script>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  siteOrigin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  collect = await serveCollect()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  site?.closeAllConnections()
  site?.close()
  await collect?.close()
})

async function open(): Promise<{ page: Page; origins: Set<string>; faults: string[] }> {
  const page = await browser.newPage()
  const origins = new Set<string>()
  const faults: string[] = []
  page.on('request', (request) => origins.add(new URL(request.url()).origin))
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  await page.goto(`${siteOrigin}/boards`)
  await page.evaluate(`window.load(${JSON.stringify(writeKey)}, ${JSON.stringify(collect.origin)})`)
  return { page, origins, faults }
}
async function until(holds: () => Promise<boolean>) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 25))
}

describe('@segment/analytics-next', () => {
  it('sends a visitor’s events to us alone, and takes them along when the visitor signs in', async () => {
    const { page, origins, faults } = await open()
    await page.evaluate(`(async () => {
      await analytics.page('Boards')
      await analytics.track('Board Created', { title: 'Näme “with” emoji 🎉' })
    })()`)
    const anonymousId = (await page.evaluate('analytics.user().then((user) => user.anonymousId())')) as string
    await until(async () => ((await collect.visitor(anonymousId))?.usage.total ?? 0) === 2)

    await page.evaluate(`(async () => {
      await analytics.identify('ann', { role: 'admin', email: 'forged@example.com' })
      await analytics.track('Teammate Invited')
      await analytics.group('acme')
    })()`)
    await until(
      async () => (await collect.storage.events.ofSubject('main' as never, 'n:ann', 10)).length === 3,
    )
    await until(async () => ((await collect.trialOf('ann'))?.usage.total ?? 0) === 3)

    const trial = await collect.trialOf('ann')
    expect(trial?.usage.counters).toMatchObject({
      'Board Created': { count: 1 },
      'Teammate Invited': { count: 1 },
    })
    expect(trial?.person).toMatchObject({ email: null, traits: { role: 'admin' } })
    expect(trial?.person.timeZone).toBe(
      await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone'),
    )
    expect((await collect.visitor(anonymousId))?.mergedInto).toBe('main:u:ann')
    const [created] = await collect.storage.events.ofSubject('main' as never, `a:${anonymousId}`, 10)
    expect(created?.event.type).toBe('page')
    expect([...origins].sort()).toEqual([siteOrigin, collect.origin].sort())
    expect(faults).toEqual([])
    await page.close()
  })

  it('loses nothing when its clock is a year behind', async () => {
    const { page } = await open()
    collect.skew(365 * 86_400_000)
    const before = Date.now()
    await page.evaluate(`(async () => {
      await analytics.identify('late')
      await analytics.track('Board Created')
    })()`)
    await until(async () => ((await collect.trialOf('late'))?.usage.total ?? 0) === 1)
    collect.skew(0)
    expect((await collect.trialOf('late'))?.usage.lastSeenAt ?? 0).toBeGreaterThan(before + 364 * 86_400_000)
    await page.close()
  })
})
