import { guard } from '../guard.ts'

/** Is the person in the middle of typing? Looks through open shadow roots. */
export function isTyping(): boolean {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return !!focused?.matches(
    'input:not([type=button],[type=submit],[type=checkbox],[type=radio]),textarea,select,[contenteditable]:not([contenteditable=false])',
  )
}

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
  observer.observe(document.documentElement, { childList: true, subtree: true })
}
