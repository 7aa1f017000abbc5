import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'puppeteer-core'
import { describe, expect, test } from 'vitest'
import { aNudge, aTrial, snippetPage, someRules } from '../support/collect-sink.ts'
import { gallery, galleryPage } from '../support/nudge-gallery.ts'
import { freshPage, pause, sdkSetup, until, untilLoaded } from '../support/sdk-browser.ts'

const setup = sdkSetup()

const freely = { perSession: 100, perDay: 100, perWeek: 100, gapMs: 0 }

/** Answers `Show <format>` with that nudge of the gallery. */
function answerWith(dir: 'ltr' | 'rtl') {
  setup.sink.answer = (batch) => ({
    trial: aTrial(),
    rules: someRules({ caps: freely, urgent: gallery(dir).map(({ format }) => `Show ${format}`) }),
    nudges: gallery(dir).filter(({ format }) => batch.some(({ event }) => event === `Show ${format}`)),
  })
}

async function showEach(page: Page, dir: 'ltr' | 'rtl', look: (id: string) => Promise<void>) {
  answerWith(dir)
  await untilLoaded(page)
  for (const { id } of gallery(dir)) {
    await page.evaluate((format) => window.trialpace.track(`Show ${format}`), id)
    await page.waitForSelector(`[data-trialpace="${id}"]`, { timeout: 8000 })
    await look(id)
    await page.evaluate((nudgeId) => window.trialpace.nudges.dismiss(nudgeId), id)
    await page.waitForFunction((nudgeId) => !document.querySelector(`[data-trialpace="${nudgeId}"]`), {}, id)
  }
}

