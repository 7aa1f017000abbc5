import { describe, expect, test } from 'vitest'
import { snippetPage } from '../support/collect-sink.ts'
import { freshPage, pause, sdkSetup, until, untilLoaded } from '../support/sdk-browser.ts'

const setup = sdkSetup()

describe('what the snippet says, and of whom, with the minified build in Chromium', () => {
  test('single-page apps: each new path is a page view, a changed query is not', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/app', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => {
      history.pushState(null, '', '/app/boards')
      history.replaceState(null, '', '/app/boards?sort=name')
      history.pushState(null, '', '/app/boards/1')
    })
    const paths = () =>
      [...setup.sink.stored().values()]
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
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage('', 'data-consent="pending"')))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Before'))
    await pause(500)
    expect(setup.sink.requests).toEqual([])
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await page.evaluate(() => window.trialpace.consent('granted'))
    await until('what waited', () => setup.sink.named('Before').length === 1)
    await page.reload()
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('After'))
    await until('the consent is remembered', () => setup.sink.named('After').length === 1)
    expect(setup.sink.named('After')[0]?.anonymousId).toBe(setup.sink.named('Before')[0]?.anonymousId)
    await page.evaluate(() => window.trialpace.consent('denied'))
    const before = setup.sink.requests.length
    await page.evaluate(() => window.trialpace.track('Never'))
    await pause(400)
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    expect(setup.sink.requests).toHaveLength(before)
    await context.close()
  })

  test('Global Privacy Control is obeyed', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
    })
    await page.goto(setup.sink.page('/', snippetPage()))
    await untilLoaded(page)
    await page.evaluate(() => window.trialpace.track('Never'))
    await pause(400)
    expect(setup.sink.requests).toEqual([])
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await context.close()
  })

  test('another user: the former one’s events leave under their own name, nothing else is carried over', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage('', 'data-pages="off"')))
    await untilLoaded(page)
    await page.evaluate(() => {
      window.trialpace.identify('ada', { team: 'red' })
      window.trialpace.track('Mine')
      window.trialpace.identify('bob')
      window.trialpace.track('His')
    })
    await until('both', () => setup.sink.stored().size === 4)
    const [mine, his] = [setup.sink.named('Mine')[0], setup.sink.named('His')[0]]
    expect([mine?.userId, his?.userId]).toEqual(['ada', 'bob'])
    expect(his?.anonymousId).not.toBe(mine?.anonymousId)
    expect(await page.evaluate(() => window.trialpace.user().traits())).toEqual({})
    await context.close()
  })

  test('plugins change and drop events; one that throws is passed over', async () => {
    const { page, context, errors } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage('', 'data-pages="off"')))
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
    await until('the open one', () => setup.sink.named('Open').length === 1)
    expect([...setup.sink.stored().values()].map(({ event, name }) => [event, name])).toEqual([
      ['Circular', 'seen'],
      ['Open', 'seen'],
    ])
    expect(errors).toEqual([])
    await context.close()
  })

  test('a signed identity goes with each request once the user is known', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.goto(setup.sink.page('/', snippetPage('').replace('data-key="pk_test"', '')))
    await untilLoaded(page)
    await page.evaluate(() => {
      window.trialpace.load('pk_test', { pages: false, identity: () => Promise.resolve('a.b.c') })
      window.trialpace.identify('u1')
    })
    await until('the event', () => setup.sink.stored().size === 1)
    expect(setup.sink.requests[0]?.body?.identityToken).toBe('a.b.c')
    await context.close()
  })
})
