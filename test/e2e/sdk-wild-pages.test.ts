import type { Page } from 'puppeteer-core'
import { describe, expect, test } from 'vitest'
import type { NudgeInstance } from '../../shared/collect.ts'
import { aNudge, aTrial, snippetPage, someRules } from '../support/collect-sink.ts'
import { freshPage, pause, sdkSetup, until, untilLoaded } from '../support/sdk-browser.ts'

/** Nudges on pages that were not made for them: style sheets, overlays, layout, frameworks, small windows. */

const setup = sdkSetup()
const freely = { perSession: 1000, perDay: 1000, perWeek: 1000, gapMs: 0 }

/** `Show <id>` brings that nudge. */
function serve(...nudges: Partial<NudgeInstance>[]) {
  const made = nudges.map((it) => aNudge({ id: it.format ?? 'modal', snoozeMs: 1, maxShows: 1000, ...it }))
  setup.sink.answer = (batch) => ({
    trial: aTrial(),
    prefetch: true,
    rules: someRules({ caps: freely, urgent: made.map(({ id }) => `Show ${id}`) }),
    nudges: made.filter(({ id }) => batch.some(({ event }) => event === `Show ${id}`)),
  })
}
async function open(body: string, head = '') {
  const fresh = await freshPage(setup.browser)
  await fresh.page.goto(setup.sink.page('/', snippetPage(body, 'data-pages="off"', head)))
  await untilLoaded(fresh.page)
  return fresh
}
const track = (page: Page, id: string) => page.evaluate((name) => window.trialpace.track(name), `Show ${id}`)
const appears = (page: Page, id: string, timeout = 7000) =>
  page.waitForSelector(`[data-trialpace="${id}"]`, { timeout })
const show = async (page: Page, id: string) => {
  await track(page, id)
  await appears(page, id)
}
const goes = (page: Page, id: string) =>
  page.waitForFunction((it) => !document.querySelector(`[data-trialpace="${it}"]`), { timeout: 5000 }, id)
const isThere = (page: Page, id: string) =>
  page.evaluate((it) => !!document.querySelector(`[data-trialpace="${it}"]`), id)
const reports = (what: string) =>
  setup.sink.named(`Nudge ${what}`).map(({ properties }) => properties?.nudge_id)

/** Where it is, and whether a click on its middle reaches it. */
const look = (page: Page, id: string) =>
  page.evaluate((it) => {
    const host = document.querySelector(`[data-trialpace="${it}"]`)
    const drawn = host?.shadowRoot?.querySelector('.p')
    if (!host || !drawn) return null
    const { x, y, width, height } = drawn.getBoundingClientRect()
    const hit = document.elementFromPoint(x + width / 2, y + height / 2) === host
    return { x, y, width, height, hit, isModal: drawn.matches(':modal') }
  }, id)

const longPage =
  '<main id="root"><h1>App</h1><p class="anchor">Anchor</p><p style="display:block;height:4000px">long</p></main>'

