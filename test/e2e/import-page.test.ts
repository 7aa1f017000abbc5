import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, ElementHandle } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { type ServedApi, serveApi } from '../support/serve-api.ts'

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

test('an import is rehearsed first: who would be emailed now is said before anyone is stored', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/settings')
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-import-'))
  const file = join(folder, 'people.csv')
  await writeFile(
    file,
    'userId;email\r\nnew-1;new-1@import.example\r\n"bad\r\nid";nowhere\r\nnew-2;new-2@import.example\r\n',
  )
  const input = (await page.waitForSelector('input[type=file]')) as ElementHandle<HTMLInputElement>
  await input.uploadFile(file)
  await press(page, 'main button::-p-text(Check the file)')
  await page.waitForSelector('text/It would email 2 people now')
  expect((await api.call('GET', '/api/trialists/new-1')).status).toBe(404)
  expect(await page.$eval('[data-label=Line]', (cell) => cell.textContent)).toBe('3')
  // Whether they are new customers is asked first.
  expect(await page.$('main button::-p-text(Import 2 rows)')).toBeNull()
  await press(page, 'main label::-p-text(They are here already)')
  await page.type('input[type=date]', '01102025')
  await press(page, 'main button::-p-text(Check the file again)')
  await page.waitForSelector('text/It would email 0 people now')
  expect(await violations(page)).toEqual([])
  await press(page, 'main label::-p-text(They start today)')
  await press(page, 'main button::-p-text(Check the file again)')
  await page.waitForSelector('text/It would email 2 people now')
  await press(page, 'main button::-p-text(Import 2 rows)')
  await page.waitForSelector('text/Imported: 2 people created')
  expect((await api.call('GET', '/api/trialists/new-1')).status).toBe(200)
  expect(await violations(page)).toEqual([])
  expect(await overflow(page)).toBe(0)
  expect(faults).toEqual([])
  await rm(folder, { recursive: true })
})
