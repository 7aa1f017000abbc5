import { parseEmailAddress } from '../shared/trial.ts'
import { composeWindows } from './gmail-compose.ts'
import { classSelectors, selectors } from './gmail-selectors.ts'
import { ownWords } from './own-words.ts'
import { addressOf, labelOf, type Person, personOf, unique } from './person.ts'

/** Reads who is in a thread. Only attributes of the header area are read, never the text of an email. */

/** `degraded`: the two strategies disagree, so Gmail’s markup is changing; `lost`: messages but no one in them. */
export type AdapterHealth = 'good' | 'degraded' | 'lost' | 'no_thread'

export interface Thread {
  /** Gmail’s own id when it tells one. */
  id: string | null
  /** Whom the card is about first: last sender that is not us, other senders newest first, To, Cc. */
  people: Person[]
  health: AdapterHealth
}

const addressesIn = (text: string): string[] =>
  text.split(/[\s()<>,;]+/).flatMap((word) => parseEmailAddress(word) ?? [])

/** The account(s) whose mailbox this is. The title ends with it: addresses before it are part of a subject. */
function accountAddresses(document: Document): Set<string> {
  const texts = [
    addressesIn(document.title).at(-1) ?? '',
    ...[...document.querySelectorAll(selectors.account)]
      .filter((link) => !link.closest(`${selectors.route}, ${selectors.message}`))
      .map((link) => link.getAttribute('aria-label') ?? ''),
    document.querySelector(selectors.loadingAccount)?.textContent ?? '',
  ]
  return new Set(texts.flatMap(addressesIn))
}

/** Every address of this mailbox: the account’s, those it sends as, and whatever Gmail itself calls "me". */
export function ownAddresses(document: Document): Set<string> {
  const own = accountAddresses(document)
  for (const field of document.querySelectorAll(selectors.composeFrom)) {
    const address = field.closest(selectors.message) ? null : addressOf(field)
    if (address) own.add(address)
  }
  const root = currentRoute(document)
  if (!root) return own
  const named = [...messagesIn(root, selectors.message).flatMap(headerElements), ...rowElements(root)]
  const labels = named.filter((element) => own.has(addressOf(element) ?? '')).map(labelOf)
  const words = ownWords(document.documentElement.lang, labels)
  for (const element of named) {
    const address = words.has(labelOf(element)) ? addressOf(element) : null
    if (address) own.add(address)
  }
  return own
}

/** Whose mailbox this is, to keep things apart by; null while the page does not tell. */
export const mailboxOf = (document: Document): string | null => [...accountAddresses(document)][0] ?? null

/** What the card may make narrower: the route on screen, or the page of a pop-out. */
export function routeElement(document: Document): HTMLElement | null {
  const route = currentRoute(document)
  return route instanceof HTMLElement ? route : null
}

/** The part of the page that shows the current route; what an email’s text says it is does not count. */
function currentRoute(document: Document): Element | null {
  const routes = [...document.querySelectorAll(selectors.route)].filter(
    (route) => !route.parentElement?.closest(`${selectors.route}, ${selectors.message}`),
  )
  return routes.findLast((route) => !route.closest('[hidden], [aria-hidden="true"]')) ?? popOutRoot(document)
}

/**
 * Pop-outs (`view=btop`) have no route element: a single thread fills the page. Elsewhere a missing route means
 * that the next one is still being drawn; what is in the document then is the past.
 */
const popOutRoot = (document: Document): Element | null =>
  new URLSearchParams(document.location.search).get('view') === 'btop' ? document.body : null

/** Outermost message elements, in order: some generations repeat the attribute on an inner element. */
const messagesIn = (root: Element, selector: string): Element[] =>
  [...root.querySelectorAll(selector)].filter((message) => !message.parentElement?.closest(selector))

/**
 * The header comes before the text in every generation, so the first cell that can name a sender is the header’s own;
 * the recipients share its table. What the text of an email contains is neither, also when the header cannot be read.
 */
function headerOf(message: Element): { cell: Element; header: Element } | null {
  const cell = [...message.querySelectorAll(selectors.senderCell)].find(
    (candidate) => !candidate.closest(classSelectors.text),
  )
  if (!cell) return null
  const table = cell.closest('table')
  return { cell, header: table && table !== message && message.contains(table) ? table : cell }
}

function personElements(root: Element): Element[] {
  const inside = [...root.querySelectorAll(selectors.person)]
  return (root.matches(selectors.person) ? [root, ...inside] : inside).filter(
    (element) => !element.closest(classSelectors.text),
  )
}

