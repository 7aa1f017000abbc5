import { attempt, guard, listen } from './guard.ts'
import type { Properties } from './types.ts'

/** Path of the page, with the route of hash routers (`#/…`). */
const pathOf = ({ pathname, hash }: Location): string => (hash.startsWith('#/') ? pathname + hash : pathname)

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
  !/^(127\..+|\[::1]|(.+\.)?localhost)$/.test(location.hostname) &&
  (navigator.webdriver || /bot|crawl|spider|headless|lighthouse/i.test(navigator.userAgent))

/** Calls back when a single-page app changes its route. The wrapped methods do for the app what they always did. */
export function watchPages(onChange: () => void): void {
  let path = pathOf(location)
  const check = guard(() => {
    if (path === pathOf(location)) return
    path = pathOf(location)
    onChange()
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
