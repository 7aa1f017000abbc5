import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, violations } from '../support/dashboard-page.ts'
import { type ServedApi, serveApi } from '../support/serve-api.ts'

/** The playbook as sentences: changed, undone, previewed, published, restored. */

let api: ServedApi
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  api = await serveApi(someTime)
  await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@example.com', name: 'Ann' } })
  return () => api.close()
})

const latest = () => api.server.services.playbooks.latest('main' as never)
const ruleOf = (id: string) => latest().playbook.messages.find((rule) => rule.id === id)

async function openPlaybook(): Promise<{ page: Page; faults: readonly string[] }> {
  const opened = await openDashboard(browser, api)
  await goTo(opened.page, '#/playbook')
  await opened.page.waitForSelector('.studio .sentence')
  return opened
}

/** Clicks a control of the email whose main sentence begins like this. */
async function clickSlot(page: Page, begins: string, text: string): Promise<void> {
  const slot = await page.evaluateHandle(
    (start, label) => {
      const rule = [...document.querySelectorAll('.rules > li')].find((one) =>
        one.querySelector('.sentence')?.textContent?.startsWith(start),
      )
      return [...(rule?.querySelectorAll('button.slot') ?? [])].find((one) => one.textContent === label)
    },
    begins,
    text,
  )
  const button = slot.asElement()
  if (!button) throw new Error(`no control "${text}" in "${begins}"`)
  await (button as unknown as { click(): Promise<void> }).click()
}

/** What is typed next replaces the number in the open panel. */
async function selectNumber(page: Page): Promise<void> {
  const field = '.slot-panel input[type=number]'
  await page.waitForSelector(field)
  await page.$eval(field, (element) => {
    const input = element as HTMLInputElement
    input.focus()
    input.select()
  })
}

/** Clicks the button or tab that says exactly this, once it can be clicked. */
async function clickText(page: Page, text: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const found = [...document.querySelectorAll<HTMLElement>('button:not(:disabled), .tab')].find(
        (one) => one.textContent?.trim() === wanted,
      )
      found?.click()
      return found !== undefined
    },
    { polling: 50 },
    text,
  )
}

/** Also where a text changes in its place, which no selector is woken by. */
const waitForText = (page: Page, text: string) =>
  page.waitForFunction((wanted) => document.body.textContent.includes(wanted), { polling: 50 }, text)

async function publish(page: Page, note: string): Promise<void> {
  const before = latest().version
  await waitForText(page, 'Draft saved')
  await clickText(page, 'Preview impact')
  await waitForText(page, 'would get a different email')
  await page.type('input[placeholder="Why this change?"]', note)
  await clickText(page, `Publish version ${before + 1}`)
  await waitForText(page, `Version ${before + 1}, published`)
}

const reminder = 'Send Trial ends: upgrade 3 days before'

test('a reminder is moved in its sentence, previewed, published with a note, and restored', async () => {
  const { page, faults } = await openPlaybook()
  await clickSlot(page, reminder, '3 days before')
  await selectNumber(page)
  await page.keyboard.type('5')
  await page.keyboard.press('Enter')
  await waitForText(page, '1 change')
  await page.waitForSelector('.changes .is')
  expect(await page.$eval('.changes .is', (line) => line.textContent)).toContain(
    '5 days before the trial’s end',
  )
  await publish(page, 'Earlier reminder')
  expect(ruleOf('expiring-activated-3d')?.offset).toBe('-5d')
  expect(latest().note).toBe('Earlier reminder')
  expect((await api.call<{ draft: unknown }>('GET', '/api/playbook/draft')).body.draft).toBeNull()

  await clickText(page, 'Versions')
  await waitForText(page, 'Earlier reminder')
  const looks = await page.$$('td button')
  await looks.at(-1)?.click()
  await clickText(page, 'Restore version 1 into the draft')
  await publish(page, 'Back again')
  expect(ruleOf('expiring-activated-3d')?.offset).toBe('-3d')
  expect(faults).toEqual([])
})

