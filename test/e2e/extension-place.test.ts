import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  axeViolations,
  type Companion,
  dana,
  inCard,
  openThread,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'

/** Where the card is: it covers no email until the rep puts it there, and none at all on paper. */

const ann = { email: 'ann@example.com', name: 'Ann Lee' }
const text = 'We would like to see how your product works for a team of twelve before we decide. '.repeat(40)
let companion: Companion

beforeAll(async () => {
  companion = await startCompanion([
    { id: 'aaa1', subject: 'Question', messages: [{ from: ann, to: [dana], text }] },
  ])
  await companion.api('PUT', '/api/trialists/u-ann', { email: ann.email, name: ann.name })
  await companion.signIn()
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

async function forgetPlaces(): Promise<void> {
  const worker = await companion.worker()
  await worker.evaluate('chrome.storage.local.remove("places")')
}
beforeEach(forgetPlaces)

const open = async (path: string, size = { width: 1280, height: 860 }): Promise<Page> => {
  const tab = await companion.newTab()
  await tab.setViewport(size)
  await tab.goto(`https://mail.google.com${path}`)
  await tab.bringToFront()
  await waitForCard(tab, ann.name)
  return tab
}

const rects = (tab: Page) =>
  tab.evaluate(() => {
    const box = (element: Element | null) => {
      const { left, right, top, bottom, width } = (element as Element).getBoundingClientRect()
      return { left, right, top, bottom, width }
    }
    return {
      card: box(document.querySelector('trialpace-card')),
      email: box(document.querySelector('[data-message-id]')),
      window: { width: innerWidth, height: innerHeight },
    }
  })

const covers = ({ card, email }: Awaited<ReturnType<typeof rects>>): boolean =>
  card.left < email.right && card.right > email.left && card.top < email.bottom && card.bottom > email.top

/** Without frames: a page whose medium was changed draws none until something else on it changes. */
const byTime = { polling: 50 }

describe('the card', () => {
  it.each([
    ['a thread', '/mail/u/0/#inbox/aaa1'],
    ['markup of 2019', '/mail/u/0/?markup=2019#inbox/aaa1'],
    ['a preview pane', '/mail/u/0/?pane#inbox/aaa1'],
    ['a pop-out', '/mail/u/0/?view=btop#inbox/aaa1'],
    ['Gmail from right to left', '/mail/u/0/?rtl#inbox/aaa1'],
  ])('is beside the email in %s', async (_name, path) => {
    const tab = await open(path)
    const found = await rects(tab)
    expect(covers(found)).toBe(false)
    expect(found.card.width).toBeGreaterThan(270)
    expect(found.email.right - found.email.left).toBeGreaterThan(390)
  })

  it('gives the room back when it is hidden, when the thread is closed, and on paper', async () => {
    const tab = await open('/mail/u/0/#inbox/aaa1')
    const margin = () =>
      tab.$eval('[role=main]', (route) => Number.parseFloat(getComputedStyle(route).marginInlineEnd))
    expect(await margin()).toBeGreaterThan(280)
    await tab.emulateMediaType('print')
    await tab.waitForFunction(
      () => getComputedStyle(document.querySelector('[role=main]') as Element).marginInlineEnd === '0px',
      byTime,
    )
    expect(await tab.$eval('trialpace-card', (host) => getComputedStyle(host).display)).toBe('none')
    await tab.emulateMediaType('screen')
    await tab.waitForFunction(
      () => getComputedStyle(document.querySelector('[role=main]') as Element).marginInlineEnd !== '0px',
      byTime,
    )
    await openThread(tab, '')
    await tab.waitForFunction(
      () =>
        getComputedStyle(document.querySelector('[role=main]') as Element).marginInlineEnd === '0px' &&
        document.querySelector<HTMLElement>('trialpace-card')?.style.display === 'none',
      byTime,
    )
  })

  it('is a strip under the email where Gmail does not give the room', async () => {
    const tab = await open('/mail/u/0/#inbox/aaa1')
    await tab.addStyleTag({ content: '[data-message-id] { width: 1240px }' })
    await tab.evaluate(() => document.querySelector('[role=main]')?.setAttribute('role', 'main'))
    await tab.waitForFunction(() => {
      const card = document.querySelector('trialpace-card')?.getBoundingClientRect()
      return card && card.bottom > innerHeight - 20 && card.height < 120
    })
  })

  it.each([
    ['at 200 % zoom of a usual window', { width: 640, height: 400 }],
    ['at 320 pixels', { width: 320, height: 256 }],
  ])('begins folded %s and has everything in reach once unfolded', async (_name, size) => {
    const tab = await open('/mail/u/0/#inbox/aaa1', size)
    const folded = await rects(tab)
    expect(folded.card.bottom).toBeLessThanOrEqual(size.height)
    expect(folded.card.bottom - folded.card.top).toBeLessThan(size.height / 2)
    await (await inCard(tab, '.fold')).click()
    await (await inCard(tab, '[data-tp=extend]')).click()
    await waitForCard(tab, 'New end:')
    const unfolded = await rects(tab)
    expect(unfolded.card.top).toBeGreaterThanOrEqual(0)
    expect(unfolded.card.left).toBeGreaterThanOrEqual(0)
    expect(unfolded.card.right).toBeLessThanOrEqual(size.width)
    for (const control of ['[data-tp=confirm]', '.move', '.contact button', '.owner select']) {
      const handle = await inCard(tab, control)
      await handle.evaluate((element) => element.scrollIntoView({ block: 'center' }))
      const isOnTop = await handle.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect()
        const hit = (element.getRootNode() as ShadowRoot).elementFromPoint(left + width / 2, top + height / 2)
        return hit === element || element.contains(hit)
      })
      expect(isOnTop, control).toBe(true)
    }
    expect(await axeViolations(tab, 'trialpace-card')).toEqual([])
    // What was unfolded for want of room is no choice for other windows.
    const wide = await open('/mail/u/0/#inbox/aaa1')
    await waitForCard(wide, 'Aha moments')
  })

  it('goes where it is dragged, stays there in this mailbox alone, and Home puts it back beside', async () => {
    const tab = await open('/mail/u/0/#inbox/aaa1')
    const before = await rects(tab)
    const handle = await (await inCard(tab, '.move')).boundingBox()
    if (!handle) throw new Error('no handle')
    await tab.mouse.move(handle.x + 5, handle.y + 5)
    await tab.mouse.down()
    await tab.mouse.move(handle.x - 395, handle.y + 105, { steps: 4 })
    await tab.mouse.up()
    const moved = await rects(tab)
    expect(moved.card.left).toBeCloseTo(before.card.left - 400, -1)
    expect(moved.card.top).toBeCloseTo(before.card.top + 100, -1)
    const again = await open('/mail/u/0/#inbox/aaa1')
    await again.waitForFunction(
      (left) =>
        Math.abs(Number(document.querySelector('trialpace-card')?.getBoundingClientRect().left) - left) < 2,
      {},
      moved.card.left,
    )
    const second = await open('/mail/u/1/#inbox/aaa1')
    expect(covers(await rects(second))).toBe(false)
    await again.bringToFront()
    await (await inCard(again, '.move')).press('Home')
    expect(covers(await rects(again))).toBe(false)
    expect((await rects(await open('/mail/u/0/#inbox/aaa1'))).card).toEqual(before.card)
  })

  it('ends above the email that is being written in its column', async () => {
    const tab = await open('/mail/u/0/#inbox/aaa1')
    await tab.click('#reply')
    await tab.addStyleTag({
      content: '.fixture-compose { position: fixed; right: 0; bottom: 0; width: 500px; height: 400px }',
    })
    await tab.evaluate(() => document.querySelector('[role=main]')?.setAttribute('role', 'main'))
    await tab.waitForFunction(
      () =>
        Number(document.querySelector('trialpace-card')?.getBoundingClientRect().bottom) <= innerHeight - 400,
    )
  })
})
