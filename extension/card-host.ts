import { type CardPlace, createCardPlace, type Standing } from './card-place.ts'
import type { Place } from './place.ts'
import { styles } from './ui/styles.ts'

declare const __SHADOW_MODE__: ShadowRootMode

/** Where the card lives in Gmail: a shadow root the page cannot read (open only in the test build). */
export interface CardHost {
  readonly element: HTMLElement
  readonly mount: HTMLElement
  isVisible(): boolean
  setVisible(visible: boolean): void
  readonly place: CardPlace
  setTheme(theme: { dark: boolean; compact: boolean }): void
  remove(): void
}

const hostName = 'trialpace-card'
/** A newer copy of the content script asks the older one to leave, after an update of the extension. */
const leaveEvent = 'trialpace-leave'

export function createCardHost(
  document: Document,
  signal: AbortSignal,
  told: { standing: (standing: Standing) => void; moved: (place: Place | null) => void },
): CardHost {
  const element = document.createElement(hostName)
  element.style.cssText = 'position:fixed;z-index:900'
  // The card speaks English, whatever language Gmail is in: screen readers and bidirectional text need to know.
  element.lang = 'en'
  element.dir = 'ltr'
  const shadow = element.attachShadow({ mode: __SHADOW_MODE__ })
  const style = document.createElement('style')
  style.textContent = styles
  const mount = document.createElement('div')
  shadow.append(style, mount)
  keepKeysFromGmail(element, signal)
  document.body.append(element)
  const place = createCardPlace(element, signal, {
    ...told,
    standing(standing) {
      mount.classList.toggle('strip', standing === 'strip')
      told.standing(standing)
    },
  })
  return {
    element,
    mount,
    place,
    isVisible: () => element.style.display !== 'none',
    setVisible(visible) {
      element.style.display = visible ? 'block' : 'none'
      place.settle(visible)
    },
    setTheme({ dark, compact }) {
      mount.classList.toggle('dark', dark)
      mount.classList.toggle('compact', compact)
    },
    remove: () => element.remove(),
  }
}

/**
 * A key typed in our fields would reach Gmail as a shortcut ("e" archives, "#" deletes), retargeted to a plain
 * element. Gmail listens on the document in both phases: printable keys are caught on the window, before any of it
 * (typing itself is a default action and goes on); the others pass through our own fields and stop at the host.
 */
function keepKeysFromGmail(element: HTMLElement, signal: AbortSignal): void {
  for (const type of ['keydown', 'keypress', 'keyup'] as const) {
    addEventListener(
      type,
      (event) => {
        if (event.target === element && event.key.length === 1 && !event.altKey)
          event.stopImmediatePropagation()
      },
      { capture: true, signal },
    )
    element.addEventListener(type, (event) => event.stopPropagation(), { signal })
  }
}

export function replaceOlderCopies(document: Document, leave: () => void, signal: AbortSignal): void {
  document.dispatchEvent(new CustomEvent(leaveEvent))
  for (const old of document.querySelectorAll(hostName)) old.remove()
  document.addEventListener(leaveEvent, leave, { signal })
}

/** Gmail’s theme has no attribute; the background it paints tells it. */
export function gmailTheme(document: Document): { dark: boolean; compact: boolean } {
  const surface = document.querySelector('[role="main"]') ?? document.body
  const row = document.querySelector<HTMLElement>(
    '[role="navigation"] [role="link"], [role="main"] tr[role="row"]',
  )
  return {
    dark: luminance(opaqueBackground(surface)) < 0.4,
    compact: row !== null && row.offsetHeight > 0 && row.offsetHeight <= 26,
  }
}

function opaqueBackground(element: Element): number[] {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const parts =
      getComputedStyle(at)
        .backgroundColor.match(/[\d.]+/g)
        ?.map(Number) ?? []
    if (parts.length === 3 || (parts[3] ?? 0) > 0.5) return parts
  }
  return [255, 255, 255]
}

const luminance = ([red = 255, green = 255, blue = 255]: number[]): number =>
  (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
