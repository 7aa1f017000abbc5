import axe from 'axe-core'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { admin, type ServedApi, serveApi } from '../support/serve-api.ts'

let api: ServedApi
let browser: Browser
beforeAll(async () => {
  api = await serveApi(someTime)
  browser = await launchBrowser()
  const people = [
    { userId: 'ann', email: 'ann@example.com', name: 'Ann', company: 'Acme' },
    {
      userId: 'x<script>alert(1)</script>',
      name: '<img src=x onerror=alert(1)>',
      company: '"><svg onload=alert(1)>',
    },
  ]
  for (const { userId, ...body } of people)
    await api.call('PUT', `/api/trialists/${encodeURIComponent(userId)}`, {
      body: { ...body, trial: { endsAt: '2026-09-20T12:00:00Z' } },
    })
})
afterAll(async () => {
  await browser.close()
  await api.close()
})

interface Watched {
  page: Page
  faults: string[]
}

/** Signed in, with everything noted that a browser complains about. */
async function openDashboard(scheme: 'light' | 'dark', width: number): Promise<Watched> {
  const page = await (await browser.createBrowserContext()).newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  await page.setViewport({ width, height: 900 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(`${api.server.url}/`)
  await page.waitForSelector('[name=password]')
  await page.type('[name=email]', admin.email)
  await page.type('[name=password]', admin.password)
  await page.click('button[type=submit]')
  await page.waitForSelector('table.list')
  return { page, faults }
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const { violations: found } = await run.run(document)
    return found.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`)
  })
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

describe.each([
  ['light', 1280],
  ['dark', 360],
] as const)('the dashboard, %s and %i px wide', (scheme, width) => {
  test('shows every page without a fault, an overflow or a barrier', async () => {
    const { page, faults } = await openDashboard(scheme, width)
    for (const [hash, ready] of [
      ['#/', 'table.list'],
      ['#/trialists/ann', '.milestones'],
      [`#/trialists/${encodeURIComponent('x<script>alert(1)</script>')}`, '.milestones'],
      ['#/figures', '.funnel'],
      ['#/playbook', '.editor'],
      ['#/settings', '.snippet'],
    ] as const) {
      await page.evaluate((target) => {
        window.location.hash = target
      }, hash)
      await page.waitForSelector(ready)
      expect([hash, await violations(page)]).toEqual([hash, []])
      expect([hash, await overflow(page)]).toEqual([hash, 0])
    }
    expect(faults).toEqual([])
  })
})

test('a rep extends a trial and takes it back', async () => {
  const { page, faults } = await openDashboard('light', 1280)
  await page.evaluate(() => {
    window.location.hash = '#/trialists/ann'
  })
  await (await page.waitForSelector('text/Extend trial'))?.click()
  await (await page.waitForSelector('dialog [type=submit]:not(:disabled)'))?.click()
  await page.waitForSelector('text/+7 days')
  const endOf = async () => (await api.server.storage.trials.get('main:u:ann' as never))?.clock.endsAt
  expect(await endOf()).toBe(Date.parse('2026-09-27T12:00:00Z'))
  await (await page.waitForSelector('text/Undo'))?.click()
  await page.waitForSelector('text/undone')
  expect(await endOf()).toBe(Date.parse('2026-09-20T12:00:00Z'))
  expect(faults).toEqual([])
})

test('a faulty playbook is shown where its fault stands and cannot be published; a good one can', async () => {
  const { page } = await openDashboard('light', 1280)
  await page.evaluate(() => {
    window.location.hash = '#/playbook'
  })
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
  await page.waitForSelector('.editor')
  await edit('"lengthDays": 14', '"lengthDays": -14')
  await (await page.waitForSelector('text/Who would get what?'))?.click()
  await page.waitForSelector('text//trial/lengthDays')
  await edit('"lengthDays": -14', '"lengthDays": 21')
  await (await page.waitForSelector('text/Who would get what?'))?.click()
  await page.waitForSelector('text/would get something else')
  await (await page.waitForSelector('text/Publish version 2'))?.click()
  await page.waitForSelector('text/Version 2')
  expect(api.server.services.playbooks.latest('main' as never).playbook.trial.lengthDays).toBe(21)
})
