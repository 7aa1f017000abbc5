import { attempt, guard, listen } from './guard.ts'
import type { Properties } from './types.ts'

/** Path of the page, with the route of hash routers (`#/…`). */
export const pathOf = ({ pathname, hash }: Location): string =>
  hash.startsWith('#/') ? pathname + hash : pathname

/** `context.page` and page properties of the Segment spec. */
export const pageFacts = (referrer: string): Properties => ({
  path: pathOf(location),
  referrer,
  search: location.search,
  title: document.title,
  url: location.href,
})

/** Automated browsers, except on this machine, where tests and demos run. The server checks more closely. */
export const isBot = (): boolean =>
  !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$|\.localhost$/.test(location.hostname) &&
  (navigator.webdriver || /bot|crawl|spider|headless|lighthouse|preview/i.test(navigator.userAgent))

/** Calls back when a single-page app changes its route. The wrapped methods do for the app what they always did. */
export function watchPages(onChange: (referrer: string) => void): void {
  let path = pathOf(location)
  let url = location.href
  const check = guard(() => {
    const referrer = url
    url = location.href
    if (path === pathOf(location)) return
    path = pathOf(location)
    onChange(referrer)
  })
  for (const method of ['pushState', 'replaceState'] as const)
    attempt(() => {
      const original = history[method]
      history[method] = function (this: History, ...args) {
        original.apply(this, args)
        check()
      }
    })
  listen(window, 'popstate', check)
}
