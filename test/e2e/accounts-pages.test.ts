import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { admin, type ServedApi, serveApi } from '../support/serve-api.ts'

let api: ServedApi
let browser: Browser
beforeAll(async () => {
  api = await serveApi(someTime)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await api.close()
})

const shown = (page: Page, text: string) => page.waitForSelector(`text/${text}`)

async function openSignedOut(scheme: 'light' | 'dark', width: number): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage()
  await page.setViewport({ width, height: 900 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(`${api.server.url}/`)
  await page.waitForSelector('[name=password]')
  return page
}

test.each([
  ['light', 1280],
  ['dark', 320],
] as const)('a forgotten password is replaced by link (%s, %i px wide)', async (scheme, width) => {
  const next = `walnut harbour ${width} kites`
  const page = await openSignedOut(scheme, width)
  await press(page, 'a[href="#/forgot"]')
  await shown(page, 'Email me a link')
  expect(await violations(page)).toEqual([])
  await page.type('[name=email]', 'stranger@acme.example')
  await press(page, '[type=submit]')
  await shown(page, 'If that address has an account')
  expect(await violations(page)).toEqual([])
  expect(await overflow(page)).toBeLessThanOrEqual(0)

  const { accounts, resets } = api.server.services
  const account = await accounts.byEmail(admin.email)
  if (!account) throw new Error('the owner has no account')
  await goTo(page, `#/reset/${await resets.begin(account)}`)
  await page.waitForSelector('[name=next]')
  expect(await violations(page)).toEqual([])
  await page.type('[name=next]', 'password1234')
  await press(page, '[type=submit]')
  await shown(page, 'is too easy to guess')
  await page.$eval('[name=next]', (field) => {
    ;(field as HTMLInputElement).value = ''
  })
  await page.type('[name=next]', next)
  await press(page, '[type=submit]')
  await shown(page, 'Your password is changed')
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await press(page, 'a[href="#/"]')
  await openDashboard(browser, api, { password: next })
  await api.server.services.accounts.setPassword(account.id, admin.password)
  // A session that begins in the same instant as the password is one of before.
  api.clock.set(api.clock.now() + 1)
})

test('a link that was used says so and leads to another', async () => {
  const page = await openSignedOut('light', 1280)
  await goTo(page, '#/reset/no-such-token')
  await page.waitForSelector('[name=next]')
  await page.type('[name=next]', 'walnut harbour 7 kites')
  await press(page, '[type=submit]')
  await shown(page, 'This link was used already')
  await press(page, 'a[href="#/forgot"]')
  await shown(page, 'Email me a link')
})

test('a workspace that believes unsigned users says so on its first page and beside the choice', async () => {
  const setMode = (identity: string) => api.call('PUT', '/api/workspace/identity', { body: { identity } })
  expect((await setMode('trusting')).status).toBe(200)
  const { page, faults } = await openDashboard(browser, api)
  await shown(page, 'anyone who copies the write key')
  expect(await violations(page)).toEqual([])
  await press(page, 'a[href="#/settings"]::-p-text(Signed users)')
  await page.waitForSelector('section .note-warn')
  expect(await violations(page)).toEqual([])
  await press(page, '[name=identity][value=required]')
  await press(page, 'form:has([name=identity]) [type=submit]')
  await page.waitForSelector('section .note-warn', { hidden: true })
  expect(faults).toEqual([])
})

test('one sees where one is signed in, and ends that one by one or everywhere else', async () => {
  const { accounts } = api.server.services
  const account = await accounts.byEmail(admin.email)
  await accounts.endOtherSessions(account?.id ?? '', null)
  const mine = await openDashboard(browser, api)
  const others: Page[] = []
  for (let n = 0; n < 2; n++) others.push((await openDashboard(browser, api)).page)
  await goTo(mine.page, '#/settings')
  await mine.page.waitForSelector('.session-list tbody tr:nth-child(3)')
  expect(await mine.page.$eval('.session-list th[scope=row]', (cell) => cell.textContent)).toMatch(
    /^(Chrome|Another browser) on Linux$/,
  )
  expect(await violations(mine.page)).toEqual([])
  await press(mine.page, '.session-list tbody button')
  await shown(mine.page, 'is signed out.')
  await mine.page.waitForSelector('.session-list tbody tr:nth-child(3)', { hidden: true })
  await press(mine.page, 'section:has(.session-list) > button:not([disabled])')
  await shown(mine.page, 'One other session is ended.')
  for (const page of others) {
    await goTo(page, '#/settings')
    await page.waitForSelector('[name=password]')
  }
  await goTo(mine.page, '#/playbook')
  await shown(mine.page, 'Playbook')
  expect(mine.faults).toEqual([])
})
