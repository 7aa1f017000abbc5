import type { Browser, BrowserContext, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Trialpace } from '../../sdk/types.ts'
import { launchBrowser } from './browser.ts'
import { type CollectSink, startCollectSink } from './collect-sink.ts'

declare global {
  interface Window {
    trialpace: Trialpace
    violations: string[]
    exceptions: string[]
  }
}

/** One browser for the file, and a collect server of its own for each test. */
export function sdkSetup(): { readonly browser: Browser; readonly sink: CollectSink } {
  let browser: Browser
  let sink: CollectSink
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    sink = await startCollectSink()
  })
  afterEach(() => sink.close())
  return {
    get browser() {
      return browser
    },
    get sink() {
      return sink
    },
  }
}

/** A page of its own storage; what its scripts throw is kept. */
export async function freshPage(
  browser: Browser,
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  return { page, context, errors: watchErrors(page) }
}

export function watchErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  return errors
}

/** The stub makes up each method, but nothing below it. */
export const untilLoaded = (page: Page) =>
  page.waitForFunction(() => typeof window.trialpace?.nudges?.list === 'function')

/** @throws when it does not become true in time. */
export async function until(what: string, holds: () => boolean, withinMs = 8000): Promise<void> {
  const end = Date.now() + withinMs
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Text of an element inside the shadow root of a nudge. */
export const inNudge = (page: Page, id: string, selector: string): Promise<string | null> =>
  page.evaluate(
    (nudgeId, inner) =>
      document.querySelector(`[data-trialpace="${nudgeId}"]`)?.shadowRoot?.querySelector(inner)
        ?.textContent ?? null,
    id,
    selector,
  )

export const clickInNudge = (page: Page, id: string, selector: string): Promise<void> =>
  page.evaluate(
    (nudgeId, inner) => {
      const found = document
        .querySelector(`[data-trialpace="${nudgeId}"]`)
        ?.shadowRoot?.querySelector<HTMLElement>(inner)
      if (!found) throw new Error(`no ${inner} in nudge ${nudgeId}`)
      found.click()
    },
    id,
    selector,
  )
