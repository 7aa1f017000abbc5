import type { Page } from 'puppeteer-core'
import { describe, expect, test } from 'vitest'
import type { LocalRules, NudgeInstance } from '../../shared/collect.ts'
import { aNudge, aTrial, snippetPage, someRules } from '../support/collect-sink.ts'
import {
  clickInNudge,
  freshPage,
  inNudge,
  pause,
  sdkSetup,
  until,
  untilLoaded,
} from '../support/sdk-browser.ts'

const setup = sdkSetup()

const body =
  '<main><h1>Board</h1><button type="button" id="opener">Open</button><input id="field" aria-label="Name"><div id="slot"></div></main>'
const freely = { perSession: 100, perDay: 100, perWeek: 100, gapMs: 0 }
const shows = (page: Page, id: string) => page.waitForSelector(`[data-trialpace="${id}"]`, { timeout: 5000 })
const isOpen = (page: Page, id: string) =>
  page.evaluate((nudgeId) => !!document.querySelector(`[data-trialpace="${nudgeId}"]`), id)
const reports = (what: string) => setup.sink.named(`Nudge ${what}`).map(({ properties }) => properties)

/** The server answers `Aha` with these nudges, and gives the rules with its first answer. */
function serve(nudges: NudgeInstance[], rules: Partial<LocalRules> = { caps: freely }) {
  setup.sink.answer = (batch) => {
    const cause = batch.find(({ event }) => event === 'Aha')
    return {
      trial: aTrial(),
      prefetch: true,
      rules: someRules({ urgent: ['Aha'], caps: freely, ...rules }),
      ...(cause && { nudges: nudges.map((nudge) => ({ ...nudge, cause: cause.messageId })) }),
    }
  }
}

async function open(path = '/') {
  const fresh = await freshPage(setup.browser)
  await fresh.page.goto(setup.sink.page(path, snippetPage(body)))
  await untilLoaded(fresh.page)
  await until('the first answer', () => setup.sink.requests.length > 0)
  return fresh
}
const aha = (page: Page) => page.evaluate(() => window.trialpace.track('Aha'))

describe('a nudge', () => {
  test('of the server shows at once, tells its latency, and a dismissal is remembered over a reload', async () => {
    serve([aNudge()])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'upgrade')
    expect(await inNudge(page, 'upgrade', 'h2')).toBe('You have made 14 reports')
    expect(await inNudge(page, 'upgrade', 'b')).toBe('280 minutes')
    await until('the exposure', () => reports('Shown').length === 1)
    expect(reports('Shown')[0]).toMatchObject({ nudge_id: 'upgrade', format: 'modal', decided: 'server' })
    expect(reports('Shown')[0]?.latency_ms).toEqual(expect.any(Number))
    await page.keyboard.press('Escape')
    await until('the dismissal', () => reports('Dismissed').length === 1)
    await page.reload()
    await untilLoaded(page)
    await aha(page)
    await pause(500)
    expect(await isOpen(page, 'upgrade')).toBe(false)
    await context.close()
  })

  test('of a local rule needs no answer; a control group is reported, not shown', async () => {
    const rule = (id: string, holdoutShare: number): LocalRules['rules'][number] => ({
      nudge: aNudge({ id, format: 'slideout' }),
      on: { event: 'Aha' },
      when: { event: { name: 'Aha', atLeast: 2 } },
      holdoutShare,
    })
    serve([], { caps: freely, rules: [rule('seen', 0), rule('control', 1)] })
    const { page, context } = await open()
    await aha(page)
    await pause(300)
    expect(await isOpen(page, 'seen')).toBe(false)
    setup.sink.failure = 'drop'
    await aha(page)
    await aha(page)
    await shows(page, 'seen')
    // Its turn comes, as if it were shown, when the place is free.
    await clickInNudge(page, 'seen', '.x')
    setup.sink.failure = null
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await until('the exposures', () => reports('Held Out').length === 1 && reports('Shown').length === 1)
    expect(reports('Held Out')[0]).toMatchObject({ nudge_id: 'control' })
    expect(await isOpen(page, 'control')).toBe(false)
    await context.close()
  })

  test('modal: focus goes in, stays in, and comes back to where it was', async () => {
    serve([aNudge()])
    const { page, context } = await open()
    await page.focus('#opener')
    await aha(page)
    await shows(page, 'upgrade')
    const focused = () =>
      page.evaluate(() => {
        const host = document.activeElement as HTMLElement
        return [host.dataset.trialpace ?? host.id, host.shadowRoot?.activeElement?.className ?? '']
      })
    expect((await focused())[0]).toBe('upgrade')
    for (let n = 0; n < 8; n++) {
      await page.keyboard.press('Tab')
      expect(['upgrade', '']).toContain((await focused())[0])
    }
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !document.querySelector('[data-trialpace]'))
    expect((await focused())[0]).toBe('opener')
    await context.close()
  })

  test('waits while an input has the focus', async () => {
    serve([aNudge({ format: 'slideout' })])
    const { page, context } = await open()
    await page.focus('#field')
    await aha(page)
    await pause(500)
    expect(await isOpen(page, 'upgrade')).toBe(false)
    await page.focus('#opener')
    await shows(page, 'upgrade')
    await context.close()
  })

  test('one prompt at a time, the most important first; the next one comes when it is gone', async () => {
    serve([
      aNudge({ id: 'minor', format: 'slideout', priority: 10 }),
      aNudge({ id: 'major', format: 'slideout', priority: 90 }),
    ])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'major')
    expect(await isOpen(page, 'minor')).toBe(false)
    await clickInNudge(page, 'major', '.no')
    await shows(page, 'minor')
    await until('the snooze', () => reports('Snoozed').length === 1)
    expect(reports('Snoozed')[0]).toMatchObject({ nudge_id: 'major', snooze_ms: 86_400_000 })
    await context.close()
  })

  test('the gap of the playbook keeps a second prompt away', async () => {
    const caps = { ...freely, gapMs: 60_000 }
    serve([aNudge({ id: 'one', format: 'banner' }), aNudge({ id: 'two', format: 'slideout' })], { caps })
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'one')
    await pause(500)
    expect(await isOpen(page, 'two')).toBe(false)
    await context.close()
  })

  test('shows in one tab at a time, and dismissing it twice silences it in both', async () => {
    serve([aNudge({ format: 'slideout', snoozeMs: 1 })])
    const { page, context } = await open()
    const other = await context.newPage()
    await other.goto(setup.sink.page('/', snippetPage(body)))
    await untilLoaded(other)
    await page.bringToFront()
    await aha(page)
    await shows(page, 'upgrade')
    await other.bringToFront()
    await aha(other)
    await pause(500)
    expect(await isOpen(other, 'upgrade')).toBe(false)
    await page.bringToFront()
    for (const count of [1, 2]) {
      await aha(page)
      await shows(page, 'upgrade')
      await clickInNudge(page, 'upgrade', '.x')
      await until('the dismissal', () => reports('Dismissed').length === count)
    }
    await aha(page)
    await pause(400)
    expect(await isOpen(page, 'upgrade')).toBe(false)
    expect(await isOpen(other, 'upgrade')).toBe(false)
    await context.close()
  })

  test('everything stops at conversion', async () => {
    serve([aNudge({ format: 'banner' })])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'upgrade')
    setup.sink.answer = () => ({ trial: aTrial({ status: 'converted' }) })
    await page.evaluate(() => window.trialpace.track('Paid'))
    await page.waitForFunction(() => !document.querySelector('[data-trialpace]'))
    await context.close()
  })
})

