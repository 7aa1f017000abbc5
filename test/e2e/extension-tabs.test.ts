import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { extensionId } from '../../shared/extension-id.ts'
import {
  axeViolations,
  type Companion,
  cardText,
  dana,
  inCard,
  openThread,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'

/** The companion beyond one thread: lists, several tabs, the side panel, its own pages, updates and lost networks. */

const eve = { email: 'eve@example.com', name: 'Eve Park' }
const finn = { email: 'finn@example.com', name: 'Finn Oak' }
const stranger = { email: 'nobody@elsewhere.test', name: 'No Body' }
const threads = [eve, finn, stranger].map((from, n) => ({
  id: `t${n}`,
  subject: `Thread ${n}`,
  messages: [{ from, to: [dana] }],
}))

let companion: Companion
let requests: string[]
const gmail = (path = '/mail/u/0/#inbox/t0') => companion.gmail(path)
const extensionsOf = async (userId: string) => {
  const { body } = await companion.api('GET', `/api/trialists/${userId}`)
  return (body as { extensions: { days: number }[] }).extensions
}
const openMenu = async (tab: Page) => {
  await (await inCard(tab, '[data-tp=extend]')).click()
  await waitForCard(tab, 'New end:')
}

beforeAll(async () => {
  companion = await startCompanion(threads)
  requests = []
  companion.server.server.on('request', (request) => requests.push(request.url ?? ''))
  for (const { email, name } of [eve, finn])
    await companion.api('PUT', `/api/trialists/u-${name.split(' ')[0]?.toLowerCase()}`, {
      email,
      name,
      timeZone: 'Pacific/Auckland',
    })
  await companion.signIn()
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

describe('lists', () => {
  const lookUps = () => requests.filter((url) => url.endsWith('/lookup')).length
  const marks = (tab: Page) =>
    tab.$$eval('[data-trialpace-segment]', (rows) => rows.map((row) => row.getAttribute('title')))

  it('are left alone, until dots are switched on: then one look-up for a page of rows', async () => {
    requests.length = 0
    const tab = await gmail('/mail/u/0/#inbox')
    await tab.waitForSelector('tr[role=row]')
    // Nothing to wait for when nothing may happen: as long as a look-up takes, several times over.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(lookUps()).toBe(0)

    const options = await companion.extensionPage('options')
    await (await options.waitForSelector('input[type=checkbox]'))?.click()
    await options.waitForFunction(() => document.body.textContent?.includes('Saved.'))
    await tab.bringToFront()
    await tab.waitForSelector('[data-trialpace-segment]')
    expect(await marks(tab)).toEqual(['Trialpace: Unaware', 'Trialpace: Unaware'])
    expect(lookUps()).toBe(1)

    await options.bringToFront()
    await options.click('input[type=checkbox]')
    await tab.bringToFront()
    await tab.waitForFunction(() => !document.querySelector('[data-trialpace-segment]'))
    expect(lookUps()).toBe(1)
  })
})

describe('two at once', () => {
  it('in two tabs: one extension, and the later one is shown how things stand', async () => {
    const first = await gmail()
    await waitForCard(first, eve.name)
    const second = await gmail()
    await waitForCard(second, eve.name)
    await openMenu(second)
    await first.bringToFront()
    await openMenu(first)
    await (await inCard(first, '[data-tp=confirm]')).click()
    await waitForCard(first, 'Extended to')
    await second.bringToFront()
    await (await inCard(second, '[data-tp=confirm]')).click()
    await waitForCard(second, 'changed since you loaded it')
    expect(await cardText(second)).toContain('extended once')
    expect(await extensionsOf('u-eve')).toHaveLength(1)
  })

  it('by a double click: one extension', async () => {
    const tab = await gmail('/mail/u/0/#inbox/t1')
    await waitForCard(tab, finn.name)
    await openMenu(tab)
    await (await inCard(tab, '[data-tp=confirm]')).click({ count: 2 })
    await waitForCard(tab, 'Extended to')
    expect(await extensionsOf('u-finn')).toMatchObject([{ days: 7 }])
  })
})

describe('dates', () => {
  it('are the trialist’s, and the zone is named where it is not the rep’s', async () => {
    const tab = await gmail()
    await waitForCard(tab, 'Dates as in Pacific/Auckland')
  })

  it('of one’s own choice stay inside the policy, in words', async () => {
    const tab = await gmail()
    await waitForCard(tab, eve.name)
    await openMenu(tab)
    const field = await inCard(tab, 'input[type=date]')
    await field.evaluate((input) => {
      Object.assign(input, { value: '2099-01-01' })
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await waitForCard(tab, 'more days')
    expect(
      await (await inCard(tab, '[data-tp=confirm]')).evaluate((button) => button.matches(':disabled')),
    ).toBe(true)
    const before = await extensionsOf('u-eve')
    await field.evaluate((input) => {
      Object.assign(input, { value: input.getAttribute('min') })
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await (await inCard(tab, '[data-tp=confirm]')).click()
    await waitForCard(tab, 'Extended to')
    expect(await extensionsOf('u-eve')).toHaveLength(before.length + 1)
  })
})

describe('when Gmail can no longer be read', () => {
  it('the card says so and opens the side panel, which finds people by address and follows the tab', async () => {
    const tab = await gmail('/mail/u/0/?bare#inbox/t0')
    await waitForCard(tab, 'could not be read')
    await (await inCard(tab, 'button.link')).click()
    const target = await companion.browser.waitForTarget((candidate) =>
      candidate.url().endsWith('/panel.html'),
    )
    const panel = await target.asPage()
    await (await panel.waitForSelector('.find input'))?.type(finn.email)
    await panel.click('.find button')
    await panel.waitForFunction((name) => document.body.textContent?.includes(name), {}, finn.name)

    const other = await gmail('/mail/u/0/#inbox')
    await openThread(other, 't0')
    await panel.waitForFunction((name) => document.body.textContent?.includes(name), {}, eve.name)
    await openThread(other, 't1')
    await panel.waitForFunction((name) => document.body.textContent?.includes(name), {}, finn.name)
    await panel.close()
  })

  it.each([
    ['/mail/u/0/#inbox/t0', 'Good'],
    ['/mail/u/0/?scramble#inbox/t0', 'Degraded'],
    ['/mail/u/0/?bare#inbox/t0', 'Lost'],
  ])('settings tell how well %s was read: %s', async (path, words) => {
    await gmail(path)
    const options = await companion.extensionPage('options')
    await options.waitForFunction(
      (wanted) => {
        if (document.querySelector('.health strong')?.textContent === wanted) return true
        if (document.readyState === 'complete' && document.querySelector('.health')) location.reload()
        return false
      },
      { polling: 200 },
      words,
    )
  })
})

describe('pages of its own', () => {
  const authorize = () =>
    `${companion.server.url}/oauth/authorize?${new URLSearchParams({
      client_id: 'trialpace-extension',
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: 'a'.repeat(43),
      redirect_uri: `https://${extensionId}.chromiumapp.org/cb`,
      state: 's',
    })}`

  it.each(['light', 'dark'])('have no axe violations: %s', async (scheme) => {
    const tab = await companion.newTab()
    await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const [url, selector] of [
      [`chrome-extension://${extensionId}/options.html`, '.health'],
      [`chrome-extension://${extensionId}/panel.html`, '.find'],
      [authorize(), 'input[name=password]'],
      [`${companion.server.url}/oauth/authorize`, '.fault'],
    ] as const) {
      await tab.goto(url)
      await tab.waitForSelector(selector)
      expect(await axeViolations(tab), url).toEqual([])
    }
    await tab.goto(`chrome-extension://${extensionId}/panel.html`)
    await (await tab.waitForSelector('.find input'))?.type(eve.email)
    await tab.click('.find button')
    await tab.waitForSelector('article')
    expect(await axeViolations(tab)).toEqual([])
  })
})