describe('style sheets of the page', () => {
  test('neither hide nor move nor disarm a nudge', async () => {
    serve({ format: 'slideout' }, { format: 'banner' }, { format: 'modal' })
    const { page, context, errors } = await open(longPage, '<style id="theirs"></style>')
    for (const rule of [
      'div:empty{display:none}',
      '*{all:unset}',
      'body>div:not(#root){display:none!important}',
      'body>*{opacity:0!important;visibility:hidden!important}',
      'div{pointer-events:none}',
      'body{pointer-events:none}',
      'body>div{height:100%;overflow:hidden;position:relative!important;transform:scale(.1)!important}',
      'body{transform:translateZ(0)}',
      'html{background:#fff}body{filter:grayscale(.2)}',
      'body{will-change:transform;contain:paint}',
      'body{position:relative;z-index:0;opacity:.9}#root{position:relative;z-index:2147483647}',
      '@layer theirs{[data-trialpace]{display:none!important}}',
    ])
      for (const id of ['slideout', 'banner', 'modal']) {
        await page.evaluate((css) => {
          document.querySelector('#theirs')!.textContent = css
          scrollTo(0, 1500)
        }, rule)
        await show(page, id)
        const seen = await look(page, id)
        expect(seen, `${id} with ${rule}`).toMatchObject({ hit: true, isModal: id === 'modal' })
        expect(seen!.y, `${id} with ${rule}`).toBeGreaterThanOrEqual(0)
        expect(seen!.y + seen!.height).toBeLessThanOrEqual(await page.evaluate(() => innerHeight))
        await page.evaluate((it) => window.trialpace.nudges.snooze(it, 1), id)
        await goes(page, id)
      }
    expect(errors).toEqual([])
    await context.close()
  })

  test('what cannot be seen is not reported, locks nothing, and comes when it can', async () => {
    serve({ format: 'modal' })
    const { page, context } = await open('<button id="work">Work</button>')
    await page.evaluate(() => {
      document.documentElement.style.display = 'none'
    })
    await track(page, 'modal')
    await pause(700)
    expect(await isThere(page, 'modal')).toBe(false)
    await page.evaluate(() => {
      document.documentElement.style.display = ''
    })
    expect(
      await page.evaluate(() => {
        const { x, y } = document.querySelector('#work')!.getBoundingClientRect()
        return document.elementFromPoint(x + 2, y + 2)?.id
      }),
    ).toBe('work')
    expect(reports('Shown')).toEqual([])
    await appears(page, 'modal')
    await until('the exposure', () => reports('Shown').length === 1)
    await context.close()
  })
})

describe('what the page opens itself', () => {
  test('a nudge waits for the page’s dialog; Escape belongs to what was opened last', async () => {
    serve({ format: 'slideout' })
    const { page, context } = await open('<dialog id="own"><button>Save</button></dialog><h1>App</h1>')
    const own = () => page.evaluate(() => document.querySelector<HTMLDialogElement>('#own')!.open)
    const openOwn = () => page.evaluate(() => document.querySelector<HTMLDialogElement>('#own')!.showModal())
    await openOwn()
    await track(page, 'slideout')
    await pause(500)
    expect(await isThere(page, 'slideout')).toBe(false)
    await page.keyboard.press('Escape')
    await appears(page, 'slideout')
    expect(await own()).toBe(false)

    await openOwn()
    await page.keyboard.press('Escape')
    await pause(150)
    expect([await own(), await isThere(page, 'slideout')]).toEqual([false, true])

    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<div role="menu" id="menu">A menu of the page</div>')
    })
    await page.keyboard.press('Escape')
    await pause(150)
    expect(await isThere(page, 'slideout')).toBe(true)
    await page.evaluate(() => document.querySelector('#menu')?.remove())
    await page.keyboard.press('Escape')
    await goes(page, 'slideout')
    await until('one dismissal', () => reports('Dismissed').length === 1)
    await context.close()
  })

  test.each([
    [
      'full screen',
      () => document.querySelector('#stage')!.requestFullscreen(),
      () => document.exitFullscreen(),
    ],
    [
      'a dialog of its own making',
      () => document.querySelector('#stage')!.setAttribute('aria-modal', 'true'),
      () => document.querySelector('#stage')!.removeAttribute('aria-modal'),
    ],
  ] as const)('a banner waits for %s', async (_what, begin, end) => {
    serve({ format: 'banner' })
    const { page, context } = await open('<div id="stage" role="dialog" style="padding:50px">Slides</div>')
    await page.mouse.click(5, 5)
    await page.evaluate(begin)
    await pause(300)
    await track(page, 'banner')
    await pause(600)
    expect(await isThere(page, 'banner')).toBe(false)
    await page.evaluate(end)
    await page.evaluate(() => document.body.append('x'))
    await appears(page, 'banner')
    await context.close()
  })

  test('a body that is swapped keeps the nudge, on top and working; copies of it go', async () => {
    serve({ format: 'modal' }, { format: 'slideout' })
    const { page, context } = await open('<main>1</main>')
    for (const id of ['modal', 'slideout']) {
      await show(page, id)
      await page.evaluate(() => {
        const next = document.body.cloneNode(true) as HTMLElement
        next.querySelector('main')!.textContent = '2'
        document.body.replaceWith(next)
      })
      await page.waitForFunction(
        () => [...document.querySelectorAll('[data-trialpace]')].every(({ shadowRoot }) => shadowRoot),
        { timeout: 3000 },
      )
      await page.waitForSelector(`[data-trialpace="${id}"]`)
      await pause(300)
      expect(await look(page, id)).toMatchObject({ hit: true, isModal: id === 'modal' })
      await page.keyboard.press('Escape')
      await goes(page, id)
      await until('the dismissal', () => reports('Dismissed').includes(id))
    }
    expect(reports('Dismissed')).toEqual(['modal', 'slideout'])
    await context.close()
  })

  test('keys on a nudge’s controls are no shortcuts of the page', async () => {
    serve({ format: 'slideout', action: null })
    const { page, context } = await open('<h1>App</h1>')
    await page.evaluate(() => {
      window.violations = []
      document.addEventListener(
        'keydown',
        (event) => {
          window.violations.push(event.key)
          if (event.key === 'Enter') event.preventDefault()
        },
        true,
      )
    })
    await show(page, 'slideout')
    await page.evaluate(() =>
      document.querySelector('[data-trialpace]')!.shadowRoot!.querySelector<HTMLElement>('.no')!.focus(),
    )
    await page.keyboard.press('Enter')
    await goes(page, 'slideout')
    expect(await page.evaluate(() => window.violations)).toEqual([])
    await context.close()
  })
})

