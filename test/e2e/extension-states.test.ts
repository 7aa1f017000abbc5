import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { extensionId } from '../../shared/extension-id.ts'
import {
  axeViolations,
  type Companion,
  cardText,
  dana,
  inCard,
  openThread,
  rep,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'

/** What the rep sees when things go wrong, and what the companion never does. */

const cara = { email: 'cara@example.com', name: 'Cara Moss' }
const thread = { id: 'aaa1', subject: 'Hi', messages: [{ from: cara, to: [dana] }] }

let companion: Companion
let requests: string[]
const gmail = (path = '/mail/u/0/#inbox/aaa1') => companion.gmail(path)
const forgetCards = () => companion.forgetCards()

beforeAll(async () => {
  companion = await startCompanion([thread])
  requests = []
  companion.server.server.on('request', (request) => requests.push(request.url ?? ''))
  await companion.api('PUT', '/api/trialists/u-cara', {
    email: cara.email,
    name: cara.name,
    company: '<img src=x onerror=alert(1)>',
  })
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

describe('before signing in', () => {
  it('asks to sign in and sends no address anywhere', async () => {
    requests.length = 0
    const tab = await gmail()
    await waitForCard(tab, 'Sign in')
    expect(requests.filter((url) => url.includes('/api/ext'))).toEqual([])
  })

  it('names what is wrong with a server address', async () => {
    const options = await companion.extensionPage('options')
    const field = await options.waitForSelector('input[required]')
    await field?.type('http://elsewhere.test')
    await options.click('button[type=submit]')
    await options.waitForFunction(() => document.body.textContent?.includes('Use https'))
  })

  it('refuses a wrong password and then signs in', async () => {
    const options = await companion.extensionPage('options')
    await (await options.waitForSelector('input[required]'))?.type(companion.server.url)
    const opened = companion.browser.waitForTarget((target) => target.url().includes('/oauth/authorize'))
    await options.click('button[type=submit]')
    const form = await (await opened).asPage()
    await (await form.waitForSelector('input[name=email]'))?.type(rep.email)
    await (await form.waitForSelector('input[name=password]'))?.type('not the password')
    await form.click('button.main')
    await form.waitForFunction(() => document.body.textContent?.includes('is wrong'))
    await (await form.waitForSelector('input[name=email]'))?.type(rep.email)
    await (await form.waitForSelector('input[name=password]'))?.type(rep.password)
    await form.click('button.main').catch(() => undefined)
    await options.waitForFunction(() => document.body.textContent?.includes('Signed in to'))
  })
})

describe('signed in', () => {
  it.each([
    ['a server error', 500, 'had a problem'],
    ['too many requests', 429, 'Too many requests'],
    ['a role that may not', 403, 'may not do that'],
  ])('says so on %s and recovers on a click', async (_name, status, words) => {
    companion.setFault(
      (_request, response) =>
        void response
          .status(status)
          .json(status === 403 ? { title: 'This key or role may not do that' } : {}),
    )
    await forgetCards()
    const tab = await gmail()
    await waitForCard(tab, words)
    companion.setFault(null)
    if (status === 403) return
    await (await inCard(tab, '.failure button')).click()
    await waitForCard(tab, 'Cara Moss')
  })

  it('says so when the server does not answer in time', async () => {
    companion.setFault(() => undefined)
    await forgetCards()
    const tab = await gmail()
    await waitForCard(tab, 'did not answer within 4 seconds')
  })

  it('keeps what it knows on show when the network goes, and says so on a change', async () => {
    const tab = await gmail()
    await waitForCard(tab, 'Cara Moss')
    companion.setFault((request) => void request.socket.destroy())
    await (await inCard(tab, '.next button')).click()
    await waitForCard(tab, 'cannot be reached')
    expect(await cardText(tab)).toContain('Cara Moss')
  })

  it('renews the access token by itself and keeps signed in', async () => {
    await (await companion.worker()).evaluate(
      'chrome.storage.session.get("tokens").then(({tokens}) => chrome.storage.session.set({tokens: {...tokens, expiresAt: 0}}))',
    )
    await forgetCards()
    const tab = await gmail()
    await waitForCard(tab, 'Cara Moss')
  })

  it('shows text of others as text', async () => {
    const tab = await gmail()
    await waitForCard(tab, '<img src=x onerror=alert(1)>')
    expect(await tab.$('trialpace-card >>> img')).toBeNull()
  })

  it('folds, and remembers that', async () => {
    const tab = await gmail()
    await waitForCard(tab, 'Aha moments')
    await (await inCard(tab, 'button.fold')).click()
    await tab.waitForFunction(
      () => !document.querySelector('trialpace-card')?.shadowRoot?.textContent?.includes('Aha moments'),
    )
    const other = await gmail()
    await waitForCard(other, 'Ends')
    await other.waitForFunction(
      () => !document.querySelector('trialpace-card')?.shadowRoot?.textContent?.includes('Aha moments'),
    )
    await (await inCard(other, 'button.fold')).click()
    await waitForCard(other, 'Aha moments')
  })

  it('shows the person in the side panel, also by a typed address', async () => {
    const panel = await companion.extensionPage('panel')
    await (await panel.waitForSelector('.find input'))?.type(cara.email)
    await panel.click('.find button')
    await panel.waitForFunction(() => document.body.textContent?.includes('Cara Moss'))
    await panel.waitForFunction(() => document.querySelector('details.history')?.hasAttribute('open'))
  })

  it('keeps tokens and cards out of reach of the page’s renderer', async () => {
    const worker = await companion.worker()
    const tab = await gmail()
    await waitForCard(tab, 'Cara Moss')
    const inPage = await tab.evaluate(
      () => typeof (globalThis as { chrome?: { storage?: unknown } }).chrome?.storage,
    )
    expect(inPage).toBe('undefined')
    expect(JSON.stringify(await worker.evaluate('chrome.storage.session.get("tokens")'))).toContain('tpa_')
  })

  it('has no axe violations, light and dark, with the menu open', async () => {
    for (const path of ['/mail/u/0/#inbox/aaa1', '/mail/u/0/?dark#inbox/aaa1']) {
      const tab = await gmail(path)
      await waitForCard(tab, 'Cara Moss')
      await (await inCard(tab, '[data-tp=extend]')).click()
      await waitForCard(tab, 'New end:')
      expect(await axeViolations(tab, 'trialpace-card')).toEqual([])
    }
  })

  it('tells the page’s scripts nothing: the release build closes its shadow root', () => {
    const release = readFileSync(new URL('../../dist/extension/chrome/gmail.js', import.meta.url), 'utf8')
    expect(release).toContain('mode:"closed"')
    expect(release).not.toContain('mode:"open"')
  })

  it('asks for few permissions and stays small', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../dist/extension/chrome/manifest.json', import.meta.url), 'utf8'),
    )
    expect(manifest.permissions).toEqual(['storage', 'identity', 'sidePanel'])
    expect(manifest.host_permissions).toBeUndefined()
    expect(statSync(new URL('../../dist/extension/chrome.zip', import.meta.url)).size).toBeLessThan(
      100 * 1024,
    )
  })

  it('talks to the configured server only', async () => {
    const session = await (
      await companion.browser.waitForTarget(
        (target) => target.type() === 'service_worker' && target.url().includes(extensionId),
      )
    ).createCDPSession()
    const asked: string[] = []
    await session.send('Network.enable')
    session.on('Network.requestWillBeSent', ({ request }) => asked.push(new URL(request.url).origin))
    await forgetCards()
    const tab = await gmail('/mail/u/0/#inbox')
    await openThread(tab, 'aaa1')
    await waitForCard(tab, 'Cara Moss')
    expect(new Set(asked)).toEqual(new Set([companion.server.url]))
  })

  it('signs out for good', async () => {
    const stored = (await (await companion.worker()).evaluate('chrome.storage.local.get("account")')) as {
      account: { refresh: string }
    }
    const options = await companion.extensionPage('options')
    await options.waitForFunction(() => document.body.textContent?.includes('Signed in to'))
    await options.evaluate(() =>
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Sign out')?.click(),
    )
    await options.waitForSelector('input[required]')
    const answer = await fetch(`${companion.server.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: stored.account.refresh,
        client_id: 'trialpace-extension',
      }),
    })
    expect(answer.status).toBe(400)
  })
})
