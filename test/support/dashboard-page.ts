import axe from 'axe-core'
import type { Browser, Page } from 'puppeteer-core'
import { admin, type ServedApi } from './serve-api.ts'

export interface WatchedPage {
  page: Page
  /** What the browser complained about, and what was refused. */
  faults: string[]
}

/**
 * Signed in to the dashboard.
 * @param scheme forces it on every frame; without it, frames follow their own `color-scheme`.
 */
export async function openDashboard(
  browser: Browser,
  api: Pick<ServedApi, 'server'>,
  {
    scheme,
    width = 1280,
    email = admin.email,
    password = admin.password,
  }: { scheme?: 'light' | 'dark'; width?: number; email?: string; password?: string } = {},
): Promise<WatchedPage> {
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
  page.on('response', (response) => {
    if (response.status() === 403) faults.push(`403: ${response.url()}`)
  })
  await page.setViewport({ width, height: 900 })
  if (scheme) await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(`${api.server.url}/`)
  await page.waitForSelector('[name=password]')
  await page.type('[name=email]', email)
  await page.type('[name=password]', password)
  await page.click('button[type=submit]')
  await page.waitForSelector('.top nav')
  return { page, faults }
}

export const goTo = (page: Page, hash: string): Promise<void> =>
  page.evaluate((target) => {
    window.location.hash = target
  }, hash)

/** Presses what comes to be there, wherever the page moves it meanwhile. */
export async function press(page: Page, selector: string): Promise<void> {
  const found = await page.waitForSelector(selector)
  await found?.evaluate((element) => (element as HTMLElement).click())
}

/** Waits until what was asked for last is there: what it replaces is paled meanwhile. */
async function calm(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
}

/** Rules of accessibility that are broken by what is on screen. */
export async function violations(page: Page): Promise<string[]> {
  await calm(page)
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const { violations: found } = await run.run(document)
    return found.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`)
  })
}

/** Pixels by which the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