describe('under a strict policy', () => {
  test('every format shows with no violation of CSP or Trusted Types', async () => {
    const { page, context, errors } = await freshPage(setup.browser)
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${setup.sink.origin}; require-trusted-types-for 'script'; trusted-types 'none'`
    await page.evaluateOnNewDocument(() => {
      window.violations = []
      addEventListener('securitypolicyviolation', (event) => {
        // The test page’s own icon.
        if (event.blockedURI !== 'data')
          window.violations.push(`${event.violatedDirective} ${event.blockedURI}`)
      })
    })
    const body = galleryPage.replace(/<style>.*<\/style>/, '')
    await page.goto(setup.sink.page('/strict', snippetPage(body), { 'content-security-policy': policy }))
    await showEach(page, 'ltr', async (id) => {
      const { display, background } = await page.evaluate((nudgeId) => {
        const drawn = document.querySelector(`[data-trialpace="${nudgeId}"]`)?.shadowRoot?.querySelector('.p')
        const style = getComputedStyle(drawn as Element)
        return { display: style.display, background: style.backgroundColor }
      }, id)
      expect(display).not.toBe('none')
      expect(background, 'the style sheet applies').toBe('rgb(255, 255, 255)')
    })
    // Proof that the policy is in force.
    await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>x</b>'
      } catch {}
    })
    const violations = await page.evaluate(() => window.violations)
    expect(violations).toEqual(['require-trusted-types-for trusted-types-sink'])
    expect(errors).toEqual([])
    await context.close()
  })
})

describe('accessible', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

  test.each([
    ['light', 'ltr'],
    ['light', 'rtl'],
    ['dark', 'ltr'],
    ['dark', 'rtl'],
  ] as const)('axe finds nothing in any format, %s, %s', async (theme, dir) => {
    const { page, context } = await freshPage(setup.browser)
    const html = snippetPage(galleryPage.replace('<main>', `<main class="${theme}">`))
    await page.goto(
      setup.sink.page(
        '/a11y',
        html
          .replace('<html lang="en">', `<html lang="en" dir="${dir}">`)
          .replace('<body>', `<body class="${theme}">`),
      ),
    )
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }])
    await page.evaluate(axe)
    const found: string[] = []
    await showEach(page, dir, async (id) => {
      const results = await page.evaluate(() =>
        (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      )
      const themed = await page.evaluate(
        (nudgeId) => document.querySelector<HTMLElement>(`[data-trialpace="${nudgeId}"]`)?.dataset.theme,
        id,
      )
      expect(themed).toBe(theme)
      for (const { id: rule, nodes } of results.violations)
        found.push(
          `${id}: ${rule} ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`,
        )
    })
    expect(found).toEqual([])
    await context.close()
  })
})

/** Each is run in the page before anything else. */
const sabotage: [name: string, code: string][] = [
  ['localStorage', `Object.defineProperty(window, 'localStorage', { get() { throw boom() } })`],
  ['localStorage.setItem', `Storage.prototype.setItem = () => { throw boom() }`],
  ['localStorage.getItem', `Storage.prototype.getItem = () => { throw boom() }`],
  ['crypto', `Object.defineProperty(window, 'crypto', { get() { throw boom() } })`],
  ['crypto.randomUUID', `Crypto.prototype.randomUUID = () => { throw boom() }`],
  ['fetch', `window.fetch = () => { throw boom() }`],
  ['fetch, rejecting', `window.fetch = () => Promise.reject(boom())`],
  ['fetch, odd answer', `window.fetch = () => Promise.resolve(new Response('{"success":true}'))`],
  ['sendBeacon', `navigator.sendBeacon = () => { throw boom() }`],
  ['navigator.locks', `Object.defineProperty(navigator, 'locks', { get() { throw boom() } })`],
  ['no navigator.locks', `Object.defineProperty(navigator, 'locks', { value: undefined })`],
  ['locks.request', `LockManager.prototype.request = () => { throw boom() }`],
  ['locks.request, rejecting', `LockManager.prototype.request = () => Promise.reject(boom())`],
  ['AbortController', `window.AbortController = class { constructor() { throw boom() } }`],
  ['AbortSignal.timeout', `AbortSignal.timeout = () => { throw boom() }`],
  [
    'history',
    `delete history.pushState; Object.defineProperty(history, 'pushState', { get() { throw boom() } })`,
  ],
  ['Intl', `window.Intl = new Proxy({}, { get() { throw boom() } })`],
  ['requestIdleCallback', `window.requestIdleCallback = () => { throw boom() }`],
  ['requestAnimationFrame', `window.requestAnimationFrame = () => { throw boom() }`],
  ['MessageChannel', `window.MessageChannel = class { constructor() { throw boom() } }`],
  ['MutationObserver', `window.MutationObserver = class { constructor() { throw boom() } }`],
  ['IntersectionObserver', `window.IntersectionObserver = class { constructor() { throw boom() } }`],
  ['CSSStyleSheet', `window.CSSStyleSheet = class { constructor() { throw boom() } }`],
  ['attachShadow', `Element.prototype.attachShadow = () => { throw boom() }`],
  ['showModal', `HTMLDialogElement.prototype.showModal = () => { throw boom() }`],
  ['matchMedia', `window.matchMedia = () => { throw boom() }`],
  ['getComputedStyle', `window.getComputedStyle = () => { throw boom() }`],
  ['querySelector', `Document.prototype.querySelector = () => { throw boom() }`],
  ['addEventListener', `EventTarget.prototype.addEventListener = () => { throw boom() }`],
  ['performance.now', `performance.now = () => { throw boom() }`],
  ['setTimeout', `window.setTimeout = () => { throw boom() }`],
  ['clearTimeout', `window.clearTimeout = () => { throw boom() }`],
  ['JSON.stringify', `JSON.stringify = () => { throw boom() }`],
  ['JSON.parse', `JSON.parse = () => { throw boom() }`],
  ['Date.toISOString', `Date.prototype.toJSON = () => { throw boom() }`],
  ['navigator.onLine', `Object.defineProperty(navigator, 'onLine', { get() { throw boom() } })`],
  ['document.referrer', `Object.defineProperty(Document.prototype, 'referrer', { get() { throw boom() } })`],
]

function useEverything() {
  const { trialpace } = window
  trialpace?.identify('u1', { a: 1 })
  trialpace?.track('Report Made', { n: 1 })
  trialpace?.page('Named')
  trialpace?.group('g')
  try {
    history.pushState(null, '', '/host/2')
  } catch {}
  void trialpace?.flush()
}

function endEverything() {
  const { trialpace } = window
  for (const { id } of trialpace?.nudges.list() ?? []) trialpace.nudges.dismiss(id)
  trialpace?.consent('denied')
  trialpace?.consent('granted')
  trialpace?.reset()
  trialpace?.trial()
}

describe('the host page never notices', () => {
  test('no exception with any browser API throwing', async () => {
    const nudges = ['banner', 'modal', 'countdown', 'tooltip', 'inline'].map((format) =>
      aNudge({ ...gallery('ltr').find((it) => it.format === format), id: format }),
    )
    setup.sink.answer = () => ({
      trial: aTrial(),
      prefetch: true,
      nudges,
      rules: someRules({
        caps: freely,
        rules: [{ nudge: aNudge({ id: 'local', format: 'slideout' }), on: 'any', when: {} }],
      }),
    })
    const url = setup.sink.page('/host', snippetPage(galleryPage))
    const context = await setup.browser.createBrowserContext()
    const thrown: string[] = []
    const visit = async ([name, code]: (typeof sabotage)[number]) => {
      const page = await context.newPage()
      page.on('pageerror', (error) => thrown.push(`${name}: ${error}`))
      await page.evaluateOnNewDocument(`{ const boom = () => new TypeError('sabotage'); ${code} }`)
      await page.goto(url, { waitUntil: 'load' })
      await page.evaluate(useEverything)
      await pause(150)
      await page.evaluate(endEverything)
      await pause(50)
      await page.close({ runBeforeUnload: false })
    }
    const rest = [...sabotage]
    const worker = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) await visit(next)
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    expect(thrown).toEqual([])
    await context.close()
  })

  test('subscribers and callbacks of the page that throw harm nobody', async () => {
    const { page, context, errors } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => {
      const boom = () => {
        throw new Error('theirs')
      }
      window.trialpace.on('track', boom)
      window.trialpace.ready(boom)
      window.trialpace.track('Once', {}, {}, boom)
    })
    await until('the event', () => setup.sink.named('Once').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })
})
