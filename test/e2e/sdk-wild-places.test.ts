import { describe, expect, test } from 'vitest'
import { longPage, nudgePages } from '../support/nudge-page.ts'
import { pause, until } from '../support/sdk-browser.ts'

/** Where a nudge stands: at an element, in a small window, on a page that turns dark. */

const { serve, open, track, appears, show, goes, isThere, reports, look } = nudgePages()

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

  const shadowed = (inner: string) =>
    `<x-app></x-app><script>for (const [name, inner] of [['x-app', '<div><x-menu></x-menu></div>'], ['x-menu', ${JSON.stringify(inner)}]])
      customElements.define(name, class extends HTMLElement {
        connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = inner }
      })</script>`

  test('finds its element in open shadow roots, follows it, and ends with it', async () => {
    serve(tip)
    const hidden = '<nav style="display:none"><a class="anchor">Menu</a></nav>'
    const { page, context } = await open(
      hidden + shadowed('<p id="pad" style="margin:120px 0 0"></p><a class="anchor">Upgrade</a>'),
    )
    await show(page, 'tooltip')
    const inMenu = (selector: string) =>
      page.evaluateHandle(
        (it) =>
          document
            .querySelector('x-app')!
            .shadowRoot!.querySelector('x-menu')!
            .shadowRoot!.querySelector(it)!,
        selector,
      )
    const bottom = async () =>
      Math.round(await (await inMenu('.anchor')).evaluate((it) => it.getBoundingClientRect().bottom))
    expect(await look(page, 'tooltip')).toMatchObject({ hit: true })
    expect(Math.round((await look(page, 'tooltip'))!.y)).toBe((await bottom()) + 12)
    await (await inMenu('#pad')).evaluate((it) => (it as HTMLElement).style.setProperty('height', '80px'))
    await pause(100)
    expect(Math.round((await look(page, 'tooltip'))!.y)).toBe((await bottom()) + 12)
    await (await inMenu('.anchor')).evaluate((it) => it.remove())
    await goes(page, 'tooltip')
    await context.close()
  })

  test('waits for its element in a shadow root that comes later', async () => {
    serve(tip)
    const { page, context } = await open('<x-late></x-late>')
    await track(page, 'tooltip')
    await pause(400)
    expect(await isThere(page, 'tooltip')).toBe(false)
    await page.evaluate(() => {
      document.querySelector('x-late')!.attachShadow({ mode: 'open' }).innerHTML =
        '<a class="anchor">Upgrade</a>'
    })
    await appears(page, 'tooltip')
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

test('an inline nudge has its place in a shadow root, and the looks of what is around that', async () => {
  serve({ format: 'inline', anchor: '#slot' })
  const { page, context } = await open(
    `<div style="background:#111"><x-app></x-app></div><script>customElements.define('x-app', class extends HTMLElement {
      connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = '<p>Plan</p><div id="slot"></div>' }
    })</script>`,
  )
  await track(page, 'inline')
  const inSlot = '#slot > [data-trialpace="inline"]'
  const found = await page.waitForFunction(
    (it) => document.querySelector('x-app')!.shadowRoot!.querySelector<HTMLElement>(it)?.dataset.theme,
    {},
    inSlot,
  )
  expect(await found.jsonValue()).toBe('dark')
  await context.close()
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

test('in an Angular application no timer of ours keeps its zone busy, and callbacks come back into it', async () => {
  // What zone.js does to a page, as far as it is asked of it: work begun inside the zone belongs to the zone.
  const zone = `<script>{
    let now = 'root'
    const inside = (name, task) => { const before = now; now = name; try { return task() } finally { now = before } }
    const zoneOf = (name) => ({ name, run: (task) => inside(name, task), wrap: (task) => (...args) => inside(name, () => task(...args)) })
    window.Zone = { root: zoneOf('root'), get current() { return zoneOf(now) } }
    window.app = zoneOf('app')
    window.tasks = []
    for (const it of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'queueMicrotask']) {
      const native = window[it].bind(window)
      window[it] = (task, ...args) => {
        if (now === 'app') tasks.push(it)
        const name = now
        return native((...given) => inside(name, () => task(...given)), ...args)
      }
    }
  }</script>`
  serve({ format: 'countdown' })
  const { page, context } = await open('<h1>App</h1>', zone)
  await page.evaluate(() => {
    const told: string[] = []
    Object.assign(window, { told })
    const { app } = window as never as { app: { run(task: () => void): void } }
    const { Zone } = window as never as { Zone: { current: { name: string } } }
    app.run(() => {
      window.trialpace.on('trial', () => told.push(Zone.current.name))
      window.trialpace.identify('ann')
      window.trialpace.track('Show countdown')
      history.pushState(null, '', '/next')
    })
  })
  await appears(page, 'countdown')
  await pause(2500)
  const seen = await page.evaluate(() => {
    const { tasks, told } = window as never as { tasks: string[]; told: string[] }
    return { tasks, told: [...new Set(told)] }
  })
  expect(seen).toEqual({ tasks: [], told: ['app'] })
  await context.close()
})
