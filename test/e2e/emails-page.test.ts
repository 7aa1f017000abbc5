import type { Browser, Frame, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkspaceId } from '../../shared/trial.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { goTo, openDashboard, overflow, press, violations } from '../support/dashboard-page.ts'
import { admin, type ServedApi, serveApi } from '../support/serve-api.ts'
import { longSubject, mailsPlaybook, serveMails } from '../support/serve-mails.ts'
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts'
import { startSpamd } from '../support/spamd.ts'

/** One long file, because its tests share one browser and one server. */

const rita = 'rita@acme.example'
const al = 'al@acme.example'

let api: ServedApi
let browser: Browser
let sink: SmtpSink

beforeAll(async () => {
  sink = await createSmtpSink()
  api = await serveMails({ SMTP_URL: sink.url, MAIL_FROM: 'hello@acme.example' })
  browser = await launchBrowser()
  const { accounts } = api.server.services
  for (const [role, email] of [
    ['rep', rita],
    ['analyst', al],
  ] as const)
    await accounts.ensure({
      workspaceId: 'main' as WorkspaceId,
      email,
      name: role,
      role,
      password: admin.password,
    })
  for (const [userId, name] of [
    ['ann', 'Ann Archer'],
    ['nobody', null],
  ]) {
    const body = { email: `${userId}@example.com`, name, trial: { endsAt: '2026-09-20T12:00:00Z' } }
    expect((await api.call('PUT', `/api/trialists/${userId}`, { body })).status).toBeLessThan(300)
  }
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await sink.close()
})

const hashOf = (page: Page): Promise<string> => page.evaluate(() => window.location.hash)
const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? '')

/** Of the email that is shown; its text changes in place, which no selector waits for. */
const subjectToBe = (page: Page, subject: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector('.mail-stage strong')?.textContent === wanted,
    {},
    subject,
  )

/** The frame that is shown, once it is the one that was asked for. */
async function shownFrame(page: Page, part: string): Promise<Frame> {
  const element = await page.waitForSelector(`iframe.mail:not([hidden])[src*="${part}"]`)
  const frame = await element?.contentFrame()
  if (!frame) throw new Error('there is no frame')
  await frame.waitForSelector('body *')
  return frame
}

