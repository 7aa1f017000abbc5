import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, violations } from '../support/dashboard-page.ts'
import { type ServedApi, serveApi } from '../support/serve-api.ts'

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

describe.each([
  ['light', 1280],
  ['dark', 360],
] as const)('the dashboard, %s and %i px wide', (scheme, width) => {
  test('shows every page without a fault, an overflow or a barrier', async () => {
    const { page, faults } = await openDashboard(browser, api, { scheme, width })
    for (const [hash, ready] of [
      ['#/', 'table.list'],
      ['#/trialists/ann', '.milestones'],
      [`#/trialists/${encodeURIComponent('x<script>alert(1)</script>')}`, '.milestones'],
      ['#/metrics', '.funnel'],
      ['#/emails', '.mail-tile .mail-line'],
      ['#/playbook', '.studio .sentence'],
      ['#/settings', '.snippet'],
    ] as const) {
      await goTo(page, hash)
      await page.waitForSelector(ready)
      expect([hash, await violations(page)]).toEqual([hash, []])
      expect([hash, await overflow(page)]).toEqual([hash, 0])
    }
    expect(faults).toEqual([])
  })
})

test('a rep extends a trial and takes it back', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/trialists/ann')
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

test('metrics of other days and other groups stand in the address and come as CSV', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/metrics')
  await page.waitForSelector('.tile')
  await page.select('.group-tools select', 'day')
  await page.select('.period select', '90')
  const hashOf = () => page.evaluate(() => window.location.hash)
  expect(await hashOf()).toBe('#/metrics?days=90&by=day')
  const csv = await page.$eval('.group-tools a', async (link) => {
    const answer = await fetch((link as HTMLAnchorElement).href)
    return { type: answer.headers.get('content-type'), head: (await answer.text()).split('\r\n')[0] }
  })
  expect(csv.type).toMatch(/^text\/csv/)
  expect(csv.head).toMatch(/^from,to,day,delivered,/)
  await page.select('.period select', '')
  await page.waitForSelector('input[type=date]')
  expect(await hashOf()).toMatch(/^#\/metrics\?from=2026-06-04&to=2026-09-01&by=day$/)
  await page.goBack()
  expect(await page.waitForSelector('.period select option[value="90"]:checked')).not.toBeNull()
  expect(faults).toEqual([])
})
