import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '../../shared/clock.ts'
import { launchBrowser } from '../support/browser.ts'
import { type DemoProcess, localTime, startDemoProcess } from '../support/demo-process.ts'

/** Where the trialists of this file live; far from UTC and with daylight saving. */
const timeZone = 'America/New_York'
const screenshots = process.env.SCREENSHOT_DIR ?? join(tmpdir(), 'trialpace-screenshots')
let demo: DemoProcess
let browser: Browser

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true })
  ;[demo, browser] = await Promise.all([startDemoProcess(), launchBrowser()])
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

async function openPage(path: string): Promise<Page> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  await page.setViewport({ width: 1280, height: 860 })
  await page.emulateTimezone(timeZone)
  await page.goto(`${demo.url}${path}`)
  return page
}

const shoot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) })

async function signUp(name: string, email: string): Promise<{ page: Page; userId: string }> {
  const page = await openPage('/demo/')
  await page.locator('input[name=name]').fill(name)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=company]').fill('Engine Ltd')
  await page.locator('button[type=submit]').click()
  await page.locator('#create-board').wait()
  const { account } = await page.evaluate(() =>
    fetch('/demo/api/app/session').then(
      (answer) => answer.json() as Promise<{ account: { userId: string } }>,
    ),
  )
  return { page, userId: account.userId }
}

/** The words of every open shadow root on the page: nudges live in one. */
const shadowText = (page: Page): Promise<string> =>
  page.evaluate(() =>
    [...document.querySelectorAll('*')].map((element) => element.shadowRoot?.textContent ?? '').join(' '),
  )

async function waitForShadowText(page: Page, wanted: string): Promise<void> {
  await page.waitForFunction(
    (text) =>
      [...document.querySelectorAll('*')].some((element) => element.shadowRoot?.textContent?.includes(text)),
    { timeout: 30_000, polling: 'raf' },
    wanted,
  )
}

const linkTo = (html: string, kind: 'x' | 's'): string =>
  new RegExp(`href="([^"]+/${kind}/[^"]+)"`).exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''

function expectInsideWindow(iso: string): void {
  const { weekday, hour } = localTime(iso, timeZone)
  expect(weekday).toBeLessThanOrEqual(5)
  expect(hour).toBeGreaterThanOrEqual(9)
  expect(hour).toBeLessThan(18)
}

describe('a person who reaches value', () => {
  const email = 'ada@engine.example'
  let page: Page
  let userId: string

  it('signs up, does the aha steps and sees the upgrade nudge', async () => {
    ;({ page, userId } = await signUp('Ada Lovelace', email))
    const welcome = await demo.mailOf(email, 'welcome')
    console.log(`welcome email after ${welcome.waitedMs} ms`)
    await page.locator('#create-board').click()
    await page.locator('#teammate').fill('charles@engine.example')
    await page.locator('#invite').click()
    await page.waitForSelector('.people li:nth-child(2)')
    const complete = () => page.locator('.complete').click()
    await complete()
    await complete()
    await page.waitForFunction(() => document.querySelectorAll('[data-column=done]').length === 2)
    expect(await shadowText(page)).not.toContain('Team plan')
    const startedAt = performance.now()
    await complete()
    await waitForShadowText(page, 'Team plan')
    console.log(`third card → nudge on screen: ${Math.round(performance.now() - startedAt)} ms`)
    await shoot(page, 'nudge')
  })

  it('gets the upgrade email at once', async () => {
    const mail = await demo.mailOf(email, 'upgrade_now')
    console.log(`upgrade email after another ${mail.waitedMs} ms`)
    expectInsideWindow(mail.receivedAt)
    await page.waitForSelector('#segment[data-segment=activated]')
  })

  it('gets email B before the end, inside the window where they live', async () => {
    const { trial, next } = await demo.trialist(userId)
    expect(next?.kind).toBe('expiring_activated')
    const endsAt = Date.parse(trial.endsAt as string)
    await demo.pass({ now: new Date(endsAt - hourMs).toISOString() })
    const mail = await demo.mailOf(email, 'expiring_activated')
    expectInsideWindow(mail.receivedAt)
    expect(mail.receivedAt).toBe(new Date(Date.parse(mail.receivedAt)).toISOString())
    const left = endsAt - Date.parse(mail.receivedAt)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(6 * dayMs)
    const planned = Date.parse(next?.at as string)
    expect(Math.abs(Date.parse(mail.receivedAt) - planned)).toBeLessThan(5 * 60_000)
    expect(mail.text).toMatch(/\d/)
    const kinds = (await demo.mailsTo(email)).map(({ kind }) => kind)
    expect(kinds).not.toContain('expiring_passive')
  })

  it('gets survey D after the end; only a press on the page answers it', async () => {
    const before = await demo.trialist(userId)
    const endsAt = Date.parse(before.trial.endsAt as string)
    await demo.pass({ now: new Date(endsAt + 5 * dayMs).toISOString() })
    const mail = await demo.mailOf(email, 'ended_survey')
    expect(Date.parse(mail.receivedAt)).toBeGreaterThan(endsAt)
    expectInsideWindow(mail.receivedAt)
    expect((await demo.trialist(userId)).trial.status).toBe('ended')

    const survey = await openPage(new URL(linkTo(mail.html, 's')).pathname)
    await shoot(survey, 'survey')
    await survey.locator('button[type=submit]').click()
    await survey.waitForFunction(
      () => document.querySelectorAll('form').length === 0 || document.readyState === 'complete',
    )
    await shoot(survey, 'survey-answered')
    await demo.pass({ advance: '4d' })
    const followUp = await demo.mailOf(email, 'survey_follow_up')
    expectInsideWindow(followUp.receivedAt)
  })
})

