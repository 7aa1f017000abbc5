import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { aNudge, aTrial, root, snippetPage, someRules } from '../support/collect-sink.ts'
import { freshPage, pause, sdkSetup, until, untilLoaded } from '../support/sdk-browser.ts'

/** Delivery and identity where endpoints, flags and pages misbehave. */

const setup = sdkSetup()
const stub = () => `<script>${readFileSync(path.join(root, 'dist/sdk/v1/stub.js'), 'utf8')}</script>`

async function open(html = snippetPage('', 'data-pages="off"'), prepare?: string) {
  const fresh = await freshPage(setup.browser)
  if (prepare) await fresh.page.evaluateOnNewDocument(prepare)
  await fresh.page.goto(setup.sink.page('/', html))
  await untilLoaded(fresh.page)
  return fresh
}
const pageViews = () => [...setup.sink.stored().values()].filter(({ type }) => type === 'page')
const all = () => [...setup.sink.stored().values()]

describe('delivery', () => {
  test('navigator.onLine has no veto', async () => {
    const { page, context } = await open(
      undefined,
      `Object.defineProperty(navigator, 'onLine', { get: () => false })`,
    )
    await page.evaluate(() => window.trialpace.track('Offline, it says'))
    await until('the event', () => all().length === 1)
    await context.close()
  })

  test.each([
    ['hangs', `() => new Promise(() => {})`],
    ['answers with the login page', `async () => '<!doctype html>' + '<p>Sign in</p>'.repeat(7000)`],
    ['answers with an object', `async () => ({ token: 'x' })`],
    ['rejects', `() => Promise.reject(new Error('x'))`],
    ['throws', `() => { throw new Error('x') }`],
  ])('an identity endpoint that %s costs its time limit at most', async (_how, code) => {
    const html = snippetPage().replace('data-key="pk_test"', '')
    const { page, context, errors } = await open(html)
    await page.evaluate(
      `trialpace.load('pk_test', { pages: false, identity: ${code} }); trialpace.identify('ann')`,
    )
    await until('the identify', () => all().length === 1, 5000)
    await page.evaluate(() => window.trialpace.track('Next'))
    await until('the next one, at once', () => setup.sink.named('Next').length === 1, 2500)
    expect(setup.sink.requests.map(({ body }) => body?.identityToken ?? null)).toEqual([null, null])
    expect(errors).toEqual([])
    await context.close()
  })

  test('two copies of the snippet are one', async () => {
    const tag = '<script async src="/sdk/v1/tp.js" data-key="pk_test"></script>'
    const { page, context } = await open(snippetPage(stub() + tag + tag, '', stub()))
    await pause(400)
    await page.evaluate(() => {
      history.pushState(null, '', '/two')
      document.title = 'Two'
      window.trialpace.track('Once')
    })
    await until('the second page', () => pageViews().length >= 2)
    await pause(700)
    expect(pageViews().map(({ properties }) => properties?.path)).toEqual(['/', '/two'])
    expect(setup.sink.named('Once')).toHaveLength(1)
    await context.close()
  })

  test('a page that is rendered ahead says nothing until someone looks at it', async () => {
    const { page, context } = await freshPage(setup.browser)
    const next = setup.sink.page(
      '/next',
      snippetPage(`<script>trialpace.track('Looked')</script>`, '', stub()),
    )
    const rules = `<script type="speculationrules">{"prerender":[{"source":"list","urls":["${next}"]}]}</script>`
    await page.goto(
      setup.sink.page('/start', `<!doctype html><title>s</title><a id="go" href="/next">Next</a>${rules}`),
    )
    await pause(1500)
    expect(setup.sink.requests).toEqual([])
    await page.evaluate(() => document.querySelector<HTMLElement>('#go')!.click()).catch(() => {})
    await until('the events', () => setup.sink.named('Looked').length === 1 && pageViews().length === 1)
    await context.close()
  })

  test('a new page of a single-page app comes with its own title, hashbang routes too', async () => {
    const { page, context } = await open(snippetPage())
    await page.evaluate(async () => {
      for (const name of ['billing', 'team']) {
        history.pushState(null, '', `/${name}`)
        await new Promise((resolve) => setTimeout(resolve, 120))
        document.title = name
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      location.hash = '#!/board'
      document.title = 'board'
    })
    await until('all pages', () => pageViews().length === 4)
    expect(pageViews().map(({ properties }) => [properties?.path, properties?.title])).toEqual([
      ['/', 'Test page'],
      ['/billing', 'billing'],
      ['/team', 'team'],
      ['/team#!/board', 'board'],
    ])
    await page.evaluate(() => history.pushState(null, '', '/left'))
    await page.goto('about:blank')
    await until('the last page', () => pageViews().length === 5)
    await context.close()
  })

  test('an event that fills a request leaves alone, and holds up nothing', async () => {
    const { page, context } = await open()
    await page.evaluate(() => {
      window.trialpace.track('Large', { text: '漢'.repeat(9_500), more: '漢'.repeat(9_500) })
      for (let n = 0; n < 6; n++) window.trialpace.track('Small', { text: '漢'.repeat(5_000), n })
    })
    await until('all', () => setup.sink.named('Small').length === 6 && setup.sink.named('Large').length === 1)
    expect(setup.sink.named('Large')[0]?.properties?.text).toHaveLength(9_500)
    await context.close()
  })
})

describe('who it is', () => {
  test('reset, denied consent and another user in another tab end what is shown, with a signal', async () => {
    setup.sink.answer = (batch) => ({
      trial: aTrial(),
      prefetch: true,
      rules: someRules({ urgent: ['Aha'] }),
      nudges: batch.some(({ event }) => event === 'Aha') ? [aNudge({ id: 'list', format: 'checklist' })] : [],
    })
    const { page, context } = await open()
    const signals = () => page.evaluate(() => window.violations.length)
    await page.evaluate(() => {
      window.violations = []
      window.trialpace.on('reset', () => window.violations.push('reset'))
      window.trialpace.identify('first')
      window.trialpace.track('Aha')
    })
    await page.waitForSelector('[data-trialpace="list"]')
    const other = await context.newPage()
    await other.goto(setup.sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(other)
    await other.evaluate(() => window.trialpace.identify('second'))
    await page.waitForFunction(() => !document.querySelector('[data-trialpace]'))
    expect(await page.evaluate(() => window.trialpace.user().id())).toBe('second')
    expect(await signals()).toBe(1)
    await page.evaluate(() => window.trialpace.reset())
    expect(await signals()).toBe(2)
    await page.evaluate(() => window.trialpace.consent('denied'))
    expect(await signals()).toBe(3)
    await context.close()
  })

  test('alias says both ids, and goes on as the new one', async () => {
    const { page, context } = await open()
    await page.evaluate(() => {
      window.trialpace.identify('ann@example.com')
      window.trialpace.alias('17')
      window.trialpace.track('After')
    })
    await until('all', () => all().length === 3)
    expect(all()[1]).toMatchObject({ type: 'alias', userId: '17', previousId: 'ann@example.com' })
    expect(setup.sink.named('After')[0]).toMatchObject({ userId: '17', anonymousId: all()[0]?.anonymousId })
    await context.close()
  })

  test.each([
    ['de_DE', 'de-DE'],
    ['x-default', 'en-US'],
  ])('<html lang="%s"> is %s', async (lang, tag) => {
    const { page, context } = await open(
      snippetPage('', 'data-pages="off"').replace('lang="en"', `lang="${lang}"`),
      `Object.defineProperty(navigator, 'language', { get: () => 'en-US@posix' })`,
    )
    await page.evaluate(() => window.trialpace.track('Said'))
    await until('the event', () => all().length === 1)
    expect(setup.sink.requests[0]?.body?.locale).toBe(tag)
    await context.close()
  })
})
