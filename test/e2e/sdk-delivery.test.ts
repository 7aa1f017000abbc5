import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, snippetPage } from '../support/collect-sink.ts'
import { freshPage, pause, sdkSetup, until, untilLoaded, watchErrors } from '../support/sdk-browser.ts'

const setup = sdkSetup()

/** Tracks and leaves in the same task, over and over. */
const leavingPage = (attributes: string, navigations: number) =>
  snippetPage(
    `<script>addEventListener('load', () => {
      const n = Number(new URLSearchParams(location.search).get('n'))
      if (n >= ${navigations}) return
      trialpace.track('Leaving', { n })
      location.replace(location.pathname + '?n=' + (n + 1))
    })</script>`,
    attributes,
  )

const numbersOf = (event: string) =>
  new Set(setup.sink.named(event).map(({ properties }) => properties?.n as number))

describe('delivery, with the minified build in Chromium', () => {
  test.each([
    [200, 'by beacon alone', 'data-storage="memory"'],
    [50, 'with localStorage', ''],
  ])('%i immediate navigations lose no event, %s', async (navigations, _how, attributes) => {
    const { page, context, errors } = await freshPage(setup.browser)
    await page.goto(`${setup.sink.page('/leaving', leavingPage(attributes, navigations))}?n=0`)
    await page.waitForFunction((n) => location.search === `?n=${n}`, { timeout: 60_000 }, navigations)
    await until('all of them', () => numbersOf('Leaving').size === navigations)
    expect(errors).toEqual([])
    expect(setup.sink.requests.every(({ method }) => method === 'POST')).toBe(true)
    await context.close()
  })

  test('nothing is asked before the first event, and no request needs a preflight', async () => {
    const { page, context } = await freshPage(setup.browser)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
    await page.goto(setup.sink.page('/quiet', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    await pause(400)
    expect(asked).toEqual(['GET /quiet', 'GET /sdk/v1/tp.js'])
    await page.evaluate(() => window.trialpace.track('First'))
    await until('the event', () => setup.sink.named('First').length === 1)
    // The browser tells of a request a moment after the server has it.
    await until('word of the request', () => asked.length > 2)
    expect(asked.slice(2)).toEqual(['POST /v1/b'])
    expect(setup.sink.requests[0]?.headers['content-type']).toMatch(/^text\/plain/)
    expect(setup.sink.named('First')[0]?.messageId).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    await context.close()
  })

  test('what is tracked offline arrives once when the line is back', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage()))
    await untilLoaded(page)
    await until('the page view', () => setup.sink.stored().size === 1)
    await page.setOfflineMode(true)
    await page.evaluate(() => {
      for (let n = 0; n < 5; n++) window.trialpace.track('Offline', { n })
    })
    await pause(400)
    expect(setup.sink.named('Offline')).toEqual([])
    await page.setOfflineMode(false)
    await until('five events', () => setup.sink.named('Offline').length === 5)
    await page.evaluate(() => window.trialpace.flush())
    expect(setup.sink.events().filter(({ event }) => event === 'Offline')).toHaveLength(5)
    await context.close()
  })

  test('events of a killed tab are sent by the next page', async () => {
    const { page, context } = await freshPage(setup.browser)
    const url = setup.sink.page('/', snippetPage())
    await page.goto(url)
    await untilLoaded(page)
    setup.sink.failure = 'drop'
    await page.evaluate(() => {
      for (let n = 0; n < 4; n++) window.trialpace.track('Killed', { n })
    })
    await pause(400)
    const session = await page.createCDPSession()
    session.send('Page.crash').catch(() => {})
    await pause(300)
    setup.sink.failure = null
    const next = await context.newPage()
    await next.goto(url)
    await until('the four events', () => numbersOf('Killed').size === 4)
    expect(setup.sink.named('Killed')).toHaveLength(4)
    await context.close()
  })

  test('five tabs: the one that stays adopts what the others leave behind', async () => {
    const { page, context } = await freshPage(setup.browser)
    const url = setup.sink.page('/', snippetPage('', 'data-pages="off"'))
    const tabs = [page]
    while (tabs.length < 5) tabs.push(await context.newPage())
    for (const tab of tabs) {
      await tab.goto(url)
      await untilLoaded(tab)
    }
    setup.sink.failure = 'drop'
    for (const [index, tab] of tabs.entries())
      await tab.evaluate((n) => {
        for (let i = 0; i < 3; i++) window.trialpace.track('Tabbed', { n: n * 3 + i })
      }, index)
    await pause(300)
    for (const tab of tabs.slice(1)) await tab.close()
    await pause(200)
    setup.sink.failure = null
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await until('fifteen events', () => numbersOf('Tabbed').size === 15)
    expect(setup.sink.named('Tabbed')).toHaveLength(15)
    const left = await page.waitForFunction(
      () => Object.keys(localStorage).filter((key) => key.includes('.q.')).length === 0,
    )
    expect(await left.jsonValue()).toBe(true)
    await context.close()
  })

  test('denied storage: events arrive all the same', async () => {
    const { page, context, errors } = await freshPage(setup.browser)
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    })
    await page.goto(setup.sink.page('/', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Denied'))
    await until('the event', () => setup.sink.named('Denied').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a fetch that throws: the events wait and the next page sends them', async () => {
    const { page, context, errors } = await freshPage(setup.browser)
    const url = setup.sink.page('/', snippetPage())
    await page.evaluateOnNewDocument(() => {
      window.fetch = () => {
        throw new TypeError('blocked')
      }
      navigator.sendBeacon = () => false
    })
    await page.goto(url)
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Blocked'))
    await pause(300)
    expect(setup.sink.stored().size).toBe(0)
    const next = await context.newPage()
    await next.goto(url)
    await page.close()
    await until('the event', () => setup.sink.named('Blocked').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a busy server is asked again, not before its Retry-After', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    setup.sink.failure = { status: 429, retryAfter: '2' }
    const askedAt = Date.now()
    await page.evaluate(() => window.trialpace.track('Busy'))
    await pause(600)
    setup.sink.failure = null
    await until('the event', () => setup.sink.named('Busy').length === 1)
    expect((setup.sink.requests[0]?.at ?? 0) - askedAt).toBeGreaterThanOrEqual(2000)
    await context.close()
  })

  test('calls made before the script is there keep their own time, and are beaconed when the page closes first', async () => {
    const stub = readFileSync(path.join(root, 'dist/sdk/v1/stub.js'), 'utf8')
    const early = `<script>${stub}</script><script>const at = Date.now(); trialpace.identify('u7', { plan: 'x' }); trialpace.track('Early', { n: 1 })</script>`
    const { page, context } = await freshPage(setup.browser)
    await page.setRequestInterception(true)
    let release = () => {}
    let hold = true
    page.on('request', (request) => {
      if (!hold || !request.url().endsWith('tp.js')) return void request.continue()
      release = () => void request.continue()
    })
    const html = snippetPage('', `data-host="${setup.sink.origin}"`, early)
    void page.goto(setup.sink.page('/early', html)).catch(() => {})
    await page.waitForFunction(() => 'trialpace' in window)
    await pause(500)
    const calledAt = await page.evaluate(() =>
      Number((window.trialpace as unknown as { q: [string, unknown, Date][] }).q[1]?.[2]),
    )
    release()
    await until('the early event', () => setup.sink.named('Early').length === 1)
    expect(Date.parse(setup.sink.named('Early')[0]!.timestamp)).toBe(calledAt)
    expect(setup.sink.named('Early')[0]?.userId).toBe('u7')

    const gone = await context.newPage()
    await gone.setRequestInterception(true)
    gone.on('request', (request) => {
      if (hold && request.url().endsWith('tp.js')) return
      void request.continue()
    })
    void gone.goto(setup.sink.page('/early2', html.replace('Early', 'Unloaded'))).catch(() => {})
    await gone.waitForFunction(() => 'trialpace' in window)
    hold = false
    await gone.goto(setup.sink.page('/empty', '<!doctype html><title>x</title>'))
    await until('the beacon of the stub', () => setup.sink.named('Unloaded').length === 1)
    expect(setup.sink.named('Unloaded')[0]).toMatchObject({
      type: 'track',
      userId: 'u7',
      properties: { n: 1 },
    })
    await context.close()
  })

  test('a page that comes back from the back/forward cache goes on', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/a', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => {
      ;(window as { marked?: boolean }).marked = true
    })
    await page.goto(setup.sink.page('/b', snippetPage()))
    await untilLoaded(page)
    const errors = watchErrors(page)
    await page.goBack()
    const restored = await page.evaluate(() => (window as { marked?: boolean }).marked === true)
    await page.evaluate(() => window.trialpace.track('Back', {}))
    await until('the event', () => setup.sink.named('Back').length === 1)
    expect(restored).toBe(true)
    expect(errors).toEqual([])
    await context.close()
  })
})
