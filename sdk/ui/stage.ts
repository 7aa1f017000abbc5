import { attempt, guard } from '../guard.ts'
import type { NudgeInstance } from '../types.ts'
import { morph } from './dom.ts'
import { styles } from './styles.ts'

/** One place on the page where one nudge stands, in a shadow root of its own. */
export interface Stage {
  host: HTMLElement
  draw(nudge: Element): void
  /** Says it to those who do not see it appear. */
  speak(text: string): void
  remove(): void
  /** Puts it back when a framework has drawn over it. @returns false when its element is gone. */
  ensure(): boolean
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
function themeOf(element: Element | null): string {
  const asked = document.documentElement.dataset.tpTheme
  if (asked) return asked
  for (let at = element; at; at = at.parentElement) {
    const [r = 0, g = 0, b = 0, alpha = 1] = (
      getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []
    ).map(Number)
    if (alpha > 0.5) return r * 0.3 + g * 0.59 + b * 0.11 < 128 ? 'dark' : 'light'
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const findAnchor = ({ anchor }: NudgeInstance): HTMLElement | null =>
  (anchor && attempt(() => document.querySelector<HTMLElement>(anchor))) || null

/** Below the anchor, above it when there is no room; the arrow points at its middle. */
function point(tip: HTMLElement, anchor: HTMLElement) {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = tip
  const { clientWidth, clientHeight } = document.documentElement
  const isAbove = at.bottom + height + 14 > clientHeight && at.top > height + 14
  const middle = at.left + at.width / 2
  const left = Math.max(12, Math.min(middle - width / 2, clientWidth - width - 12))
  const set = (name: string, pixels: number) => tip.style.setProperty(name, `${pixels}px`)
  set('left', left)
  set('top', isAbove ? at.top - height - 12 : at.bottom + 12)
  set('--arrow', Math.max(10, Math.min(middle - left - 6, width - 22)))
  tip.classList.toggle('above', isAbove)
}

export function createStage(nudge: NudgeInstance, nonce: string | undefined, onEscape: () => void): Stage {
  const isTooltip = nudge.format === 'tooltip'
  const home = () => (nudge.anchor && !isTooltip ? findAnchor(nudge) : document.body)
  const host = document.createElement('div')
  const { dataset } = host
  dataset.trialpace = nudge.id
  dataset.theme = themeOf(home())
  host.dir = nudge.dir
  host.lang = nudge.locale
  const root = host.attachShadow({ mode: 'open' })
  dress(root, nonce)
  // A live region speaks only of what changes in it after it was there.
  const voice = document.createElement('p')
  voice.className = 'sr'
  voice.setAttribute('role', 'status')
  root.append(voice)
  home()?.append(host)
  const gone = new AbortController()
  const { signal } = gone
  const follow = guard(() => {
    const tip = isTooltip && root.querySelector<HTMLElement>('.tip')
    const anchor = findAnchor(nudge)
    if (tip && anchor) point(tip, anchor)
  })
  addEventListener('resize', follow, { signal })
  document.addEventListener('scroll', follow, { signal, capture: true })
  document.addEventListener(
    'keydown',
    guard((event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onEscape()
    }),
    { signal },
  )
  return {
    host,
    draw: (drawn) => {
      const before = root.firstElementChild
      if (before && before !== voice && before.nodeName === drawn.nodeName) morph(before, drawn)
      else {
        root.prepend(drawn)
        if (drawn instanceof HTMLDialogElement) {
          drawn.showModal()
          // Not its first button: a key that was meant for the page must not press it.
          drawn.focus()
        }
      }
      follow()
    },
    speak: (text) => {
      setTimeout(() => voice.append(text), 100)
    },
    remove: () => {
      gone.abort()
      // Closing first gives the focus back to where it was.
      root.querySelector('dialog')?.close()
      host.remove()
    },
    ensure: () => {
      const place = home()
      if (place && host.parentNode !== place) place.append(host)
      return !!place
    },
  }
}
