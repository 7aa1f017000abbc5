import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dkimValue, publicHalfOf } from '../../server/features/deliverability/dkim-record.ts'
import { minuteMs } from '../../shared/clock.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { type DnsZone, type ServedDns, serveDns } from '../support/dns-server.ts'
import { admin, type ServedApi, serveApi } from '../support/serve-api.ts'

const rita = 'rita@acme.example'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const value = dkimValue(publicHalfOf(pem))
const selector = 's1._domainkey.boardly-mail.com'

const zone: DnsZone = {
  'boardly-mail.com': { TXT: ['v=spf1 include:amazonses.com ~all'] },
  'amazonses.com': { TXT: ['v=spf1 ip4:203.0.113.0/24 -all'] },
  'bounce.boardly-mail.com': { TXT: ['v=spf1 mx -all'], MX: ['10 trials.boardly-mail.com'] },
  'trials.boardly-mail.com': { A: ['198.51.100.1'] },
  'in.boardly-mail.com': 'failing',
  '_dmarc.boardly-mail.com': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@boardly-mail.com'] },
}

let api: ServedApi
let browser: Browser
let dns: ServedDns
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialpace-delivery-'))
  const keyFile = join(folder, 'dkim.pem')
  await writeFile(keyFile, pem)
  dns = await serveDns(zone)
  api = await serveApi(someTime, {
    env: {
      DNS_SERVERS: dns.address,
      MAIL_FROM: 'Boardly <hello@boardly-mail.com>',
      SMTP_URL: 'smtp://email-smtp.eu-west-1.amazonaws.com:587',
      DKIM_DOMAIN: 'boardly-mail.com',
      DKIM_SELECTOR: 's1',
      DKIM_PRIVATE_KEY_FILE: keyFile,
    },
  })
  const { accounts } = api.server.services
  await accounts.ensure({
    workspaceId: 'main' as never,
    email: rita,
    name: 'Rita',
    role: 'rep',
    password: admin.password,
  })
  browser = await launchBrowser()
  await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@example.com', name: 'Ann Lee' } })
  for (const [address, reason] of [
    ['ann@example.com', 'complaint'],
    ['gone@example.com', 'hard_bounce'],
    ['nobody.with-a-rather-long-name@a-rather-long-domain.example.com', 'unsubscribed'],
  ])
    await api.call('POST', '/api/suppressions', { body: { address, reason } })
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await dns.close()
  await rm(folder, { recursive: true })
})

const stateOf = (page: Page, id: string): Promise<string | undefined> =>
  page.$eval(`[data-record="${id}"] .state`, (cell) => cell.lastChild?.textContent ?? undefined)
const shown = (page: Page, text: string) => page.waitForSelector(`text/${text}`)

async function openDelivery(options: Parameters<typeof openDashboard>[2]) {
  const watched = await openDashboard(browser, api, options)
  await goTo(watched.page, '#/deliverability')
  await watched.page.waitForSelector('.delivery-records')
  await watched.page.waitForSelector('.delivery-list')
  return watched
}

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
  ['dark', 320],
] as const)('the delivery page, %s and %i px wide', (scheme, width) => {
  test('has no fault, no overflow and no barrier', async () => {
    const { page, faults } = await openDelivery({ scheme, width })
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    expect(faults).toEqual([])
  })
})

test('records stand there with their state, the one to begin with first, and can be checked again', async () => {
  const { page, faults } = await openDelivery({})
  expect(await stateOf(page, 'dkim')).toBe('Problem')
  expect(await stateOf(page, 'spf-return')).toBe('Warning')
  expect(await stateOf(page, 'dmarc:boardly-mail.com')).toBe('OK')
  expect(await stateOf(page, 'mx-in')).toBe('Unknown')
  const first = await page.$eval('.note-error', (note) => note.textContent)
  expect(first).toContain('Publish the TXT record as shown.')
  expect(await page.$$eval('[data-record=dkim] code', (all) => all.map((code) => code.textContent))).toEqual([
    selector,
    value,
  ])
  zone[selector] = { TXT: [value] }
  api.clock.advance(minuteMs)
  await press(page, '::-p-text(Check again)')
  await page.waitForSelector('[data-record=dkim] .state-ok')
  expect(faults).toEqual([])
})

test('a value is copied whole, however little of it fits', async () => {
  const { page } = await openDelivery({ width: 320 })
  await page
    .browserContext()
    .overridePermissions(api.server.url, ['clipboard-read', 'clipboard-sanitized-write'])
  await page.bringToFront()
  await press(page, '[data-record=dkim] dd:last-of-type button')
  await page.waitForSelector('[data-record=dkim] ::-p-text(Copied)')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(value)
})

test('an address is stopped, found, and given back', async () => {
  const { page, faults } = await openDelivery({})
  const reasonOf = async (address: string) =>
    (await api.call<{ suppressions: { reason: string }[] }>('GET', `/api/suppressions?address=${address}`))
      .body.suppressions[0]?.reason ?? null
  await page.type('[name=address]', 'zoe@example.com')
  await press(page, '::-p-text(Add to the list)')
  await shown(page, 'zoe@example.com gets no more emails.')
  expect(await reasonOf('zoe@example.com')).toBe('manual')
  await press(page, '.delivery-good ::-p-text(Undo)')
  await shown(page, 'Undone.')
  expect(await reasonOf('zoe@example.com')).toBeNull()
  await press(page, '::-p-text(Look up)')
  await shown(page, 'zoe@example.com is not on the list.')
  await press(page, '::-p-text(Show the whole list)')

  const row = '.delivery-list tbody tr:has(a[href="#/trialists/ann"])'
  await press(page, `${row} button`)
  await page.waitForSelector('dialog [name=note]:required')
  expect(await violations(page)).toEqual([])
  await page.type('dialog [name=note]', 'asked on the phone')
  await press(page, 'dialog [type=submit]')
  await shown(page, 'ann@example.com can get emails again.')
  expect(await reasonOf('ann@example.com')).toBeNull()
  await press(page, '.delivery-good ::-p-text(Undo)')
  await shown(page, 'Undone.')
  expect(await reasonOf('ann@example.com')).toBe('complaint')
  expect(faults).toEqual([])
})

test('a rep is not offered what only an admin may lift', async () => {
  const { page, faults } = await openDelivery({ email: rita })
  const rows = await page.$$eval('.delivery-list tbody tr', (all) =>
    all.map((row) => [row.children[1]?.firstChild?.textContent, row.querySelector('button') !== null]),
  )
  expect(Object.fromEntries(rows)).toEqual({ Complaint: false, Unsubscribed: false, 'Hard bounce': true })
  expect(faults).toEqual([])
})