describe('calm', () => {
  test('notices of the browser and errors of other origins are no failure of the page', async () => {
    serve({ format: 'slideout' }, { format: 'survey', question: 'Why?', answers: ['One'] })
    const { page, context } = await open('<img id="broken">')
    await show(page, 'slideout')
    await page.evaluate(() => {
      window.trialpace.nudges.snooze('slideout', 1)
      for (const message of [
        'ResizeObserver loop completed with undelivered notifications.',
        'ResizeObserver loop limit exceeded',
        'Script error.',
      ])
        dispatchEvent(new ErrorEvent('error', { message }))
      document.querySelector<HTMLImageElement>('#broken')!.src = '/none.png'
    })
    await pause(200)
    await show(page, 'survey')
    await page.evaluate(() => {
      window.trialpace.nudges.snooze('survey', 1)
      dispatchEvent(new ErrorEvent('error', { message: 'TypeError: theirs' }))
    })
    await track(page, 'slideout')
    await pause(500)
    expect(await isThere(page, 'slideout')).toBe(false)
    await context.close()
  })

  test('typing in an editor that lives in a frame counts as typing', async () => {
    serve({ format: 'modal' })
    const { page, context } = await open(
      '<iframe id="ed" srcdoc="<body contenteditable></body>"></iframe><p>x</p>',
    )
    await page.click('#ed')
    await page.evaluate(() => {
      document.querySelector<HTMLIFrameElement>('#ed')!.contentDocument!.body.focus()
    })
    await track(page, 'modal')
    await page.keyboard.type('Dear reader', { delay: 40 })
    expect(await isThere(page, 'modal')).toBe(false)
    expect(
      await page.evaluate(
        () => document.querySelector<HTMLIFrameElement>('#ed')!.contentDocument!.body.textContent,
      ),
    ).toBe('Dear reader')
    await page.click('p')
    await appears(page, 'modal')
    await context.close()
  })
})

