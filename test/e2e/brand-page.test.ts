import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLiquidRenderer } from '../../server/adapters/liquid-renderer.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, violations } from '../support/dashboard-page.ts'
import { templatesDir } from '../support/mail-samples.ts'
import { blankPng } from '../support/pictures.ts'
import { type ServedApi, serveApi } from '../support/serve-api.ts'

/** Logo, colour and footer chosen, seen on everything at once, and saved into the draft. */

let api: ServedApi
let browser: Browser
let folder: string
beforeAll(async () => {
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  api = await serveApi(someTime, { overrides: { renderer } })
  browser = await launchBrowser()
  folder = await mkdtemp(join(tmpdir(), 'trialpace-brand-'))
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await rm(folder, { recursive: true })
})

test('a brand is chosen, seen on an email, a nudge and the pages, and saved as a draft', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/brand')
  const file = join(folder, 'logo.png')
  await writeFile(file, blankPng(280, 80))
  const input = await page.waitForSelector('input[type=file]')
  await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(file)
  await page.waitForSelector('.logo-shown')
  await page.type('input[placeholder="#1a5fb4"]', '#ffd500')
  await page.waitForSelector('.accent-notes')
  await page.type('textarea', 'Made in Leeds')

  const frame = await page.waitForFunction(
    () => {
      const email = document.querySelector<HTMLIFrameElement>('iframe[title^="Email"]')
      const src = decodeURIComponent(email?.src ?? '')
      return src.includes('#ffd500') && src.includes('Made in Leeds') && src.includes('.png') ? email : null
    },
    { polling: 50 },
  )
  const content = await (frame as unknown as { contentFrame(): Promise<typeof page> }).contentFrame()
  await content.waitForSelector('img[alt][width="140"]')
  expect(await content.$eval('.button', (button) => getComputedStyle(button).backgroundColor)).toBe(
    'rgb(255, 213, 0)',
  )
  // Drawn by the SDK, in a shadow root of its own.
  await page.waitForFunction(
    () => {
      const action = document
        .querySelector('#brand-sample [data-trialpace]')
        ?.shadowRoot?.querySelector('.go')
      return action && getComputedStyle(action).backgroundColor === 'rgb(255, 213, 0)'
    },
    { polling: 50 },
  )
  expect(await violations(page)).toEqual([])
  expect(await overflow(page)).toBe(0)

  await page.waitForFunction(() => document.body.textContent.includes('Saved in your draft'), { polling: 50 })
  const { drafts } = await draftOf()
  expect(drafts).toMatchObject({
    accent: '#ffd500',
    footer: ['Made in Leeds'],
    logo: { width: 140, light: { width: 280, height: 80 } },
  })
  expect(faults).toEqual([])
})

/** The one brand that was saved. */
async function draftOf(): Promise<{ drafts: unknown }> {
  const [draft] = await api.server.storage.documents.list('playbook-draft', { limit: 10 })
  return { drafts: (JSON.parse(draft?.body.playbook ?? '{}') as { brand?: unknown }).brand }
}
