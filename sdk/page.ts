import { attempt, guard, listen, outside } from './guard.ts'
import type { Properties } from './types.ts'

/** Path of the page, with the route of hash routers (`#/…`, `#!/…`). */
const pathOf = ({ pathname, hash }: Location): string => (/^#!?\//.test(hash) ? pathname + hash : pathname)

/** `context.page` and page properties of the Segment spec. */
export const pageFacts = (): Properties => ({
  path: pathOf(location),
  referrer: document.referrer,
  search: location.search,
  title: document.title,
  url: location.href,
})

/** Automated browsers, except on this machine, where tests and demos run. The server checks more closely. */
export const isBot = (): boolean =>
  !/^(127\.|\[::1])|\blocalhost$/.test(location.hostname) &&
  (navigator.webdriver || /bot|crawl|spider|headless|lighthouse/i.test(navigator.userAgent))

const titlePollMs = 50
const titleWaitMs = 600

/**
 * Calls back when a single-page app has changed its route, once the new page has its title too, or 0.6 s later, or
 * when it is left. The wrapped methods do for the app what they always did.
 * @param onPage told the facts of the page and when it began, epoch milliseconds.
 */
export function watchPages(onPage: (facts: Properties, at: number) => void): void {
  let path = pathOf(location)
  let { title } = document
  let tell = () => {}
  const check = guard(() => {
    if (path === pathOf(location)) return
    tell()
    path = pathOf(location)
    const at = Date.now()
    const facts = pageFacts()
    const timer = setInterval(
      guard(() => {
        if (document.title !== title || Date.now() > at + titleWaitMs) tell()
      }),
      titlePollMs,
    )
    tell = () => {
      clearInterval(timer)
      tell = () => {}
      title = document.title
      onPage({ ...facts, title }, at)
    }
  })
  for (const method of ['pushState', 'replaceState'] as const)
    attempt(() => {
      const original = history[method]
      history[method] = function (this: History, ...args) {
        original.apply(this, args)
        outside(check)
      }
    })
  listen('popstate', check)
  listen('pagehide', () => tell())
}
