import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { aNudge, aTrial, root, snippetPage, someRules } from '../support/collect-sink.ts'
import { freshPage, sdkSetup, until, untilLoaded } from '../support/sdk-browser.ts'

/** Calls, events and identities on pages that were not made for them. */

const setup = sdkSetup()
const stub = () => `<script>${readFileSync(path.join(root, 'dist/sdk/v1/stub.js'), 'utf8')}</script>`

async function open(html = snippetPage('', 'data-pages="off"'), prepare?: string) {
  const fresh = await freshPage(setup.browser)
  if (prepare) await fresh.page.evaluateOnNewDocument(prepare)
  await fresh.page.goto(setup.sink.page('/', html))
  await untilLoaded(fresh.page)
  return fresh
}
const all = () => [...setup.sink.stored().values()]

describe('hostile natives', () => {
  test('libraries of old and replaced members of window: events arrive, rules decide, nudges show', async () => {
    setup.sink.answer = () => ({
      trial: aTrial(),
      prefetch: true,
      rules: someRules({
        caps: { perSession: 9, perDay: 9, perWeek: 9, gapMs: 0 },
        rules: [
          {
            nudge: aNudge({ id: 'local', format: 'slideout' }),
            on: { event: 'Second' },
            when: { trait: { path: 'plan.name', is: 'free' } },
          },
        ],
      }),
    })
    const hostile = `Array.prototype.toJSON = function () { return '[' + this.join() + ']' }
       String.prototype.toJSON = Date.prototype.toJSON = function () { return '"' + this + '"' }
       Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] }
       Object.prototype.each = Object.prototype.extend = function () {}
       const Native = Promise
       window.Promise = class { constructor(task) { this.native = new Native(task) }
         then(...both) { return this.native.then(...both) } catch(it) { return this.native.catch(it) } }
       window.Map = window.Set = window.URL = window.Event = window.Request = window.Node = function () {}`
    const calls = `trialpace.identify('ann', { plan: { name: 'free' }, tags: ['a'] })
       trialpace.track('First', { tags: ['a', 'b'], at: new Date(0) })
       setTimeout(() => trialpace.track('Second'), 1000)`
    const { page, context, errors } = await freshPage(setup.browser)
    // Nothing is evaluated in that page from outside: the tool that does it needs natives too.
    const html = snippetPage(
      '',
      'data-pages="off"',
      `<script>${hostile}</script>${stub()}<script>${calls}</script>`,
    )
    await page.goto(setup.sink.page('/', html))
    await until('the event', () => setup.sink.named('First').length === 1)
    expect(setup.sink.named('First')[0]).toMatchObject({
      userId: 'ann',
      properties: { tags: ['a', 'b'], at: '1970-01-01T00:00:00.000Z' },
    })
    await until('the nudge', () => setup.sink.named('Nudge Shown').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('an odd trait costs itself, neither the identity nor the event', async () => {
    const { page, context, errors } = await open()
    await page.evaluate(() => {
      const odd: Record<string, unknown> = {
        role: 'lead',
        account: 9007199254740993n,
        element: document.body,
      }
      odd.self = odd
      odd.large = '漢'.repeat(25_000)
      Object.defineProperty(odd, 'boom', { enumerable: true, get: () => document.querySelector('!') })
      window.trialpace.identify('ann', odd)
      window.trialpace.track('Made', odd, { timestamp: 'nope' })
      window.trialpace.track('Bare', null as never, null as never)
    })
    await until('all', () => all().length === 3)
    const kept = { role: 'lead', account: '9007199254740993' }
    expect(all()[0]).toMatchObject({ userId: 'ann', traits: kept })
    expect(setup.sink.named('Made')[0]).toMatchObject({ userId: 'ann', properties: kept })
    expect(setup.sink.named('Made')[0]?.properties).not.toHaveProperty('large')
    expect(Date.parse(setup.sink.named('Made')[0]!.timestamp)).toBeGreaterThan(Date.now() - 60_000)
    expect(setup.sink.named('Bare')[0]).toMatchObject({ properties: {} })
    expect(await page.evaluate(() => window.trialpace.user().traits())).toMatchObject(kept)
    expect(errors).toEqual([])
    await context.close()
  })

  test('what stands for no one is no id', async () => {
    const { page, context } = await open()
    await page.evaluate(() => {
      const odd = [
        'undefined',
        'null',
        Number.NaN,
        '[object Object]',
        false,
        [1],
        Symbol('x'),
        () => 1,
        'None',
      ]
      for (const id of odd) {
        window.trialpace.identify(id as string, { odd: true })
        window.trialpace.alias(id as string)
        window.trialpace.group(id as string)
        window.trialpace.setAnonymousId(id as string)
        window.trialpace.track(id as string)
      }
      window.trialpace.track({ event: 'Object' } as never)
      window.trialpace.identify('')
      window.trialpace.identify(null)
      window.trialpace.identify(0)
      window.trialpace.track('Last')
    })
    await until('the last', () => setup.sink.named('Last').length === 1)
    expect(all().map(({ type, event, userId }) => [type, event, userId])).toEqual([
      ['identify', undefined, undefined],
      ['identify', undefined, undefined],
      ['identify', undefined, '0'],
      ['track', 'Last', '0'],
    ])
    await context.close()
  })
})

describe('before the script is there', () => {
  test('every method answers safely, and nothing is a promise by accident', async () => {
    const early = `${stub()}<script>
      window.out = [trialpace.trial(), trialpace.user().id(), trialpace.nudges.list(), typeof trialpace.then, JSON.stringify({ trialpace }).length > 0]
      trialpace.nudges.dismiss('x')
      window.heard = []
      trialpace.on('track', (event) => heard.push('ended ' + event.event))()
      window.end = trialpace.on('track', (event) => heard.push(event.event))
      const { track } = trialpace
      window.later = track
      track('Early')
      ;(async () => { await trialpace; await trialpace.flush(); out.push('awaited') })()</script>`
    const { page, context, errors } = await open(snippetPage('', 'data-pages="off"', early))
    await page.evaluate(() => (window as unknown as { later(name: string): void }).later('Later'))
    await until('both', () => setup.sink.named('Later').length === 1)
    await page.evaluate(() => {
      ;(window as unknown as { end(): void }).end()
      window.trialpace.track('Unheard')
    })
    const { out, heard } = await page
      .evaluate(() => window as unknown as { out: unknown[]; heard: string[] })
      .then(() =>
        page.evaluate(() => ({
          out: (window as never as { out: unknown[] }).out,
          heard: (window as never as { heard: string[] }).heard,
        })),
      )
    expect(out).toEqual([null, null, [], 'undefined', true, 'awaited'])
    expect(heard).toEqual(['Early', 'Later'])
    expect(errors).toEqual([])
    await context.close()
  })

  test('an element with the id "trialpace" does no harm', async () => {
    const html = `<!doctype html><html lang="en"><head><title>T</title><link rel="icon" href="data:,"></head><body>
      <a id="trialpace" href="#">Trialpace</a>${stub()}<script async src="/sdk/v1/tp.js" data-key="pk_test" data-pages="off"></script>
      <script>trialpace.track('Clobbered')</script></body></html>`
    const { context, errors } = await open(html)
    await until('the event', () => setup.sink.named('Clobbered').length === 1)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a tag without data-host sends what is early where the script comes from', async () => {
    const { page, context } = await freshPage(setup.browser)
    await page.setRequestInterception(true)
    page.on('request', (request) => {
      if (!request.url().endsWith('tp.js')) void request.continue()
    })
    const html = snippetPage('', '', `${stub()}<script>trialpace.track('Left')</script>`)
    void page.goto(setup.sink.page('/early', html)).catch(() => {})
    await page.waitForFunction(() => 'trialpace' in window)
    await page.goto(setup.sink.page('/empty', '<!doctype html><title>x</title>'))
    await until('the beacon', () => setup.sink.named('Left').length === 1)
    await context.close()
  })
})
