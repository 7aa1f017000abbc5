import { composeWindows } from './gmail-compose.ts'
import { routeElement } from './gmail-people.ts'
import { selectors } from './gmail-selectors.ts'
import { boxBeside, clampPlace, margin, type Place, placeAfterKey, widthBeside } from './place.ts'

/** `beside` the email, as a `strip` below it where both do not fit, or `moved` by the rep. */
export type Standing = 'beside' | 'strip' | 'moved'

export interface CardPlace {
  /** By a drag or the arrow keys; Home puts it back beside the email. */
  readonly move: { start: (event: PointerEvent) => void; key: (event: KeyboardEvent) => void }
  /** As it was left; null: beside the email. */
  restore(place: Place | null): void
  /** The page, the window or the card has changed. */
  settle(isVisible: boolean): void
}

/**
 * Puts the card where it covers no email: Gmail’s own column of the thread is made narrower by a margin, which is
 * taken away on paper, and whenever the card is not beside. Where a margin changes nothing, the card becomes a strip.
 */
export function createCardPlace(
  element: HTMLElement,
  signal: AbortSignal,
  told: { standing: (standing: Standing) => void; moved: (place: Place | null) => void },
): CardPlace {
  const { ownerDocument: document } = element
  const isPrinting = matchMedia('print')
  let moved: Place | null = null
  let isVisible = false
  let standing: Standing | null = null
  let roomIn: HTMLElement | null = null
  /** Where a margin was tried and gave no room. */
  let triedIn: { route: HTMLElement; width: number } | null = null

  const become = (next: Standing) => {
    if (standing === next) return
    standing = next
    told.standing(next)
  }
  const giveBack = () => {
    roomIn?.style.removeProperty('margin-inline-end')
    roomIn?.style.removeProperty('margin-block-end')
    roomIn = null
  }
  const takeRoom = (route: HTMLElement, side: 'margin-inline-end' | 'margin-block-end', px: number) => {
    if (roomIn !== route) giveBack()
    roomIn = route
    route.style.removeProperty(side === 'margin-inline-end' ? 'margin-block-end' : 'margin-inline-end')
    route.style.setProperty(side, `${px}px`, 'important')
  }
  const put = (
    style: Partial<Record<'left' | 'right' | 'top' | 'bottom' | 'width', string>>,
    maxHeight: number,
  ) => {
    Object.assign(element.style, { left: 'auto', right: 'auto', top: 'auto', bottom: 'auto', ...style })
    element.style.setProperty('--tp-max-height', `${Math.floor(maxHeight)}px`)
  }

  function putMoved(wanted: Place): Place {
    giveBack()
    become('moved')
    element.style.width = `${Math.min(340, innerWidth - 2 * margin)}px`
    const { width, height } = element.getBoundingClientRect()
    const place = clampPlace(wanted, { width, height }, { width: innerWidth, height: innerHeight })
    put({ left: `${place.left}px`, top: `${place.top}px` }, innerHeight - place.top - margin)
    return place
  }

  function putBeside(route: HTMLElement): boolean {
    const area = (route.parentElement ?? route).getBoundingClientRect()
    const width = widthBeside(area.width)
    if (width === null || (triedIn?.route === route && triedIn.width === area.width)) return false
    takeRoom(route, 'margin-inline-end', width + 2 * margin)
    const isRtl = getComputedStyle(document.documentElement).direction === 'rtl'
    const inColumn = (left: number) =>
      composeWindows(document)
        .map(({ root }) => root.getBoundingClientRect())
        .filter(
          (rect) => rect.left < left + width && rect.right > left && rect.height > 0 && rect.top > margin,
        )
        .map(({ top }) => top)
    const free = boxBeside(area, width, { width: innerWidth, height: innerHeight }, isRtl, [])
    const box = boxBeside(area, width, { width: innerWidth, height: innerHeight }, isRtl, inColumn(free.left))
    if (isEmailUnder(route, box.left, box.left + width)) {
      triedIn = { route, width: area.width }
      return false
    }
    become('beside')
    put({ left: `${box.left}px`, top: `${box.top}px`, width: `${width}px` }, box.maxHeight)
    return true
  }

  function putStrip(route: HTMLElement | null): void {
    become('strip')
    put(
      { left: `${margin}px`, right: `${margin}px`, bottom: `${margin}px`, width: 'auto' },
      innerHeight - 2 * margin,
    )
    // Folded, so that the end of the email can be scrolled above it.
    if (route)
      takeRoom(route, 'margin-block-end', Math.min(element.offsetHeight, innerHeight / 2) + 2 * margin)
  }

  function settle(): void {
    const route = routeElement(document)
    if (!isVisible || isPrinting.matches || signal.aborted) giveBack()
    else if (moved) putMoved(moved)
    else if (!route || !putBeside(route)) putStrip(route)
  }

  addEventListener('resize', settle, { signal })
  const sizes = new ResizeObserver(settle)
  sizes.observe(element)
  isPrinting.addEventListener('change', settle, { signal })
  signal.addEventListener('abort', () => {
    sizes.disconnect()
    giveBack()
  })
  return {
    restore(place) {
      moved = place
      settle()
    },
    settle(nowVisible) {
      isVisible = nowVisible
      settle()
    },
    move: {
      start(event) {
        const { left, top } = element.getBoundingClientRect()
        const [x, y] = [event.clientX - left, event.clientY - top]
        const drag = new AbortController()
        const until = { signal: AbortSignal.any([drag.signal, signal]), capture: true }
        let wasMoved = false
        addEventListener(
          'pointermove',
          ({ clientX, clientY }) => {
            moved = putMoved({ left: clientX - x, top: clientY - y })
            wasMoved = true
          },
          until,
        )
        const end = () => {
          drag.abort()
          if (wasMoved) told.moved(moved)
        }
        for (const type of ['pointerup', 'pointercancel'] as const) addEventListener(type, end, until)
      },
      key(event) {
        const { left, top } = element.getBoundingClientRect()
        const place = placeAfterKey(event.key, { left, top })
        if (!place && event.key !== 'Home') return
        event.preventDefault()
        moved = place && putMoved(place)
        if (!place) settle()
        told.moved(moved)
      },
    },
  }
}

/** Gmail did not give the room: something of the email is still where the card would be. */
function isEmailUnder(route: HTMLElement, left: number, right: number): boolean {
  const message = [...route.querySelectorAll(selectors.message)].find(
    (found) => found.getClientRects().length > 0,
  )
  if (!message) return false
  const rect = message.getBoundingClientRect()
  return rect.left < right - 1 && rect.right > left + 1
}