/** Goes on with the Tab key until that is in focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let step = 0; step < 80; step++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} is not in reach of the keyboard`)
}

const ready = '.mail-side .findings, .mail-side .quiet'

describe.each([
  ['light', 1280],
  ['dark', 320],
] as const)('%s and %i px wide', (scheme, width) => {
  test('no page has a barrier or is wider than the screen', async () => {
    const { page, faults } = await openDashboard(browser, api, { scheme, width })
    for (const [hash, selector] of [
      ['#/emails', '.mail-tile:nth-child(3) .mail-line'],
      ['#/emails/upgrade_now?rule=upgrade-now&variant=1', '.findings'],
      ['#/emails/welcome?part=text&width=320&locale=ar', '.mail-text'],
      ['#/emails/welcome?userId=ann', ready],
      ['#/emails/unheard_of', '.empty'],
    ] as const) {
      await goTo(page, hash)
      await page.waitForSelector(selector)
      expect([hash, await violations(page)]).toEqual([hash, []])
      expect([hash, await overflow(page)]).toEqual([hash, 0])
    }
    expect(faults).toEqual([])
  })
})

test('by keyboard alone: from the gallery to an email, in the dark, in German, and back', async () => {
  const { page } = await openDashboard(browser, api)
  await tabTo(page, 'a[href="#/emails"]')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.mail-tile .mail-line')
  expect(await page.$$eval('.mail-tile h3', (titles) => titles.length)).toBe(9)
  await tabTo(page, 'a[href="#/emails/upgrade_now"]')
  await page.keyboard.press('Enter')
  await shownFrame(page, 'upgrade_now')

  await tabTo(page, '[name=scheme]')
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('iframe.scheme-dark')
  const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches
  expect(await (await shownFrame(page, 'upgrade_now')).evaluate(isDark)).toBe(true)
  await page.keyboard.press('ArrowLeft')
  await page.waitForSelector('iframe.scheme-light')
  expect(await (await shownFrame(page, 'upgrade_now')).evaluate(isDark)).toBe(false)

  await page.select('.mail-choices label:nth-of-type(2) select', 'de')
  await shownFrame(page, 'locale=de')
  expect(await hashOf(page)).toBe('#/emails/upgrade_now?locale=de')
  await page.goBack()
  await page.waitForSelector('iframe.mail:not([hidden]):not([src*="locale"])')
  expect(await hashOf(page)).toBe('#/emails/upgrade_now')
  await page.goBack()
  await page.waitForSelector('.mail-tile')
})

test('a shared link shows that mail: subject, language, situation, width and part', async () => {
  const { page } = await openDashboard(browser, api)
  await goTo(page, '#/emails/upgrade_now?locale=fr&fixture=huge&rule=upgrade-now&variant=1&width=320')
  const frame = await shownFrame(page, 'fixture=huge')
  expect(await frame.evaluate(() => document.documentElement.lang)).toBe('fr')
  expect(await frame.evaluate(() => window.innerWidth)).toBe(320)
  expect(await textOf(page, '.mail-stage .mail-line strong')).toBe(longSubject)
  expect(await textOf(page, '.mail-side .card')).toContain('Length of the subject')
  await goTo(page, '#/emails/upgrade_now?part=text')
  await page.waitForSelector('.mail-text')
  await subjectToBe(page, 'Keep your board')
})

test('an email is written to a trialist who was searched for; why it cannot be is said in place', async () => {
  const { page } = await openDashboard(browser, api)
  await goTo(page, '#/emails/trial_ended?part=text')
  await press(page, 'text/Choose a trialist')
  // As people do: they type as soon as the dialog is there, without a click into its field.
  await page.waitForSelector('dialog')
  await page.keyboard.type('ann@example.com')
  expect(await page.$eval('dialog [type=search]', (field) => (field as HTMLInputElement).value)).toBe(
    'ann@example.com',
  )
  await press(page, 'dialog li:only-child button')
  await subjectToBe(page, 'Your trial, Ann')
  expect(await hashOf(page)).toBe('#/emails/trial_ended?userId=ann&part=text')
  expect(await page.$('text/Situation')).toBeNull()
  await goTo(page, '#/emails/trial_ended?userId=nobody')
  await page.waitForSelector('[role=alert]')
  expect(await textOf(page, '[role=alert]')).toContain('cannot be rendered')
  expect(await page.$('iframe')).toBeNull()
})

test('nothing in the frame runs or leads anywhere', async () => {
  const { page, faults } = await openDashboard(browser, api)
  await goTo(page, '#/emails/upgrade_now?fixture=hostile_name')
  const frame = await shownFrame(page, 'hostile_name')
  const address = frame.url()
  await frame.click('.button a')
  await frame.click('a[href*="/u/"]')
  expect(frame.url()).toBe(address)
  expect(await page.browserContext().pages()).toHaveLength(1)
  expect(await page.$eval('iframe.mail', (each) => each.getAttribute('sandbox'))).toBe('')
  expect(faults.filter((fault) => fault.startsWith('dialog'))).toEqual([])
})

describe('SpamAssassin', () => {
  const ask = async (served: ServedApi, answer: string) => {
    const { page } = await openDashboard(browser, served)
    await goTo(page, '#/emails/welcome')
    await press(page, 'text/Check with SpamAssassin')
    await page.waitForSelector(answer)
    return page
  }

  test('is asked only when it is connected; else it is said how to', async () => {
    await ask(api, 'text/SPAMD_URL=spamd://')
  })

  test('gives a score of 10', async ({ skip }) => {
    const spamd = await startSpamd()
    if (!spamd) return skip('SpamAssassin is not installed.')
    const served = await serveMails({ SPAMD_URL: spamd.url })
    const page = await ask(served, '.mail-side .score')
    expect(Number(await textOf(page, '.mail-side .score'))).toBeGreaterThanOrEqual(8)
    expect(await violations(page)).toEqual([])
    await page.close()
    await served.close()
    spamd.close()
  })
})

describe('a test', () => {
  test('goes to oneself, and what the mail server said is shown', async () => {
    const { page } = await openDashboard(browser, api, { email: rita })
    await goTo(page, '#/emails/upgrade_now?rule=upgrade-now&variant=1&locale=de')
    await press(page, 'text/Send test email')
    await page.waitForSelector('.note-good')
    const sent = sink.ledger.filter(({ to }) => to === rita)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.headers).toContain('[Test] A subject that no phone')
    expect(sent[0]?.raw.toString()).toContain('lang=3D"de"')
  })

  test('goes to no one else; without a mail server it says so', async () => {
    const { page } = await openDashboard(browser, api)
    await goTo(page, '#/emails/welcome')
    const field = await page.waitForSelector('[name=to]')
    await field?.click({ count: 3 })
    await field?.type('somebody@else.example')
    await press(page, 'text/Send test email')
    await page.waitForSelector('text/Test emails only go to people with an account.')

    const mute = await serveApi(someTime)
    const other = await openDashboard(browser, mute)
    await goTo(other.page, '#/emails/welcome')
    await press(other.page, 'text/Send test email')
    await other.page.waitForSelector('text/No mail server is set')
    await other.page.close()
    await mute.close()
  })
})

describe('the check of all emails', () => {
  test('shows its progress, can be cancelled, and ends in links to what it found', async () => {
    const { page, faults } = await openDashboard(browser, api)
    await goTo(page, '#/emails')
    await page.waitForSelector('text/Not checked yet.')
    await press(page, 'text/Check all emails')
    await page.waitForSelector('progress[aria-label="Emails checked"]')
    await press(page, 'text/Cancel')
    await page.waitForSelector('text/Cancelled.')
    expect(await page.$('.check-report')).toBeNull()

    await press(page, 'text/Check all emails')
    await page.waitForSelector('.check-report', { timeout: 100_000 })
    expect(await violations(page)).toEqual([])
    expect(await textOf(page, '.check-report')).toContain('with playbook version 1')
    await page.$$eval('details.check-kind', (all) => {
      for (const each of all) each.open = true
    })
    await press(page, 'a[href="#/emails/upgrade_now?locale=de&rule=upgrade-now&variant=1"]')
    await page.waitForSelector('.mail-side .findings')
    expect(await textOf(page, '.mail-stage .mail-line strong')).toBe(longSubject)
    expect(faults).toEqual([])
  }, 150_000)

  test('is out of date when the playbook has been changed since', async () => {
    const { page } = await openDashboard(browser, api, { email: rita })
    await goTo(page, '#/emails')
    await page.waitForSelector('.check-report')
    expect(await textOf(page, '.check-report')).not.toContain('Check again')
    const body = { ...mailsPlaybook, trial: { ...mailsPlaybook.trial, lengthDays: 21 } }
    const headers = { 'If-Match': '"1"' }
    expect((await api.call('PUT', '/api/playbook', { body, headers })).status).toBe(200)
    await page.reload()
    await page.waitForSelector('text/The playbook has changed since (version 2).')
  })
})

test('a sent email is seen as it was sent, which opens nothing; the next one as it would be', async () => {
  const { page, faults } = await openDashboard(browser, api)
  const mailed = async () => (await api.server.storage.trials.get('main:u:ann' as never))?.outbox[0]
  await expect.poll(async () => (await mailed())?.state, { timeout: 20_000 }).toBe('sent')
  const token = (await mailed())?.token
  await goTo(page, '#/trialists/ann')
  await press(page, 'text/View sent email')
  const frame = await shownFrame(page, `${token}`)
  expect(await frame.evaluate(() => document.body.textContent)).toContain('Ann')
  expect(await hashOf(page)).toBe(`#/trialists/ann/emails/${token}`)
  expect(await violations(page)).toEqual([])
  expect(await frame.$('img[src*="/o/"]')).toBeNull()
  expect((await mailed())?.openedAt).toBeNull()
  await page.goBack()
  await press(page, 'a[href^="#/emails/"][href*="userId=ann"]')
  await page.waitForSelector(ready)
  expect(faults).toEqual([])
})

test.each([
  [al, ['Metrics', 'Settings']],
  [rita, ['Trialists', 'Metrics', 'Emails', 'Deliverability', 'Playbook', 'Brand', 'Connect', 'Settings']],
])('%s is offered what the role opens and runs into no refusal', async (email, labels) => {
  const { page, faults } = await openDashboard(browser, api, { email })
  const shown = await page.$$eval('.top nav a', (links) => links.map((link) => link.textContent))
  expect(shown).toEqual(labels)
  for (const path of [
    '/',
    '/metrics',
    '/emails',
    '/deliverability',
    '/playbook',
    '/settings',
    '/trialists/ann',
    '/emails/welcome',
  ]) {
    await goTo(page, `#${path}`)
    await page.waitForNetworkIdle({ idleTime: 200 })
  }
  // It goes on listening, so its network is never idle.
  await goTo(page, '#/connect')
  await page.waitForSelector(email === al ? 'text/Not for your role' : 'text/What arrives')
  await goTo(page, '#/trialists/ann')
  if (email === al) await page.waitForSelector('text/Not for your role')
  expect(faults).toEqual([])
})
