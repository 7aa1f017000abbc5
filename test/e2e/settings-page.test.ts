import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signWebhook, webhookSecretOf } from '../support/billing-shapes.ts'
import { launchBrowser } from '../support/browser.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { admin } from '../support/serve-api.ts'
import { type ServedBilling, serveBilling } from '../support/serve-billing.ts'

const people = { rita: 'rep', al: 'analyst' } as const
const addressOf = (name: string) => `${name}@acme.example`

let served: ServedBilling
let browser: Browser
beforeAll(async () => {
  served = await serveBilling('stripe')
  for (const [name, role] of Object.entries(people))
    await served.api.server.services.accounts.ensure({
      workspaceId: 'main' as never,
      email: addressOf(name),
      name,
      role,
      password: admin.password,
    })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await served.close()
})

async function openSettings(options: Parameters<typeof openDashboard>[2] = {}) {
  const watched = await openDashboard(browser, served.api, options)
  await goTo(watched.page, '#/settings')
  await watched.page.waitForSelector('[name=next]')
  await watched.page.waitForNetworkIdle({ idleTime: 200 })
  return watched
}

const shown = (page: Page, text: string) => page.waitForSelector(`text/${text}`)
const titles = (page: Page) => page.$$eval('main h2', (all) => all.map((title) => title.textContent))
const gone = (page: Page) => page.waitForSelector('dialog', { hidden: true })
const save = (field: string) => `form:has([name=${field}]) [type=submit]`
const textOf = (page: Page, label: string) =>
  page.$eval(`[aria-label="${label}"]`, (area) => (area as HTMLTextAreaElement).value)
const lastAudit = async () =>
  (await served.api.call<{ rows: { action: string }[] }>('GET', '/api/audit')).body.rows[0]?.action

