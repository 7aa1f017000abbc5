import { selectors } from './gmail-selectors.ts'

/**
 * Puts text where the rep’s cursor was in the open reply, as if typed: Gmail’s draft saver sees it and Ctrl+Z takes
 * it back, which direct changes of the document would not give.
 * @returns false when no reply is open.
 */
export function insertIntoCompose(document: Document, text: string): boolean {
  const bodies = [...document.querySelectorAll<HTMLElement>(selectors.composeBody)].filter(
    (body) => body.isConnected && body.offsetParent,
  )
  const body = bodies.find((candidate) => candidate.contains(document.activeElement)) ?? bodies.at(-1)
  if (!body) return false
  body.focus()
  return document.execCommand('insertText', false, text)
}
