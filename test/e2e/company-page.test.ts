import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hourMs } from '../../shared/clock.ts'
import { playbookSchema } from '../../shared/playbook.ts'
import { boardPlaybook } from '../support/board-playbook.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { companyPlaybook } from '../support/companies.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { type ServedApi, serveApi } from '../support/serve-api.ts'

/** Companies in the dashboard, and how a workspace comes to have them. */

let browser: Browser
let api: ServedApi
let persons: ServedApi

const track = (server: ServedApi, userId: string, ...events: string[]) =>
  server.call('POST', '/v1/b', {
    body: {
      batch: events.map((event, n) => ({ type: 'track', messageId: `${userId}-${n}`, event, userId })),
    },
  })

beforeAll(async () => {
  browser = await launchBrowser()
  const { playbook } = companyPlaybook({}, { buyer: { roles: ['owner'] } })
  api = await serveApi(someTime, { overrides: { playbook } })
  await api.call('PUT', '/api/companies/acme', {
    body: {
      name: 'Acme',
      members: [
        { userId: 'ann', email: 'ann@example.com', name: 'Ann Berg', role: 'member' },
        { userId: 'bea', email: 'bea@example.com', name: 'Bea Lund', role: 'owner' },
        { userId: 'x<i>', name: '<img src=x onerror=alert(1)>', role: '<b>' },
      ],
    },
  })
  api.clock.set(someTime + hourMs)
  await track(api, 'ann', 'Board Created', 'Card Completed', 'Login')
  await track(api, 'bea', 'Teammate Invited')
  await api.server.dueLoop.drain()
  persons = await serveApi(someTime, { overrides: { playbook: playbookSchema.parse(boardPlaybook) } })
  for (const [userId, groupId] of [
    ['ann', 'acme'],
    ['bea', 'acme'],
    ['cleo', 'Acme'],
    ['finn', 'null'],
  ] as const)
    await persons.call('PUT', `/api/trialists/${userId}`, {
      body: { email: `${userId}@example.com`, traits: { groupId } },
    })
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await persons.close()
})

const shots = process.env.SCREENSHOTS

describe.each([
  ['light', 1280],
  ['dark', 360],
] as const)('companies, %s and %i px wide', (scheme, width) => {
  test('are listed and shown with their people, without a fault, an overflow or a barrier', async () => {
    const { page, faults } = await openDashboard(browser, api, { scheme, width })
    for (const [hash, ready] of [
      ['#/', 'text/3 people · champion Ann Berg'],
      ['#/companies/acme', 'text/Can buy'],
      ['#/trialists/bea', 'text/shares one trial with everyone of'],
    ] as const) {
      await goTo(page, hash)
      await page.waitForSelector(ready)
      expect([hash, await violations(page)]).toEqual([hash, []])
      expect([hash, await overflow(page)]).toEqual([hash, 0])
      if (shots)
        await page.screenshot({
          path: `${shots}/${hash.replaceAll(/\W+/g, '-')}${scheme}.png`,
          fullPage: true,
        })
    }
    expect(faults).toEqual([])
  })
})

test('a rep extends a whole company and takes it back, on its page', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/companies/acme')
  await press(page, 'main button::-p-text(Extend trial)')
  await press(page, 'dialog [type=submit]:not(:disabled)')
  await page.waitForSelector('text/+7 days')
  const { body } = await api.call<{ extensions: unknown[] }>('GET', '/api/trialists/bea')
  expect(body.extensions).toHaveLength(1)
  await press(page, 'main button::-p-text(Undo)')
  await page.waitForSelector('text/undone')
  await press(page, 'main button::-p-text(Pause for a week)')
  await page.waitForSelector('text/Paused until')
  await press(page, 'main button::-p-text(Resume)')
  await page.waitForSelector('main button::-p-text(Pause for a week)')
  expect(faults).toEqual([])
})

test('a workspace of persons is previewed, switched to companies, and taken back', async () => {
  const { page, faults } = await openDashboard(browser, persons)
  await goTo(page, '#/settings')
  await press(page, 'main button::-p-text(Preview)')
  await page.waitForSelector('text/3 people become 2 companies')
  expect(await violations(page)).toEqual([])
  if (shots) await page.screenshot({ path: `${shots}/settings.png`, fullPage: true })
  await press(page, 'main button::-p-text(Switch to companies)')
  await press(page, 'main button::-p-text(Take the switch back)')
  await page.waitForSelector('main button::-p-text(Preview)')
  await goTo(page, '#/')
  await page.waitForSelector('text/cleo@example.com')
  expect(faults).toEqual([])
})
