import { isSameMailbox } from '../shared/mailbox.ts'
import { selectors } from './gmail-selectors.ts'
import { type Person, personOf, unique } from './person.ts'

/** Emails being written: where, to whom, and which of them a text may go into. */

export interface ComposeWindow {
  root: Element
  body: HTMLElement
  recipients: Person[]
}

/** The widest frame around a text field that holds nothing but this one email. */
function frameOf(body: Element): Element | null {
  let frame: Element | null = null
  for (let at = body.parentElement; at; at = at.parentElement) {
    if (at.matches(selectors.route) || at.querySelector(selectors.message)) break
    if (at.querySelectorAll(selectors.composeBody).length > 1) break
    if (at.matches(selectors.composeWindow)) frame = at
  }
  return frame
}

/** Lists of suggestions look like recipients; the field that opens one names it. */
function suggestionLists(root: Element): Element[] {
  const fields = [...root.querySelectorAll('[role="combobox"]')]
  const ids = fields.flatMap((field) =>
    `${field.getAttribute('aria-controls') ?? ''} ${field.getAttribute('aria-owns') ?? ''}`.split(/\s+/),
  )
  return ids.flatMap((id) => (id && root.ownerDocument.getElementById(id)) || [])
}

function recipientsOf(root: Element, body: Element): Person[] {
  const suggestions = suggestionLists(root)
  return unique(
    [...root.querySelectorAll(selectors.composeChip)]
      .filter((chip) => !body.contains(chip) && !suggestions.some((list) => list.contains(chip)))
      .flatMap((chip) => personOf(chip) ?? []),
  )
}

/** What the text of a received email contains is no window to write in. */
export const composeWindows = (document: Document): ComposeWindow[] =>
  [...document.querySelectorAll<HTMLElement>(selectors.composeBody)].flatMap((body) => {
    if (body.closest(selectors.message)) return []
    const root = frameOf(body)
    return root ? [{ root, body, recipients: recipientsOf(root, body) }] : []
  })

export type ComposeChoice = { ok: true; body: HTMLElement } | { ok: false; why: string }

/**
 * A text with one person’s numbers goes only into the email that the rep wrote in last, and only if it is to that
 * person; every doubt is a refusal that says what to do.
 */
export function chooseCompose(
  windows: readonly ComposeWindow[],
  lastFocused: Element | null,
  person: { name: string; addresses: readonly string[] },
): ComposeChoice {
  const target = windows.find(({ root }) => root === lastFocused)
  if (!target)
    return {
      ok: false,
      why:
        windows.length === 0
          ? 'Open a reply first, then insert.'
          : 'Click into the email you are writing, then insert.',
    }
  const isTo = target.recipients.some(({ email }) =>
    person.addresses.some((address) => isSameMailbox(address, email)),
  )
  if (isTo) return { ok: true, body: target.body }
  const others = target.recipients.map(({ name, email }) => name ?? email).slice(0, 3)
  return {
    ok: false,
    why:
      others.length === 0
        ? `Not inserted: the email you are writing names no recipient yet. Add ${person.name} first.`
        : `Not inserted: the email you are writing goes to ${others.join(', ')}, not to ${person.name}.`,
  }
}
