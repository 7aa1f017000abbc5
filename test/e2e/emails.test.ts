import axe from 'axe-core'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { launchBrowser } from '../support/browser.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'
import { serveTracking, type TrackingServer } from '../support/serve-tracking.ts'

/** Each palette and each width at least once. */
const screens = [
  { scheme: 'light', width: 320 },
  { scheme: 'dark', width: 320 },
  { scheme: 'dark', width: 600 },
] as const
const render = createRenderMail(readTemplateFiles(templatesDir))
let browser: Browser
let page: Page
let tracking: TrackingServer

beforeAll(async () => {
  browser = await launchBrowser()
  page = await browser.newPage()
  tracking = await serveTracking(Date.UTC(2026, 10, 23, 9, 30))
})
afterAll(async () => {
  await browser.close()
  await tracking.close()
})

/** Rules that are broken by what is on screen, and whether it is wider than the screen. */
async function faultsOf(): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const { violations } = await run.run(document, {
      // An email has neither the landmarks nor the heading order of a web page.
      rules: {
        region: { enabled: false },
        'landmark-one-main': { enabled: false },
        'page-has-heading-one': { enabled: false },
      },
    })
    const overflow = document.documentElement.scrollWidth - innerWidth
    return [
      ...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
      ...(overflow > 0 ? [`${overflow} px too wide`] : []),
    ]
  })
}

async function everywhere(show: () => Promise<unknown>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { scheme, width } of screens) {
    await page.setViewport({ width, height: 700, isMobile: width < 400 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    await show()
    const faults = await faultsOf()
    if (faults.length > 0) found[`${scheme} ${width}`] = faults
  }
  return found
}

describe('an email on screen', () => {
  it.each(shippedKinds)(
    '%s is accessible and fits, light and dark, narrow and wide, both directions',
    async (kind) => {
      for (const locale of ['en', 'ar']) {
        const view = withLinks({ ...sampleFacts(kind) }, false)
        const { html } = render({ template: kind, locale, subject: null, view })
        expect(await everywhere(() => page.setContent(html)), locale).toEqual({})
      }
    },
  )

  it('has answers that a thumb can hit', async () => {
    const view = withLinks(sampleFacts('ended_survey'), false)
    await page.setViewport({ width: 320, height: 700, isMobile: true })
    await page.setContent(render({ template: 'ended_survey', locale: 'en', subject: null, view }).html)
    const heights = await page.$$eval('a[href*="/s/"]', (links) =>
      links.map((link) => link.getBoundingClientRect().height),
    )
    expect(heights).toHaveLength(view.survey.answers.length)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
  })
})

describe('a page behind a link', () => {
  it.each(['en', 'ar'])('is accessible, fits and works without scripts in %s', async (locale) => {
    const token = await tracking.sendMail(`browser-${locale}`, { locale })
    // Axe itself is a script, which the page's own policy rightly keeps out.
    await page.setBypassCSP(true)
    for (const path of [`/x/${token}`, `/s/${token}/price`, `/u/${token}`, '/u/nothing'])
      expect(await everywhere(() => page.goto(tracking.url + path)), path).toEqual({})
    await page.setBypassCSP(false)
    const strict = await browser.newPage()
    await strict.setJavaScriptEnabled(false)
    await strict.goto(`${tracking.url}/x/${token}`)
    const before = (await tracking.trialOf(`browser-${locale}`)).clock.endsAt
    await Promise.all([strict.waitForNavigation(), strict.click('button')])
    expect((await tracking.trialOf(`browser-${locale}`)).clock.endsAt).toBeGreaterThan(before as number)
    // The policy lets the page's own style sheet in, and nothing else.
    expect(await strict.$eval('body > div', (card) => getComputedStyle(card).maxWidth)).toBe('440px')
    await strict.close()
  })
})
