import { describe, expect, test } from 'vitest'
import { longPage, nudgePages } from '../support/nudge-page.ts'
import { pause, until } from '../support/sdk-browser.ts'

/** Nudges on pages that were not made for them: style sheets, overlays, frameworks, keys. */

const { serve, open, track, appears, show, goes, isThere, reports, look } = nudgePages()

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
