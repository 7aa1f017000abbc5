import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import type { Browser, ElementHandle, Page, WebWorker } from 'puppeteer-core'
import { createServer, type RunningServer } from '../../server/compose/server.ts'
import { configFaultText, readConfig } from '../../server/config.ts'
import { demoPlaybook } from '../../server/demo/demo-playbook.ts'
import { extensionId } from '../../shared/extension-id.ts'
import type { Playbook } from '../../shared/playbook.ts'
import { launchBrowser } from './browser.ts'
import { type FixtureThread, startGmailPage } from './gmail-page.ts'

/** The whole set-up of the companion: real server, Gmail’s stand-in, Chromium with the test build of the extension. */

export const dana = { email: 'dana@acme.test', name: 'Dana' }
export const rep = { email: dana.email, password: 'a long enough password' }
const secretKey = 'sk_companion_test_key_0123456789'
const build = new URL('../../dist/extension/test', import.meta.url).pathname

export interface Companion {
  server: RunningServer
  browser: Browser
  /** Stands before the companion’s API until taken away with null. */
  setFault(handler: RequestHandler | null): void
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }>
  track(userId: string, events: string[]): Promise<void>
  /** A tab on Gmail; `path` such as `/mail/u/0/?scramble#inbox`. */
  gmail(path?: string): Promise<Page>
  worker(): Promise<WebWorker>
  extensionPage(name: 'options' | 'panel'): Promise<Page>
  newTab(): Promise<Page>
  /** Takes away what a test left: its tabs and its fault. */
  tidy(): Promise<void>
  signIn(): Promise<void>
  /** The next thread is looked up again. */
  forgetCards(): Promise<void>
  close(): Promise<void>
}

export async function startCompanion(
  threads: FixtureThread[],
  playbook: Playbook = demoPlaybook('http://127.0.0.1'),
): Promise<Companion> {
  if (!existsSync(join(build, 'manifest.json'))) throw new Error('Build the extension first: npm run build')
  const dataDir = mkdtempSync(join(tmpdir(), 'trialpace-companion-'))
  const read = readConfig({
    PORT: '0',
    TRIALPACE_DATA_DIR: dataDir,
    TRIALPACE_WRITE_KEY: 'pk_companion_test_key_0123456789',
    TRIALPACE_SECRET_KEY: secretKey,
    TRIALPACE_ADMIN_EMAIL: rep.email,
    TRIALPACE_ADMIN_PASSWORD: rep.password,
    TRIALPACE_RELEASED: 'true',
    LOG_LEVEL: 'error',
  })
  if (!read.ok) throw new Error(configFaultText(read.faults))
  let fault: RequestHandler | null = null
  const server = await createServer(read.config, {
    playbook,
    handlers: () => [
      (request, response, next) => {
        if (fault && request.path.startsWith('/api/ext/')) fault(request, response, next)
        else next()
      },
    ],
  })
  const page = await startGmailPage(threads)
  const browser = await launchBrowser({
    enableExtensions: [build],
    pipe: true,
    acceptInsecureCerts: true,
    args: [
      `--host-resolver-rules=MAP mail.google.com 127.0.0.1:${page.port}`,
      '--disable-background-networking',
    ],
    defaultViewport: { width: 1280, height: 860 },
  })

  const tabs: Page[] = []
  const companion: Companion = {
    server,
    browser,
    setFault: (handler) => {
      fault = handler
    },
    async api(method, path, body) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: (await response.json()) as never }
    },
    async track(userId, events) {
      const batch = events.map((event) => ({ type: 'track', event, userId, messageId: crypto.randomUUID() }))
      const response = await fetch(`${server.url}/v1/batch`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${secretKey}:`)}` },
        body: JSON.stringify({ batch, sentAt: new Date().toISOString() }),
      })
      if (!response.ok) throw new Error(`collect answered ${response.status}`)
    },
    async gmail(path = '/mail/u/0/#inbox') {
      const tab = await companion.newTab()
      await tab.goto(`https://mail.google.com${path}`)
      await tab.waitForSelector('trialpace-card')
      await tab.bringToFront()
      return tab
    },
    async worker() {
      const target = await browser.waitForTarget(
        (candidate) => candidate.type() === 'service_worker' && candidate.url().includes(extensionId),
      )
      return (await target.worker()) as WebWorker
    },
    async extensionPage(name) {
      const tab = await companion.newTab()
      await tab.goto(`chrome-extension://${extensionId}/${name}.html`)
      return tab
    },
    async newTab() {
      const tab = await browser.newPage()
      tabs.push(tab)
      return tab
    },
    async tidy() {
      fault = null
      for (const tab of tabs.splice(0)) if (!tab.isClosed()) await tab.close()
    },
    async signIn() {
      const options = await companion.extensionPage('options')
      await (await options.waitForSelector('input[required]'))?.type(server.url)
      const login = browser.waitForTarget((target) => target.url().includes('/oauth/authorize'))
      await options.click('button[type=submit]')
      const form = await (await login).asPage()
      await (await form.waitForSelector('input[name=email]'))?.type(rep.email)
      await (await form.waitForSelector('input[name=password]'))?.type(rep.password)
      await form.click('button.main').catch(() => undefined)
      await options.waitForFunction(() => document.body.textContent?.includes('Signed in to'))
      await options.close()
    },
    async forgetCards() {
      const worker = await companion.worker()
      await worker.evaluate(
        'chrome.storage.session.get("cards").then(({ cards }) => chrome.storage.session.remove(Object.keys(cards ?? {}).map((email) => "card." + email)))',
      )
    },
    async close() {
      await browser.close()
      await page.close()
      await server.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return companion
}

/** Text of the card, or null while it is hidden. */
export const cardText = (tab: Page): Promise<string | null> =>
  tab.evaluate(() => {
    const host = document.querySelector<HTMLElement>('trialpace-card')
    return !host || host.style.display === 'none'
      ? null
      : (host.shadowRoot?.querySelector('.tp')?.textContent ?? '')
  })

export async function waitForCard(tab: Page, text: string): Promise<void> {
  await tab.waitForFunction(
    (wanted: string) => {
      const host = document.querySelector<HTMLElement>('trialpace-card')
      return (
        host?.style.display !== 'none' &&
        host?.shadowRoot?.querySelector('.tp')?.textContent?.includes(wanted)
      )
    },
    { timeout: 15_000 },
    text,
  )
}

/** An element inside the card. */
export async function inCard(tab: Page, selector: string): Promise<ElementHandle<HTMLElement>> {
  const found = await tab.waitForSelector(`trialpace-card >>> ${selector}`)
  return found as ElementHandle<HTMLElement>
}

export const openThread = (tab: Page, id: string): Promise<void> =>
  tab.evaluate((thread) => {
    location.hash = `#inbox/${thread}`
  }, id)

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe objects to in the page, or in one part of it. */
export async function axeViolations(tab: Page, include?: string): Promise<string[]> {
  await tab.evaluate(axeSource)
  return tab.evaluate(async (part) => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run(part ? { include: [[part]] } : document)
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
    )
  }, include)
}