async function giveUpOn(days: number) {
  const { userId, ref } = await served.link()
  served.standIn.faults.push('refused')
  await served.extend(userId, days)
  return { userId, ref }
}

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
  ['dark', 320],
] as const)('the settings, %s and %i px wide', (scheme, width) => {
  test('have no fault, no overflow and no barrier, nor has a dialog', async () => {
    const { page, faults } = await openSettings({ scheme, width })
    expect(await titles(page)).toEqual([
      'Install',
      'Signed users',
      'Email tracking',
      'People',
      'Import people',
      'Companies',
      'Billing',
      'Signed callback',
      'Secret keys',
      'Your password',
      'Your sessions',
    ])
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    for (const opener of ['Add a colleague', 'Connect a billing system', 'Change role', 'Disconnect']) {
      await press(page, `main button::-p-text(${opener})`)
      await page.waitForSelector('dialog[open]')
      expect(await violations(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      await page.keyboard.press('Escape')
      await gone(page)
    }
    expect(faults).toEqual([])
  })
})

test('a role is shown what it opens, and reads only what it may not change', async () => {
  const rita = await openSettings({ email: addressOf('rita') })
  expect(await titles(rita.page)).toEqual([
    'Install',
    'Signed users',
    'Email tracking',
    'Your password',
    'Your sessions',
  ])
  await shown(rita.page, 'Only an admin can change it.')
  expect(
    await rita.page.$$eval('[name=opens]', (all) => all.every((radio) => radio.matches(':disabled'))),
  ).toBe(true)
  const al = await openSettings({ email: addressOf('al') })
  expect(await titles(al.page)).toEqual(['Your password', 'Your sessions'])
  expect([...rita.faults, ...al.faults]).toEqual([])
})

test('measuring is saved, and what the form does not show stays', async () => {
  await served.api.call('PUT', '/api/measuring', { body: { spamScore: 9.4 } })
  const { page, faults } = await openSettings()
  await press(page, '[name=clicks][value=aggregate]')
  await press(page, save('clicks'))
  await shown(page, 'Saved.')
  expect((await served.api.call('GET', '/api/measuring')).body).toMatchObject({
    clicks: 'aggregate',
    opens: 'individual',
    attributionDays: 5,
    spamScore: 9.4,
  })
  await page.$eval('[name=attributionDays]', (field) => {
    ;(field as HTMLInputElement).value = '14'
  })
  await press(page, save('clicks'))
  await shown(page, 'All metrics are being recalculated.')
  expect(faults).toEqual([])
})

test('a colleague is added, signs in with what is handed over, gets another role, and goes', async () => {
  const { page } = await openSettings()
  await press(page, '::-p-text(Add a colleague)')
  await page.type('dialog [name=name]', 'Mia')
  await page.type('dialog [name=email]', addressOf('rita'))
  await press(page, 'dialog [value=analyst]')
  await press(page, 'dialog [type=submit]')
  await shown(page, 'This address already has an account.')
  await page.$eval('dialog [name=email]', (field) => {
    ;(field as HTMLInputElement).value = ''
  })
  await page.type('dialog [name=email]', addressOf('mia'))
  await press(page, 'dialog [type=submit]')
  await shown(page, 'Mia can sign in now')
  expect(await violations(page)).toEqual([])
  const [, email = '', password = ''] = (await textOf(page, 'Sign-in details')).split('\n')
  expect(password).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$/)
  await press(page, 'dialog .primary')
  await gone(page)

  const mia = await openSettings({ email, password })
  expect(await titles(mia.page)).toEqual(['Your password', 'Your sessions'])
  await press(page, '::-p-text(Change role of Mia)')
  await press(page, 'dialog [value=rep]')
  await press(page, 'dialog [type=submit]')
  await shown(page, 'The role of Mia is now Rep.')
  await mia.page.reload()
  await mia.page.waitForSelector('[name=next]')
  expect(await titles(mia.page)).toContain('Email tracking')

  await press(page, '::-p-text(Remove Mia)')
  await press(page, 'dialog .danger')
  await shown(page, 'Mia can no longer sign in.')
  await page.waitForFunction(() => !document.querySelector('.people-list')?.textContent?.includes('Mia'))
  await mia.page.reload()
  await mia.page.waitForSelector('[name=password]')
})

test('owners are not offered to lock themselves out, and a refusal is said in the dialog', async () => {
  const { page } = await openSettings()
  const rows = await page.$$eval('.people-list tbody tr', (all) => all.map((row) => row.textContent))
  const own = rows.filter((row) => row?.includes(admin.email))
  expect(own).toEqual([expect.stringContaining('another owner can change your role')])
  await press(page, '::-p-text(Remove al)')
  const { accounts } = served.api.server.services
  const al = await accounts.byEmail(addressOf('al'))
  await accounts.remove('main' as never, al?.id ?? '')
  await press(page, 'dialog .danger')
  await page.waitForSelector('dialog [role=alert]::-p-text(There is no such account.)')
})

test('one’s own password is changed here, and the page goes on working', async () => {
  const { page } = await openSettings({ email: addressOf('rita') })
  const next = 'plum orchard lantern 7'
  const enter = async (current: string) => {
    await page.$eval('[name=current]', (field) => {
      ;(field as HTMLInputElement).value = ''
    })
    await page.type('[name=current]', current)
    await press(page, save('next'))
  }
  await page.type('[name=next]', next)
  await enter('not it')
  await shown(page, 'Your current password is wrong.')
  await enter(admin.password)
  await shown(page, 'Your password was changed.')
  await enter('')
  await page.type('[name=next]', 'river granite violin 9')
  await enter(next)
  await shown(page, 'Your password was changed.')
  await openDashboard(browser, served.api, { email: addressOf('rita'), password: 'river granite violin 9' })
})

test('a billing system is connected in two steps, and its webhooks count from then on', async () => {
  const { page, faults } = await openSettings()
  await press(page, '::-p-text(Connect a billing system)')
  await page.type('dialog [name=name]', 'Second')
  await page.type('dialog [name=apiKey]', 'rk_test_0123456789')
  await press(page, 'dialog [type=submit]')
  await shown(page, 'Set up the webhook at Stripe')
  expect(await violations(page)).toEqual([])
  const url = await textOf(page, 'Webhook URL')
  const signed = () => signWebhook('stripe', { eventId: 'evt_2', ref: 'sub_2', at: served.clock.now() })
  const tell = async () => (await fetch(url, { method: 'POST', ...signed() })).status
  expect(await tell()).toBeGreaterThanOrEqual(400)
  await page.type('dialog [name=secret]', webhookSecretOf('stripe'))
  await press(page, 'dialog [type=submit]')
  await gone(page)
  await shown(page, 'Stripe, since')
  expect(await textOf(page, 'Webhook URL of Second')).toBe(url)
  expect(await lastAudit()).toBe('billing.update')
  const id = url.split('/').at(-1) as string
  expect(await tell()).toBe(200)

  await press(page, '::-p-text(Disconnect of Second)')
  await press(page, 'dialog .danger')
  await shown(page, 'Second was disconnected.')
  expect(await served.billing.connections.get(id)).toBeNull()
  expect(faults).toEqual([])
})

test.each([
  ['chargebee', 'site', ['Webhook password']],
  ['maxio', 'site', []],
  ['paddle', 'region', []],
] as const)('%s is asked for what it needs', async (provider, field, handed) => {
  const { page, faults } = await openSettings()
  await press(page, '::-p-text(Connect a billing system)')
  await page.select('dialog [name=provider]', provider)
  await page.waitForSelector(`dialog [name=${field}]`)
  await page.type('dialog [name=name]', provider)
  await page.type('dialog [name=apiKey]', 'key_0123456789')
  if (field === 'site') await page.type('dialog [name=site]', 'acme')
  await press(page, 'dialog [type=submit]')
  await page.waitForSelector('[aria-label="Webhook URL"]')
  for (const label of handed) expect(await textOf(page, label)).toMatch(/^\S{23}$/)
  const { connections } = (
    await served.api.call<{ connections: { provider: string; id: string }[] }>(
      'GET',
      '/api/billing/connections',
    )
  ).body
  const made = connections.find((connection) => connection.provider === provider)
  expect(made).toBeDefined()
  await served.api.call('DELETE', `/api/billing/connections/${made?.id}`)
  expect(faults).toEqual([])
})

test('an end that was refused stands there with the provider’s words, and is told on another try', async () => {
  const { userId, ref } = await giveUpOn(7)
  const { page, faults } = await openSettings()
  const row = `li:has(a[href="#/trialists/${userId}"])`
  await page.waitForSelector(`${row} ::-p-text(too close to renewal)`)
  await shown(page, '1 thing needs you.')
  expect(await violations(page)).toEqual([])
  await press(page, `${row} button`)
  await page.waitForSelector(`${row} ::-p-text(Accepted)`)
  await page.waitForSelector('text/1 thing needs you.', { hidden: true })
  expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toHaveLength(1)
  expect(faults).toEqual([])
})

test('a payment in another currency waits for its rate, which is said here in whole units', async () => {
  const { userId, ref } = await served.link()
  const now = served.clock.now()
  const paid = { ref, at: now, paidFrom: now, isFirst: true, amountMinor: 4980, currency: 'JPY' }
  await served.tell('e-yen', { kind: 'payment', id: '7001', ...paid })
  const { page, faults } = await openSettings()
  await shown(page, 'Payments in JPY wait for an exchange rate')
  await page.type('[name=JPY]', '0.0067')
  expect(await violations(page)).toEqual([])
  await press(page, save('JPY'))
  await shown(page, 'Exchange rates of payments')
  await served.pass(60 * 60_000)
  const { body } = await served.api.call<{ totalMinor: number }>('GET', `/api/trialists/${userId}/revenue`)
  expect(body.totalMinor).toBe(3337)
  expect(faults).toEqual([])
})
