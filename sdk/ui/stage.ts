import { attempt, guard } from '../guard.ts'
import type { NudgeInstance } from '../types.ts'
import { morph } from './dom.ts'
import { isExpanded, isInView, isRendered, isTyping, openLayers, rootsOf } from './page-state.ts'
import { styles } from './styles.ts'

/** One place on the page where one nudge stands, in a shadow root of its own. */
export interface Stage {
  host: HTMLElement
  /** Part of the page, in the element the playbook names. */
  isSlot: boolean
  draw(nudge: Element): void
  /** Can it be seen, and does a click on it reach it? */
  isSeen(): boolean
  /** Says it to those who do not see it appear. */
  speak(text: string): void
  remove(): void
  /** Puts it back when a framework has drawn over it, follows the page’s looks. @returns false when its element is gone. */
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
  for (let at = element; at; at = at.parentElement ?? ((at.getRootNode() as ShadowRoot).host as Element)) {
    const [r = 0, g = 0, b = 0, alpha = 1] = (
      getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []
    ).map(Number)
    if (alpha > 0.5) return r * 0.3 + g * 0.59 + b * 0.11 < 128 ? 'dark' : 'light'
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

const isTip = ({ format }: NudgeInstance): boolean => format === 'tooltip'

/** Of many matches only the first ones are looked at. */
const maxMatches = 100

/**
 * The first match that can be seen, in open shadow roots too: menus are often on a page twice, once for small windows. An element that holds
 * nothing yet may be hidden for that reason.
 */
export const findAnchor = (nudge: NudgeInstance): HTMLElement | null =>
  attempt(() => {
    for (const root of rootsOf()) {
      const all = [...root.querySelectorAll<HTMLElement>(nudge.anchor!)].slice(0, maxMatches)
      const seen = isTip(nudge)
        ? all.find(isInView)
        : (all.find(isRendered) ?? all.find((it) => it.matches(':empty')))
      if (seen) return seen
    }
    return null
  }) ?? null

const edge = 12

/** Below the anchor, above it when there is no room, in the window in any case; the arrow points at its middle. */
function point(tip: HTMLElement, at: DOMRect) {
  const { offsetWidth: width, offsetHeight: height } = tip
  const { clientWidth, clientHeight } = document.documentElement
  const isBelow = at.bottom + height + 2 * edge <= clientHeight
  const isAbove = !isBelow && at.top >= height + 2 * edge
  const middle = at.left + at.width / 2
  const left = Math.max(edge, Math.min(middle - width / 2, clientWidth - width - edge))
  const top = isAbove ? at.top - height - edge : Math.min(at.bottom + edge, clientHeight - height - edge)
  const set = (name: string, pixels: number) => tip.style.setProperty(name, `${pixels}px`)
  set('left', left)
  set('top', Math.max(edge, top))
  set('--arrow', Math.max(10, Math.min(middle - left - 6, width - 22)))
  tip.classList.toggle('above', isAbove)
  tip.classList.toggle('flat', !isBelow && !isAbove)
}

/** How long a tooltip waits, unseen, for its element to come back into view. */
const patienceMs = 2000

export function createStage(nudge: NudgeInstance, nonce: string | undefined, onEscape: () => void): Stage {
  const isTooltip = isTip(nudge)
  const isSlot = !!nudge.anchor && !isTooltip
  const layers = openLayers()
  let anchor = findAnchor(nudge)
  let outAt = 0
  let place = ''
  const home = () => (isSlot ? findAnchor(nudge) : document.body)
  const host = document.createElement('div')
  const { dataset } = host
  dataset.trialpace = nudge.id
  host.dir = nudge.dir
  host.lang = nudge.locale
  // Not as an attribute, which a strict CSP refuses.
  if (nudge.theme) host.style.cssText = nudge.theme
  const root = host.attachShadow({ mode: 'open' })
  dress(root, nonce)
  // A live region speaks only of what changes in it after it was there.
  const voice = document.createElement('p')
  voice.className = 'sr'
  voice.setAttribute('role', 'status')
  root.append(voice)
  const dialog = () => root.querySelector('dialog')
  const look = () => {
    const theme = themeOf(host.parentElement)
    if (dataset.theme !== theme) dataset.theme = theme
  }
  /** The top layer: nothing covers, cuts off or moves what is there, whatever the page’s style sheets say. */
  const raise = () => {
    const modal = dialog()
    if (!modal) {
      if (!isSlot) attempt(() => host.showPopover())
    } else if (!modal.open) {
      modal.showModal()
      // Not its first button: a key that was meant for the page must not press it.
      modal.focus()
      // The focus has passed its first button, and the page with it.
      modal.scrollTop = 0
    }
  }
  const enter = (at: Element) => {
    at.append(host)
    dialog()?.removeAttribute('open')
    look()
  }
  const at = home()
  if (!isSlot) host.popover = 'manual'
  if (at) enter(at)
  const gone = new AbortController()
  const { signal } = gone
  const follow = guard(() => {
    const tip = root.querySelector<HTMLElement>('.tip')
    if (!tip || !anchor) return
    const rect = anchor.getBoundingClientRect()
    const now = [rect.x, rect.y, rect.right, rect.bottom, innerWidth, innerHeight, tip.offsetHeight].join()
    if (place === now) return
    place = now
    point(tip, rect)
    tip.style.visibility = isInView(anchor) ? '' : 'hidden'
  })
  const keepFollowing = () => {
    if (signal.aborted) return
    follow()
    requestAnimationFrame(keepFollowing)
  }
  const onKey = guard((event: KeyboardEvent) => {
    // Keys on our own controls are no shortcuts of the page.
    const isOurs = event.target === host
    if (isOurs) event.stopImmediatePropagation()
    if (event.type !== 'keydown' || event.key !== 'Escape') return
    if (isOurs) return onEscape()
    // It belongs to whatever was opened last.
    setTimeout(
      guard((isTheirs: boolean) => {
        if (!isTheirs && !event.defaultPrevented) onEscape()
      }),
      0,
      isTyping() || isExpanded() || openLayers().some((it) => !layers.includes(it)),
    )
  })
  for (const type of ['keydown', 'keypress', 'keyup'])
    addEventListener(type, onKey as EventListener, { signal, capture: true })
  return {
    host,
    isSlot,
    draw: (drawn) => {
      const before = root.firstElementChild
      if (before && before !== voice && before.nodeName === drawn.nodeName) {
        place = ''
        morph(before, drawn)
      } else {
        root.prepend(drawn)
        raise()
        if (isTooltip) keepFollowing()
      }
      follow()
    },
    isSeen: () => {
      const { x, y, width, height } = root.firstElementChild!.getBoundingClientRect()
      return (
        !!width &&
        isRendered(host) &&
        (isSlot || document.elementFromPoint(x + width / 2, y + height / 2) === host)
      )
    },
    speak: (text) => {
      setTimeout(() => voice.append(text), 100)
    },
    remove: () => {
      gone.abort()
      // Closing first gives the focus back to where it was.
      dialog()?.close()
      host.remove()
    },
    ensure: () => {
      const parent = home()
      if (!parent) return !isSlot
      if (host.parentNode !== parent) {
        enter(parent)
        raise()
      }
      look()
      if (!isTooltip) return true
      if (!anchor?.isConnected) anchor = findAnchor(nudge)
      if (!anchor || !isRendered(anchor)) return false
      if (isInView(anchor)) outAt = 0
      else outAt ||= Date.now()
      place = ''
      follow()
      return !outAt || Date.now() < outAt + patienceMs
    },
  }
}