test('conditions are added and removed; undo and redo go step by step', async () => {
  const { page } = await openPlaybook()
  const text = () =>
    page.$$eval(
      '.rules > li .sentence.main',
      (lines, start) => lines.find((line) => line.textContent?.startsWith(start))?.textContent,
      'Send Upgrade now',
    )
  const before = await text()
  await page.evaluate(() => {
    const line = [...document.querySelectorAll('.sentence.main')].find((one) =>
      one.textContent?.startsWith('Send Upgrade now'),
    )
    line?.querySelector<HTMLElement>('.clause-add')?.click()
  })
  await page.waitForSelector('.slot-panel')
  await page.select('.slot-panel select[aria-label="Joined by"]', 'andNot')
  await page.select('.slot-panel select[aria-label="Condition"]', 'status')
  await page.click('.slot-panel button.primary')
  const hasChanges = (n: number) => waitForText(page, n === 0 ? 'No changes' : '1 change')
  await hasChanges(1)
  expect(await text()).not.toBe(before)
  await page.click('.undo')
  await hasChanges(0)
  expect(await text()).toBe(before)
  await page.click('.redo')
  await hasChanges(1)
  await page.evaluate(() => document.querySelector<HTMLElement>('[aria-label^="Remove: are not"]')?.click())
  await hasChanges(0)
  expect(await text()).toBe(before)
})

test('a draft outlives the window; another window’s save is a conflict and loses nothing', async () => {
  const first = await openPlaybook()
  await clickSlot(first.page, reminder, '3 days before')
  await selectNumber(first.page)
  await first.page.keyboard.type('4')
  await waitForText(first.page, 'Draft saved')
  const { draft } = (await api.call<{ draft: null }>('GET', '/api/playbook/draft')).body
  // The key of the API is someone else; a draft belongs to the account.
  expect(draft).toBeNull()

  const second = await openPlaybook()
  await waitForText(second.page, '1 change')
  await clickSlot(second.page, 'Send Trial ends: upgrade 4 days', '4 days before')
  await selectNumber(second.page)
  await second.page.keyboard.type('6')
  await waitForText(second.page, 'Draft saved')

  await first.page.keyboard.type('5')
  await waitForText(first.page, 'changed in another window')
  await clickText(first.page, 'Take that one (undo brings this one back)')
  await waitForText(first.page, '6 days before')
  await first.page.click('.undo')
  await waitForText(first.page, '45 days before')
})

test('what is wrong is said at its rule and cannot be published', async () => {
  const { page } = await openPlaybook()
  await clickText(page, 'JSON')
  await page.waitForSelector('.editor')
  const edit = (from: string, to: string) =>
    page.$eval(
      '.editor',
      (area, before, after) => {
        const field = area as HTMLTextAreaElement
        field.value = field.value.replace(before, after)
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      },
      from,
      to,
    )
  await edit('"lengthDays": 14', '"lengthDays": -14')
  await waitForText(page, '/trial/lengthDays')
  await clickText(page, 'Rules')
  await page.waitForSelector('#part-trial .note-error')
  expect(
    await page.$$eval('button', (all) => all.find((one) => one.textContent === 'Preview impact')?.disabled),
  ).toBe(true)
  await clickText(page, 'JSON')
  await page.waitForSelector('.editor')
  await edit('"lengthDays": -14', '"lengthDays": 21')
  await publish(page, '')
  expect(latest().playbook.trial.lengthDays).toBe(21)
})

describe.each([
  ['light', 1280],
  ['dark', 320],
] as const)('%s and %i px wide', (scheme, width) => {
  test('every view is without a barrier and without overflow, with a control open', async () => {
    const { page, faults } = await openDashboard(browser, api, { scheme, width })
    await goTo(page, '#/playbook')
    await page.waitForSelector('.studio .sentence')
    await clickSlot(page, reminder, '3 days before')
    await page.waitForSelector('.slot-panel')
    for (const view of ['Rules', 'JSON', 'Versions']) {
      await clickText(page, view)
      await page.waitForSelector(view === 'Rules' ? '.studio' : view === 'JSON' ? '.editor' : 'table.list')
      expect([view, await violations(page)]).toEqual([view, []])
      expect([view, await overflow(page)]).toEqual([view, 0])
    }
    expect(faults).toEqual([])
  })

  test.each(['de', 'ko', 'vi'])('its sentences can be read in %s', async (tag) => {
    const { page } = await openDashboard(browser, api, { scheme, width })
    await goTo(page, '#/playbook')
    await page.waitForSelector('.studio .sentence')
    await page.select('.row.head select', tag)
    await page.waitForFunction(
      () => !document.querySelector('.sentence.main')?.textContent?.startsWith('Send '),
      { polling: 50 },
    )
    expect(await overflow(page)).toBe(0)
  })
})
