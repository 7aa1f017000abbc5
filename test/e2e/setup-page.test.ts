import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OutgoingMail } from '../../server/ports.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, overflow, press, violations } from '../support/dashboard-page.ts'
import { type ServedApi, secretKey, serveApi } from '../support/serve-api.ts'

let api: ServedApi
let browser: Browser
const sent: OutgoingMail[] = []
beforeAll(async () => {
  api = await serveApi(someTime, {
    env: {
      TRIALPACE_ADMIN_EMAIL: '',
      TRIALPACE_ADMIN_PASSWORD: '',
      TRIALPACE_RELEASED: 'false',
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'Acme <hello@acme.example>',
      PUBLIC_URL: 'http://localhost:8080',
    },
    overrides: {
      mailer: {
        async send(mail, gate) {
          if (!(await gate())) return { state: 'refused' }
          sent.push(mail)
          return { state: 'accepted', answer: '250 ok' }
        },
        verify: async () => ({ ok: true }),
        close: async () => undefined,
      },
    },
  })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await api.close()
})

const answers = {
  name: 'Olga',
  email: 'olga@acme.example',
  password: 'plum orchard lantern',
  productName: 'Acme Boards',
  productUrl: 'https://boards.acme.example',
  postalAddress: '1 Acme Road, Leeds',
  senderName: 'Acme Boards',
  rep: 'Olga',
}

const fill = (page: Page, name: string, text: string) =>
  page.$eval(
    `[name=${name}]`,
    (field, value) => {
      ;(field as HTMLInputElement).value = value
    },
    text,
  )

/** Wherever a picture is wanted for a person to look at. */
const picture = async (page: Page, name: string) => {
  const folder = process.env.SCREENSHOTS
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

async function isSound(page: Page, name: string) {
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 320],
    ['light', 1920],
  ] as const) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    await page.setViewport({ width, height: 900 })
    expect.soft(await violations(page)).toEqual([])
    expect.soft(await overflow(page)).toBeLessThanOrEqual(0)
    await picture(page, `${name}-${scheme}-${width}`)
  }
  await page.setViewport({ width: 1280, height: 900 })
}

test('a fresh server: set-up with the token, an event seen, a test email, the release', async () => {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${api.server.port}/#/setup/${api.server.setupToken}`)
  await page.waitForSelector('[name=token]')
  expect(await page.$eval('[name=token]', (field) => (field as HTMLInputElement).value)).toBe(
    api.server.setupToken,
  )
  await isSound(page, 'setup')
  for (const [name, text] of Object.entries(answers)) await fill(page, name, text)
  await press(page, '[type=submit]')

  await page.waitForSelector('[data-sending-bar=unreleased]')
  await page.waitForSelector('.dot-live')
  await isSound(page, 'connect-empty')
  await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@customer.example' } })
  const batch = [{ type: 'track', event: 'Board Created', userId: 'ann' }]
  await api.call('POST', '/v1/batch', { body: { writeKey: secretKey, batch } })
  await page.waitForSelector('[data-event="Board Created"]')
  await page.waitForSelector('[data-step=identified][data-state=done]')
  await isSound(page, 'connect')

  await press(page, '[data-event="Board Created"] button')
  await page.waitForSelector('dialog [name=milestone]')
  await press(page, 'dialog [type=submit]')
  await page.waitForFunction(() => !document.querySelector('dialog'))
  await api.call('POST', '/v1/batch', { body: { writeKey: secretKey, batch } })
  await page.waitForSelector('text/Counts for the milestone')

  // Nothing has gone to anyone; a test to oneself does.
  const handed = await api.call('POST', '/api/templates/welcome/test-send', { body: { to: answers.email } })
  expect(handed.status).toBe(200)
  await page.waitForSelector('[data-step=test][data-state=done]')
  await api.server.dueLoop.drain()
  expect(sent.map(({ to }) => to.address)).toEqual([answers.email])

  await goTo(page, '#/release')
  await page.waitForSelector('.preview-count')
  await isSound(page, 'release')
  await press(page, 'main form [type=submit]')
  await page.waitForFunction(() => !document.querySelector('[data-sending-bar]'))
  await expect.poll(() => sent.map(({ to }) => to.address)).toContain('ann@customer.example')
}, 120_000)
