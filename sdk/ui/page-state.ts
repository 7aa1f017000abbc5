import { attempt, guard } from '../guard.ts'

const fields =
  'iframe,input:not([type=button],[type=submit],[type=checkbox],[type=radio]),textarea,select,[role=textbox]'

/** What has the focus, inside open shadow roots and frames of the same origin too. */
function focusedElement(): HTMLElement | null {
  let found = document.activeElement
  for (let inner = found; inner; ) {
    found = inner
    inner =
      inner.shadowRoot?.activeElement ?? (inner as HTMLIFrameElement).contentDocument?.activeElement ?? null
  }
  return found as HTMLElement | null
}

/** Is the person in the middle of typing? What happens in a frame of another origin cannot be seen: perhaps. */
export function isTyping(): boolean {
  const focused = focusedElement()
  return (
    !!focused &&
    (focused.isContentEditable || focused.ownerDocument.designMode === 'on' || focused.matches(fields))
  )
}

/** Drawn, and not transparent. */
export const isRendered = (it: Element): boolean =>
  it.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) ?? !!it.getClientRects()[0]

/** Drawn, with its middle inside the window and cut off by nothing. */
export function isInView(it: Element): boolean {
  const line = it.getClientRects()[0]
  if (!line?.width || !line.height || !isRendered(it)) return false
  // Asked of its own root: from outside, what is in a shadow root is its host.
  const hit = (it.getRootNode() as Document | ShadowRoot).elementsFromPoint(
    line.x + line.width / 2,
    line.y + line.height / 2,
  )
  return hit.includes(it) || (!!hit[0] && getComputedStyle(it).pointerEvents === 'none')
}

const maxWalked = 5000

/** The document, then its open shadow roots; in a page of very many elements only the first of them are looked for. */
export function* rootsOf(): Generator<Document | ShadowRoot> {
  const roots: (Document | ShadowRoot)[] = [document]
  let walked = 0
  for (const root of roots) {
    yield root
    for (const { shadowRoot } of root.querySelectorAll('*:not([data-trialpace])')) {
      if (++walked > maxWalked) break
      if (shadowRoot) roots.push(shadowRoot)
    }
  }
}

const found = (selectors: string): Element[] =>
  attempt(() => [...document.querySelectorAll(`:is(${selectors})`)].filter(isInView)) ?? []

const blocking = ':modal,:fullscreen,[aria-modal=true]'

/** The page shows something of its own that nothing else should cover. */
export const isCovered = (): boolean => !!found(blocking)[0]

/** What the page has open that the key Escape may be meant for. */
export const openLayers = (): Element[] =>
  found(
    `${blocking},dialog[open],:popover-open:not([data-trialpace]),[role=dialog],[role=alertdialog],[role=menu],[role=listbox]`,
  )

/** A list, menu or section of the page that belongs to the focused control. */
export const isExpanded = (): boolean => !!focusedElement()?.matches('[aria-expanded=true]')

/** Calls back soon after the page’s elements have changed, at most once per `everyMs`. */
export function watchElements(everyMs: number, task: () => void): void {
  let isWaiting = false
  const look = guard(() => {
    isWaiting = false
    task()
  })
  const observer = new MutationObserver(
    guard(() => {
      if (isWaiting) return
      setTimeout(look, everyMs)
      isWaiting = true
    }),
  )
  observer.observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ['class', 'style', 'hidden', 'open', 'inert'],
  })
}