function headerElements(message: Element): Element[] {
  const found = headerOf(message)
  return found ? personElements(found.header) : []
}

interface Header {
  /** null: not named, or by something that is no address. Then the message is from no one. */
  sender: Person | null
  isNamed: boolean
  recipients: Person[]
}

function headerPeople(message: Element): Header {
  const found = headerOf(message)
  if (!found) return { sender: null, isNamed: false, recipients: [] }
  const { cell, header } = found
  const from = personElements(cell)[0]
  return {
    sender: from ? personOf(from) : null,
    isNamed: from !== undefined,
    recipients: personElements(header)
      .filter((element) => !cell.contains(element))
      .flatMap((element) => personOf(element) ?? []),
  }
}

const byClasses = (root: Element): Element[] => [...root.querySelectorAll(classSelectors.sender)]

function healthOf(headers: readonly Header[], classes: readonly Element[]): AdapterHealth {
  if (headers.every(({ isNamed }) => !isNamed))
    return headers.length > 0 || classes.length > 0 ? 'lost' : 'no_thread'
  const addresses = new Set(classes.map(addressOf))
  const isAgreed = headers.every(({ sender }) => !sender || addresses.has(sender.email))
  return classes.length > 0 && isAgreed ? 'good' : 'degraded'
}

/** The open thread, or null when none is. */
export function readThread(
  document: Document,
  own: ReadonlySet<string> = ownAddresses(document),
): Thread | null {
  const root = currentRoute(document)
  if (!root) return null
  const headers = messagesIn(root, selectors.message).map(headerPeople)
  const senders = headers.flatMap((header) => header.sender ?? [])
  const health = healthOf(headers, byClasses(root))
  if (health === 'no_thread') return null
  const newestFirst = [...senders].reverse()
  const people = unique([...newestFirst, ...headers.toReversed().flatMap((header) => header.recipients)])
  const id = threadIdIn(root)
  return {
    id: id === 'undefined' ? null : id,
    people: people.filter((person) => !own.has(person.email)),
    health,
  }
}

/** The subject stands right above the messages; rows of a list beside them carry the ids of other threads. */
function threadIdIn(root: Element): string | null {
  const first = root.querySelector(selectors.message)
  const subject = [...root.querySelectorAll(selectors.subject)].findLast(
    (candidate) =>
      !candidate.closest(selectors.message) &&
      !isInList(candidate) &&
      (!first || (candidate.compareDocumentPosition(first) & candidate.DOCUMENT_POSITION_FOLLOWING) !== 0),
  )
  return (
    subject?.getAttribute('data-legacy-thread-id') ?? subject?.getAttribute('data-thread-perm-id') ?? null
  )
}

/** The row of a list holds no message; older threads are in a table as a whole. */
function isInList(element: Element): boolean {
  if (element.closest('[role="grid"]')) return true
  const row = element.closest('tr')
  return row !== null && !row.querySelector(selectors.message) && !element.closest('h1, h2, [role="heading"]')
}

/** Cheap to ask on every change of the page: differs when another thread is on screen. */
export function threadKey(document: Document): string | null {
  const root = currentRoute(document)
  return root && threadIdIn(root)
}

/** Who is being written to in the compose window that has the focus, or the last one opened. */
export function readCompose(document: Document, own: ReadonlySet<string> = ownAddresses(document)): Person[] {
  const windows = composeWindows(document)
  const focused = windows.find(({ root }) => root.contains(document.activeElement)) ?? windows.at(-1)
  return focused?.recipients.filter((person) => !own.has(person.email)) ?? []
}

const rowsOf = (root: Element): Element[] =>
  [...root.querySelectorAll(selectors.row)].filter((row) => !row.closest(selectors.message))

const rowElements = (root: Element): Element[] =>
  rowsOf(root).flatMap((row) => [...row.querySelectorAll(selectors.person)])

/** Sender of each row of the list on screen; hidden copies for screen readers count once. */
export function readRows(
  document: Document,
  own: ReadonlySet<string> = ownAddresses(document),
): { row: Element; email: string }[] {
  const root = currentRoute(document)
  if (!root) return []
  return rowsOf(root).flatMap((row) => {
    const person = [...row.querySelectorAll(selectors.person)].flatMap((element) => personOf(element) ?? [])
    const other = person.find((candidate) => !own.has(candidate.email))
    return other ? [{ row, email: other.email }] : []
  })
}