describe('a tooltip', () => {
  const tip = { format: 'tooltip', anchor: '.anchor' } as const
  const anchored = '<div id="pad"></div><div id="view"><a class="anchor">Upgrade</a></div>'

  test('belongs to the first match that can be seen, never to one that cannot', async () => {
    serve(tip)
    const hidden = '<nav style="display:none"><a class="anchor">Menu</a></nav>'
    const { page, context } = await open(`${hidden}<div style="height:200px"></div><div id="view"></div>`)
    await track(page, 'tooltip')
    await pause(500)
    expect(await isThere(page, 'tooltip')).toBe(false)
    await page.evaluate(() => {
      document.querySelector('#view')!.innerHTML = '<a class="anchor">Seen</a>'
    })
    await appears(page, 'tooltip')
    expect((await look(page, 'tooltip'))!.y).toBeGreaterThan(200)
    await context.close()
  })

  test('waits, without holding up others, until its element is scrolled into view', async () => {
    serve(tip, { format: 'banner' })
    const { page, context } = await open(`<div style="height:3000px"></div>${anchored}`)
    await track(page, 'tooltip')
    await show(page, 'banner')
    expect(await isThere(page, 'tooltip')).toBe(false)
    expect(reports('Shown')).not.toContain('tooltip')
    await page.evaluate(() => document.querySelector('.anchor')!.scrollIntoView({ block: 'center' }))
    await appears(page, 'tooltip')
    await context.close()
  })

  test.each([
    ['is removed', () => document.querySelector('#view')!.replaceChildren()],
    ['is hidden', () => document.querySelector<HTMLElement>('#view')!.style.setProperty('display', 'none')],
    ['is scrolled away for good', () => scrollTo(0, 4000)],
  ] as const)('follows its element, and ends when that %s', async (_how, leave) => {
    serve(tip)
    const { page, context } = await open(`${anchored}<div style="height:6000px"></div>`)
    await show(page, 'tooltip')
    const gap = () =>
      page.evaluate(() => {
        const drawn = document.querySelector('[data-trialpace]')!.shadowRoot!.querySelector('.tip')!
        const { bottom } = document.querySelector('.anchor')!.getBoundingClientRect()
        return Math.round(drawn.getBoundingClientRect().top - bottom)
      })
    await page.evaluate(() =>
      document.querySelector<HTMLElement>('#pad')!.style.setProperty('height', '150px'),
    )
    await pause(100)
    expect(await gap()).toBe(12)
    await page.evaluate(leave)
    await goes(page, 'tooltip')
    expect(reports('Dismissed')).toEqual([])
    await context.close()
  })
})

test('an inline nudge finds its place even where empty elements are hidden', async () => {
  serve({ format: 'inline', anchor: '#slot' })
  const { page, context } = await open('<div id="slot"></div>', '<style>div:empty{display:none}</style>')
  await show(page, 'inline')
  await until('the exposure', () => reports('Shown').length === 1)
  expect(await look(page, 'inline')).toMatchObject({ hit: true })
  await context.close()
})

test('at 320 × 256, four times enlarged, every control can be reached', async () => {
  const body = 'A sentence about what the team would lose without the plan, in its own numbers. '.repeat(7)
  const formats = [
    'banner',
    'slideout',
    'modal',
    'upgrade_wall',
    'survey',
    'checklist',
    'tooltip',
    'countdown',
  ] as const
  serve(
    ...formats.map((format) => ({
      format,
      body,
      anchor: format === 'tooltip' ? '.anchor' : null,
      question: 'Why?',
      answers: ['One', 'Two', 'Three'],
    })),
  )
  const { page, context } = await open(longPage, '<meta name="viewport" content="width=device-width">')
  await page.setViewport({ width: 320, height: 256 })
  for (const id of formats) {
    await show(page, id)
    const unreachable = await page.evaluate((it) => {
      const root = document.querySelector(`[data-trialpace="${it}"]`)!.shadowRoot!
      return [...root.querySelectorAll<HTMLElement>('a,button')]
        .filter((control) => {
          control.scrollIntoView({ block: 'nearest' })
          const { top, bottom, left, right } = control.getBoundingClientRect()
          return top < -1 || left < -1 || bottom > innerHeight + 1 || right > innerWidth + 1
        })
        .map(({ className }) => className)
    }, id)
    expect(unreachable, id).toEqual([])
    await page.evaluate((it) => {
      window.trialpace.nudges.snooze(it, 1)
      scrollTo(0, 0)
    }, id)
    await goes(page, id)
  }
  await context.close()
})

test('a countdown follows a page that turns dark', async () => {
  serve({ format: 'countdown' })
  const { page, context } = await open('<main>App</main>')
  await show(page, 'countdown')
  const theme = () =>
    page.evaluate(() => document.querySelector<HTMLElement>('[data-trialpace]')?.dataset.theme)
  expect(await theme()).toBe('light')
  await page.evaluate(() => document.body.style.setProperty('background', '#111'))
  await page.waitForFunction(
    () => document.querySelector<HTMLElement>('[data-trialpace]')?.dataset.theme === 'dark',
    {
      timeout: 3000,
    },
  )
  await context.close()
})