describe('formats that live', () => {
  test('the countdown follows an extension at once', async () => {
    serve([aNudge({ id: 'clock', format: 'countdown', title: 'Your trial ends in' })])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'clock')
    expect(await inNudge(page, 'clock', '[role=timer]')).toBe('3 days 4 hours')
    const endsAt = new Date(Date.now() + 10 * 86_400_000 + 30_000).toISOString()
    setup.sink.answer = () => ({ trial: aTrial({ endsAt }) })
    await page.evaluate(() => window.trialpace.track('Anything'))
    await page.waitForFunction(
      () =>
        document.querySelector('[data-trialpace]')?.shadowRoot?.querySelector('[role=timer]')?.textContent ===
        '10 days',
    )
    await context.close()
  })

  test('the checklist ticks a milestone before the server has answered', async () => {
    serve([aNudge({ id: 'list', format: 'checklist', anchor: '#slot' })])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'list')
    expect(await inNudge(page, 'list', '.n')).toBe('1/3')
    setup.sink.delayMs = 3000
    await page.evaluate(() => window.trialpace.track('Teammate Invited'))
    expect(await inNudge(page, 'list', '.n')).toBe('2/3')
    await clickInNudge(page, 'list', '.head')
    expect(
      await page.evaluate(() =>
        document
          .querySelector('[data-trialpace]')
          ?.shadowRoot?.querySelector('.head')
          ?.getAttribute('aria-expanded'),
      ),
    ).toBe('false')
    await context.close()
  })

  test('an inline nudge waits for its element, counts when it is in view, and comes back after a redraw', async () => {
    serve([aNudge({ id: 'inline', format: 'inline', anchor: '#late' })])
    const { page, context } = await open()
    await aha(page)
    await pause(300)
    expect(await isOpen(page, 'inline')).toBe(false)
    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<div style="height:3000px"></div><div id="late"></div>')
    })
    await shows(page, 'inline')
    await pause(300)
    expect(reports('Shown')).toEqual([])
    await page.evaluate(() => document.querySelector('#late')?.scrollIntoView())
    await until('the exposure', () => reports('Shown').length === 1)
    await page.evaluate(() => {
      document.querySelector('#late')!.textContent = ''
    })
    await shows(page, 'inline')
    await context.close()
  })

  test('a survey reports the answer', async () => {
    serve([aNudge({ id: 'ask', format: 'survey', question: 'Why?', answers: ['One', 'Two'] })])
    const { page, context } = await open()
    await aha(page)
    await shows(page, 'ask')
    await clickInNudge(page, 'ask', '.a:nth-of-type(2)')
    await until('the answer', () => reports('Clicked').length === 1)
    expect(reports('Clicked')[0]).toMatchObject({ nudge_id: 'ask', answer: 'Two' })
    await context.close()
  })

  test('texts cannot become markup, and addresses cannot become code', async () => {
    serve([
      aNudge({
        format: 'slideout',
        title: '<img src=x onerror=alert(1)>',
        body: '[a](javascript:alert(1)) **<b>x</b>** [b](https://example.com/x)',
        action: { label: 'Go', url: 'java\nscript:alert(1)' },
      }),
    ])
    const { page, context, errors } = await open()
    await aha(page)
    await shows(page, 'upgrade')
    const { images, links, title } = await page.evaluate(() => {
      const drawn = document.querySelector('[data-trialpace]')?.shadowRoot
      return {
        images: drawn?.querySelectorAll('img').length,
        links: [...(drawn?.querySelectorAll('a') ?? [])].map(({ href }) => href),
        title: drawn?.querySelector('h2')?.textContent,
      }
    })
    expect({ images, links }).toEqual({ images: 0, links: ['https://example.com/x'] })
    expect(title).toBe('<img src=x onerror=alert(1)>')
    expect(errors).toEqual([])
    await context.close()
  })
})
