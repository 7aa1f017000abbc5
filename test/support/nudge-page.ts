import type { Page } from 'puppeteer-core'
import type { NudgeInstance } from '../../shared/collect.ts'
import { aNudge, aTrial, snippetPage, someRules } from './collect-sink.ts'
import { freshPage, sdkSetup, untilLoaded } from './sdk-browser.ts'

/** Nudges on a page of the test's own, with a browser and a collect server for the file. */
export function nudgePages() {
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
  const track = (page: Page, id: string) =>
    page.evaluate((name) => window.trialpace.track(name), `Show ${id}`)
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
  return { serve, open, track, appears, show, goes, isThere, reports, look }
}

/** More than a window high, with an element for tooltips at its start. */
export const longPage =
  '<main id="root"><h1>App</h1><p class="anchor">Anchor</p><p style="display:block;height:4000px">long</p></main>'