describe('losing the ground', () => {
  it('tells a rep who is offline, keeps the card, and goes on when back', async () => {
    const tab = await gmail()
    await waitForCard(tab, eve.name)
    const target = await companion.browser.waitForTarget(
      (candidate) => candidate.type() === 'service_worker' && candidate.url().includes(extensionId),
    )
    const session = await target.createCDPSession()
    await session.send('Network.enable')
    const network = (offline: boolean) =>
      session.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
    await network(true)
    await (await inCard(tab, '.next button')).click()
    await tab.waitForFunction(() =>
      /You are offline|cannot be reached/.test(
        document.querySelector('trialpace-card')?.shadowRoot?.querySelector('.failure')?.textContent ?? '',
      ),
    )
    expect(await cardText(tab)).toContain(eve.name)
    await network(false)
    await (await inCard(tab, '.failure button')).click()
    await tab.waitForFunction(
      () => !document.querySelector('trialpace-card')?.shadowRoot?.querySelector('.failure'),
    )
    await session.detach()
  })

  // Last: the browser does not give a reloaded test extension back to the page.
  it('asks to reload Gmail after an update of the extension, and does so on a click', async () => {
    const tab = await gmail('/mail/u/0/#inbox/t1')
    await waitForCard(tab, finn.name)
    // From a page of the extension: its worker may be asleep, and is gone before it could answer.
    const options = await companion.extensionPage('options')
    await options.evaluate(() => void setTimeout(() => chrome.runtime.reload(), 200))
    await tab.bringToFront()
    await expect
      .poll(
        async () => {
          await (await inCard(tab, '.next button')).click()
          return cardText(tab)
        },
        { timeout: 20_000, interval: 300 },
      )
      .toContain('Reload Gmail')
    const loaded = tab.waitForNavigation()
    await (await inCard(tab, '.failure button')).click()
    await loaded
  })
})
