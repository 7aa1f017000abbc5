import { render, type VNode } from 'preact'
import { attempt, listen } from '../guard.ts'
import type { NudgeInstance } from '../types.ts'
import { styles } from './styles.ts'

/** One place on the page where one nudge stands, in a shadow root of its own. */
export interface Stage {
  draw(vnode: VNode): void
  remove(): void
  /** Puts it back when a framework has drawn over it. @returns false when its element is gone. */
  ensure(): boolean
  host: HTMLElement
}

let sheet: CSSStyleSheet | undefined

function dress(root: ShadowRoot, nonce: string | undefined) {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(styles)
    }
    root.adoptedStyleSheets = [sheet]
  } catch {
    const style = document.createElement('style')
    if (nonce) style.nonce = nonce
    style.textContent = styles
    root.append(style)
  }
}

/** What the page looks like decides, before what the system prefers: many pages have no dark side. */
export function themeOf(element: Element): 'light' | 'dark' {
  const asked = document.documentElement.dataset.tpTheme
  if (asked === 'light' || asked === 'dark') return asked
  for (let at: Element | null = element; at; at = at.parentElement) {
    const [r = 0, g = 0, b = 0, alpha = 1] = (
      getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []
    ).map(Number)
    if (alpha > 0.5) return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? 'dark' : 'light'
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const findAnchor = (nudge: NudgeInstance): HTMLElement | null =>
  (nudge.anchor && attempt(() => document.querySelector<HTMLElement>(nudge.anchor!))) || null

/** Beside the anchor, above it when there is no room below; the arrow points at its middle. */
function place(root: ShadowRoot, anchor: HTMLElement) {
  const tip = root.querySelector<HTMLElement>('.tip')
  const arrow = root.querySelector<HTMLElement>('.arrow')
  if (!tip || !arrow) return
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = tip
  const { clientWidth, clientHeight } = document.documentElement
  const above = at.bottom + height + 14 > clientHeight && at.top > height + 14
  const middle = at.left + at.width / 2
  const left = Math.max(12, Math.min(middle - width / 2, clientWidth - width - 12))
  tip.style.left = `${left}px`
  tip.style.top = `${above ? at.top - height - 12 : at.bottom + 12}px`
  arrow.style.left = `${Math.max(10, Math.min(middle - left - 6, width - 22))}px`
  arrow.style.top = above ? `${height - 8}px` : '-7px'
  arrow.style.rotate = above ? '225deg' : ''
}

export function createStage(
  nudge: NudgeInstance,
  nonce: string | undefined,
  spoken: string | null,
  onEscape: () => void,
): Stage {
  const anchor = findAnchor(nudge)
  const host = document.createElement('div')
  host.dataset.trialpace = nudge.id
  host.dir = nudge.dir
  host.lang = nudge.locale
  const inPage = anchor && nudge.format !== 'tooltip'
  const home = () => (inPage ? findAnchor(nudge) : document.body)
  ;(home() ?? document.body).append(host)
  host.dataset.theme = themeOf(inPage ? anchor : document.body)
  const root = host.attachShadow({ mode: 'open' })
  dress(root, nonce)
  const mount = document.createElement('div')
  // A live region speaks only of what changes in it after it was there.
  const voice = document.createElement('p')
  voice.className = 'sr'
  voice.setAttribute('role', 'status')
  root.append(mount, voice)
  if (spoken) setTimeout(() => voice.append(spoken), 100)
  const follow = () => {
    const current = findAnchor(nudge)
    if (nudge.format === 'tooltip' && current) place(root, current)
  }
  const stops = [
    listen(window, 'resize', follow),
    listen(document, 'scroll', follow, true),
    listen(document, 'keydown', (event) => {
      if ((event as KeyboardEvent).key === 'Escape' && !event.defaultPrevented) onEscape()
    }),
  ]
  return {
    host,
    draw: (vnode) => {
      render(vnode, mount)
      follow()
    },
    remove: () => {
      for (const stop of stops) stop()
      // Closing first gives the focus back to where it was.
      root.querySelector('dialog')?.close()
      render(null, mount)
      host.remove()
    },
    ensure: () => {
      const place = home()
      if (place && host.parentNode !== place) place.append(host)
      return !!place
    },
  }
}