describe('a person who does not', () => {
  const email = 'charles@mill.example'

  it('gets email C, extends by its link, and every later date moves', async () => {
    const { page, userId } = await signUp('Charles Mill', email)
    await demo.mailOf(email, 'welcome')
    const start = await demo.trialist(userId)
    const firstEnd = Date.parse(start.trial.endsAt as string)
    await demo.pass({ now: new Date(firstEnd - 2 * hourMs).toISOString() })
    const mailC = await demo.mailOf(email, 'expiring_passive')
    expectInsideWindow(mailC.receivedAt)
    expect(Date.parse(mailC.receivedAt)).toBeLessThan(firstEnd)

    const link = linkTo(mailC.html, 'x')
    const extension = await openPage(new URL(link).pathname)
    await shoot(extension, 'extend')
    expect((await demo.trialist(userId)).trial.endsAt).toBe(start.trial.endsAt)

    await Promise.all([extension.waitForNavigation(), extension.locator('button[type=submit]').click()])
    await shoot(extension, 'extended')
    const extended = await demo.trialist(userId)
    const newEnd = Date.parse(extended.trial.endsAt as string)
    expect(newEnd - firstEnd).toBe(7 * dayMs)
    expect(Date.parse(extended.next?.at as string)).toBeGreaterThan(firstEnd)
    await demo.mailOf(email, 'extension_granted')
    await page.bringToFront()
    await page.waitForSelector(`#countdown[data-ends-at="${extended.trial.endsAt}"]`)

    await demo.pass({ now: new Date(newEnd - hourMs).toISOString() })
    const again = await demo.mailOf(email, 'expiring_passive', 1)
    expectInsideWindow(again.receivedAt)
    expect(newEnd - Date.parse(again.receivedAt)).toBeLessThan(6 * dayMs)
    expect((await demo.mailsTo(email)).map(({ kind }) => kind)).not.toContain('ended_survey')

    await demo.pass({ now: new Date(newEnd + 5 * dayMs).toISOString() })
    const survey = await demo.mailOf(email, 'ended_survey')
    expect(Date.parse(survey.receivedAt)).toBeGreaterThan(newEnd)
    expectInsideWindow(survey.receivedAt)
  })

  it('finds all of it in the inbox page', async () => {
    const page = await openPage(`/inbox?to=${encodeURIComponent(email)}`)
    await page.locator('.mail-row[data-kind=expiring_passive]').click()
    const frame = await page.waitForSelector('iframe')
    const content = await frame?.contentFrame()
    // No script runs in that frame, so it can only be read.
    await expect.poll(() => content?.content(), { timeout: 10_000 }).toContain('Dana')
    await shoot(page, 'inbox')
    await page.locator('#tab-Headers').click()
    await page.waitForFunction(() =>
      document.body.textContent?.toLowerCase().includes('list-unsubscribe-post'),
    )
    await page.locator('button[data-action=reply]').click()
    await page.waitForFunction(() => /Delivered to reply\+/.test(document.body.textContent ?? ''))
  })
})

describe('the pages of the demo', () => {
  const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

  async function violationsOf(page: Page): Promise<string[]> {
    await page.evaluate(await readFile(axePath, 'utf8'))
    return page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
      const { violations } = await axe.run()
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
    })
  }

  it.each([
    ['light', 1280],
    ['dark', 390],
  ])('have no accessibility fault: %s, %i px wide', async (scheme, width) => {
    const { page } = await signUp('Katherine Johnson', `${scheme}${width}@orbit.example`)
    await page.setViewport({ width, height: 800 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    const found: Record<string, string[]> = {}
    const look = async (name: string) => {
      // Colours fade in and out; what counts is where they end.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
      found[name] = await violationsOf(page)
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      if (overflow > 0) found[name].push(`overflows by ${overflow} px`)
      await shoot(page, `${name}-${scheme}-${width}`)
    }
    await look('first')
    await page.locator('#create-board').click()
    await page.waitForSelector('#board-name')
    await look('board')
    await page.locator('#try-automation').click()
    await page.waitForSelector('#upgrade-now')
    await look('upgrade')
    await page.goto(`${demo.url}/inbox`)
    await page.locator('.mail-row').click()
    await page.waitForSelector('iframe')
    await look('inbox')
    expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([])
  })
})
