import { chooseCompose, composeWindows } from './gmail-compose.ts'

export interface ComposeWatch {
  /** @returns null when the text is in the email, else why it is not. */
  insert(text: string, person: { name: string; addresses: readonly string[] }): string | null
}

/** Remembers in which email the rep wrote last: a press on the card takes the focus away from it. */
export function watchCompose(document: Document, signal: AbortSignal): ComposeWatch {
  let lastFocused: Element | null = null
  let cursor: Range | null = null

  const note = (target: EventTarget | null) => {
    const window =
      target instanceof Element && composeWindows(document).find(({ root }) => root.contains(target))
    if (window) lastFocused = window.root
  }
  note(document.activeElement)
  document.addEventListener('focusin', ({ target }) => note(target), { signal, capture: true })
  document.addEventListener(
    'selectionchange',
    () => {
      const selection = document.getSelection()
      const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : null
      if (range && lastFocused?.contains(range.startContainer)) cursor = range.cloneRange()
    },
    { signal },
  )

  return {
    insert(text, person) {
      const visible = composeWindows(document).filter(({ body }) => body.isConnected && body.offsetParent)
      const choice = chooseCompose(visible, lastFocused, person)
      if (!choice.ok) return choice.why
      const { body } = choice
      body.focus()
      if (cursor && body.contains(cursor.startContainer)) {
        const selection = document.getSelection()
        selection?.removeAllRanges()
        selection?.addRange(cursor)
      }
      // As if typed: Gmail’s draft saver sees it and Ctrl+Z takes it back.
      return document.execCommand('insertText', false, text)
        ? null
        : 'Gmail did not accept the text. Try again.'
    },
  }
}
