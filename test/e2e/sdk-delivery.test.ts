import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type CollectSink, root, snippetPage, startCollectSink } from '../support/collect-sink.ts'
import { freshPage, pause, until, untilLoaded, watchErrors } from '../support/sdk-browser.ts'

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
  new Set(sink.named(event).map(({ properties }) => properties?.n as number))

describe('delivery, with the minified build in Chromium', () => {
  test.each([
    [200, 'by beacon alone', 'data-storage="memory"'],
    [50, 'with localStorage', ''],
  ])('%i immediate navigations lose no event, %s', async (navigations, _how, attributes) => {
    const { page, context, errors } = await freshPage(browser)
    await page.goto(`${sink.page('/leaving', leavingPage(attributes, navigations))}?n=0`)
    await page.waitForFunction((n) => location.search === `?n=${n}`, { timeout: 60_000 }, navigations)
    await until('all of them', () => numbersOf('Leaving').size === navigations)
    expect(errors).toEqual([])
    expect(sink.requests.every(({ method }) => method === 'POST')).toBe(true)
    await context.close()
  })

  test('nothing is asked before the first event, and no request needs a preflight', async () => {
    const { page, context } = await freshPage(browser)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
    await page.goto(sink.page('/quiet', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    await pause(400)
    expect(asked).toEqual(['GET /quiet', 'GET /sdk/v1/tp.js'])
    await page.evaluate(() => window.trialpace.track('First'))
    await until('the event', () => sink.named('First').length === 1)
    // The browser tells of a request a moment after the server has it.
    await until('word of the request', () => asked.length > 2)
    expect(asked.slice(2)).toEqual(['POST /v1/b'])
    expect(sink.requests[0]?.headers['content-type']).toMatch(/^text\/plain/)
    expect(sink.named('First')[0]?.messageId).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    await context.close()
  })

  test('what is tracked offline arrives once when the line is back', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage()))
    await untilLoaded(page)
    await until('the page view', () => sink.stored().size === 1)
    await page.setOfflineMode(true)
    await page.evaluate(() => {
      for (let n = 0; n < 5; n++) window.trialpace.track('Offline', { n })
    })
    await pause(400)
    expect(sink.named('Offline')).toEqual([])
    await page.setOfflineMode(false)
    await until('five events', () => sink.named('Offline').length === 5)
    await page.evaluate(() => window.trialpace.flush())
    expect(sink.events().filter(({ event }) => event === 'Offline')).toHaveLength(5)
    await context.close()
  })

  test('events of a killed tab are sent by the next page', async () => {
    const { page, context } = await freshPage(browser)
    const url = sink.page('/', snippetPage())
    await page.goto(url)
    await untilLoaded(page)
    sink.failure = 'drop'
    await page.evaluate(() => {
      for (let n = 0; n < 4; n++) window.trialpace.track('Killed', { n })
    })
    await pause(400)
    const session = await page.createCDPSession()
    session.send('Page.crash').catch(() => {})
    await pause(300)
    sink.failure = null
    const next = await context.newPage()
    await next.goto(url)
    await until('the four events', () => numbersOf('Killed').size === 4)
    expect(sink.named('Killed')).toHaveLength(4)
    await context.close()
  })

  test('five tabs: the one that stays adopts what the others leave behind', async () => {
    const { page, context } = await freshPage(browser)
    const url = sink.page('/', snippetPage('', 'data-pages="off"'))
    const tabs = [page]
    while (tabs.length < 5) tabs.push(await context.newPage())
    for (const tab of tabs) {
      await tab.goto(url)
      await untilLoaded(tab)
    }
    sink.failure = 'drop'
    for (const [index, tab] of tabs.entries())
      await tab.evaluate((n) => {
        for (let i = 0; i < 3; i++) window.trialpace.track('Tabbed', { n: n * 3 + i })
      }, index)
    await pause(300)
    for (const tab of tabs.slice(1)) await tab.close()
    await pause(200)
    sink.failure = null
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await until('fifteen events', () => numbersOf('Tabbed').size === 15)
    expect(sink.named('Tabbed')).toHaveLength(15)
    const left = await page.waitForFunction(
      () => Object.keys(localStorage).filter((key) => key.includes('.q.')).length === 0,
    )
    expect(await left.jsonValue()).toBe(true)
    await context.close()
  })

  test('denied storage: events arrive all the same', async () => {
    const { page, context, errors } = await freshPage(browser)
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    })
    await page.goto(sink.page('/', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Denied'))
    await until('the event', () => sink.named('Denied').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a fetch that throws: the events wait and the next page sends them', async () => {
    const { page, context, errors } = await freshPage(browser)
    const url = sink.page('/', snippetPage())
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
    expect(sink.stored().size).toBe(0)
    const next = await context.newPage()
    await next.goto(url)
    await page.close()
    await until('the event', () => sink.named('Blocked').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a busy server is asked again, not before its Retry-After', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    sink.failure = { status: 429, retryAfter: '2' }
    const askedAt = Date.now()
    await page.evaluate(() => window.trialpace.track('Busy'))
    await pause(600)
    sink.failure = null
    await until('the event', () => sink.named('Busy').length === 1)
    expect((sink.requests[0]?.at ?? 0) - askedAt).toBeGreaterThanOrEqual(2000)
    await context.close()
  })

  test('calls made before the script is there keep their own time, and are beaconed when the page closes first', async () => {
    const stub = readFileSync(path.join(root, 'dist/sdk/v1/stub.js'), 'utf8')
    const early = `<script>${stub}</script><script>const at = Date.now(); trialpace.identify('u7', { plan: 'x' }); trialpace.track('Early', { n: 1 })</script>`
    const { page, context } = await freshPage(browser)
    await page.setRequestInterception(true)
    let release = () => {}
    let hold = true
    page.on('request', (request) => {
      if (!hold || !request.url().endsWith('tp.js')) return void request.continue()
      release = () => void request.continue()
    })
    const html = snippetPage('', `data-host="${sink.origin}"`, early)
    void page.goto(sink.page('/early', html)).catch(() => {})
    await page.waitForFunction(() => 'trialpace' in window)
    await pause(500)
    const calledAt = await page.evaluate(() =>
      Number((window.trialpace as unknown as { q: [string, unknown, Date][] }).q[1]?.[2]),
    )
    release()
    await until('the early event', () => sink.named('Early').length === 1)
    expect(Date.parse(sink.named('Early')[0]!.timestamp)).toBe(calledAt)
    expect(sink.named('Early')[0]?.userId).toBe('u7')

    const gone = await context.newPage()
    await gone.setRequestInterception(true)
    gone.on('request', (request) => {
      if (hold && request.url().endsWith('tp.js')) return
      void request.continue()
    })
    void gone.goto(sink.page('/early2', html.replace('Early', 'Unloaded'))).catch(() => {})
    await gone.waitForFunction(() => 'trialpace' in window)
    hold = false
    await gone.goto(sink.page('/empty', '<!doctype html><title>x</title>'))
    await until('the beacon of the stub', () => sink.named('Unloaded').length === 1)
    expect(sink.named('Unloaded')[0]).toMatchObject({ type: 'track', userId: 'u7', properties: { n: 1 } })
    await context.close()
  })

  test('single-page apps: each new path is a page view, a changed query is not', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/app', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => {
      history.pushState(null, '', '/app/boards')
      history.replaceState(null, '', '/app/boards?sort=name')
      history.pushState(null, '', '/app/boards/1')
    })
    const paths = () =>
      [...sink.stored().values()]
        .filter(({ type }) => type === 'page')
        .map(({ properties }) => properties?.path)
    await until('three page views', () => paths().length === 3)
    await page.goBack()
    await page.goBack()
    await until('the way back', () => paths().length >= 4)
    expect(paths().slice(0, 3)).toEqual(['/app', '/app/boards', '/app/boards/1'])
    await context.close()
  })

  test('pending consent stores and sends nothing; granted sends what waited; denied forgets all', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage('', 'data-consent="pending"')))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Before'))
    await pause(500)
    expect(sink.requests).toEqual([])
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await page.evaluate(() => window.trialpace.consent('granted'))
    await until('what waited', () => sink.named('Before').length === 1)
    await page.reload()
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('After'))
    await until('the consent is remembered', () => sink.named('After').length === 1)
    expect(sink.named('After')[0]?.anonymousId).toBe(sink.named('Before')[0]?.anonymousId)
    await page.evaluate(() => window.trialpace.consent('denied'))
    const before = sink.requests.length
    await page.evaluate(() => window.trialpace.track('Never'))
    await pause(400)
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    expect(sink.requests).toHaveLength(before)
    await context.close()
  })

  test('Global Privacy Control is obeyed', async () => {
    const { page, context } = await freshPage(browser)
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
    })
    await page.goto(sink.page('/', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Never'))
    await pause(400)
    expect(sink.requests).toEqual([])
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await context.close()
  })

  test('another user: the former one’s events leave under their own name, nothing else is carried over', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    await page.evaluate(() => {
      window.trialpace.identify('ada', { team: 'red' })
      window.trialpace.track('Mine')
      window.trialpace.identify('bob')
      window.trialpace.track('His')
    })
    await until('both', () => sink.stored().size === 4)
    const [mine, his] = [sink.named('Mine')[0], sink.named('His')[0]]
    expect([mine?.userId, his?.userId]).toEqual(['ada', 'bob'])
    expect(his?.anonymousId).not.toBe(mine?.anonymousId)
    expect(await page.evaluate(() => window.trialpace.user().traits())).toEqual({})
    await context.close()
  })

  test('plugins change and drop events; one that throws is passed over', async () => {
    const { page, context, errors } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    await page.evaluate(() => {
      window.trialpace.use(() => {
        throw new Error('mine')
      })
      window.trialpace.use((event) => (event.event === 'Secret' ? null : { ...event, name: 'seen' }))
      window.trialpace.track('Secret')
      const circular: Record<string, unknown> = {}
      circular.self = circular
      window.trialpace.track('Circular', circular)
      window.trialpace.track('Open')
    })
    await until('the open one', () => sink.named('Open').length === 1)
    expect([...sink.stored().values()].map(({ event, name }) => [event, name])).toEqual([['Open', 'seen']])
    expect(errors).toEqual([])
    await context.close()
  })

  test('a page that comes back from the back/forward cache goes on', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/a', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => {
      ;(window as { marked?: boolean }).marked = true
    })
    await page.goto(sink.page('/b', snippetPage()))
    await untilLoaded(page)
    const errors = watchErrors(page)
    await page.goBack()
    const restored = await page.evaluate(() => (window as { marked?: boolean }).marked === true)
    await page.evaluate(() => window.trialpace.track('Back', {}))
    await until('the event', () => sink.named('Back').length === 1)
    expect(restored).toBe(true)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a signed identity goes with each request once the user is known', async () => {
    const { page, context } = await freshPage(browser)
    await page.goto(sink.page('/', snippetPage('').replace('data-key="pk_test"', '')))
    await untilLoaded(page)
    await page.evaluate(() => {
      window.trialpace.load('pk_test', { pages: false, identity: () => Promise.resolve('a.b.c') })
      window.trialpace.identify('u1')
    })
    await until('the event', () => sink.stored().size === 1)
    expect(sink.requests[0]?.body?.identityToken).toBe('a.b.c')
    await context.close()
  })
})
