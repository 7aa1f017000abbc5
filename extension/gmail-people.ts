import { parseEmailAddress } from '../shared/trial.ts'
import { classSelectors, selectors } from './gmail-selectors.ts'

/** Reads who is in a thread. Only attributes of the header area are read, never the text of a mail. */

export interface Person {
  /** Lower case. */
  email: string
  name: string | null
}

/** `degraded`: the two strategies disagree, so Gmail’s markup is changing; `lost`: messages but nobody in them. */
export type AdapterHealth = 'good' | 'degraded' | 'lost' | 'no_thread'

export interface Thread {
  /** Gmail’s own id when it tells one. */
  id: string | null
  /** Whom the card is about first: last sender that is not us, other senders newest first, To, Cc. */
  people: Person[]
  health: AdapterHealth
}

/** Hidden fields of older compose windows hold `Name <address>` or the bare address. */
const addressInField = (element: Element): string | null =>
  element.localName === 'input'
    ? (element.getAttribute('value')?.match(/[^\s<>]+(?=>?\s*$)/)?.[0] ?? null)
    : null

const addressOf = (element: Element): string | null =>
  parseEmailAddress(element.getAttribute('email')) ??
  parseEmailAddress(element.getAttribute('data-hovercard-id')) ??
  parseEmailAddress(addressInField(element))

function personOf(element: Element): Person | null {
  const email = addressOf(element)
  if (!email) return null
  const label = element.localName === 'input' ? null : element.getAttribute('name')
  const name = (label ?? element.getAttribute('data-name') ?? '').trim()
  return { email, name: name && !name.includes('@') ? name : null }
}

const addressesIn = (text: string): string[] =>
  text.split(/[\s()<>,;]+/).flatMap((word) => parseEmailAddress(word) ?? [])

/**
 * Addresses of the account(s) whose mailbox this is; "me" is localised, so the name attribute is no help. The title
 * ends with the account: addresses before it are part of a subject.
 */
export function ownAddresses(document: Document): Set<string> {
  const texts = [
    addressesIn(document.title).at(-1) ?? '',
    ...[...document.querySelectorAll(selectors.account)]
      .filter((link) => !link.closest(`${selectors.route}, ${selectors.message}`))
      .map((link) => link.getAttribute('aria-label') ?? ''),
    document.querySelector(selectors.loadingAccount)?.textContent ?? '',
  ]
  return new Set(texts.flatMap(addressesIn))
}

/** The part of the page that shows the current route; what a mail’s text says it is does not count. */
function currentRoute(document: Document): Element | null {
  const routes = [...document.querySelectorAll(selectors.route)].filter(
    (route) => !route.parentElement?.closest(`${selectors.route}, ${selectors.message}`),
  )
  return routes.findLast((route) => !route.closest('[hidden], [aria-hidden="true"]')) ?? popOutRoot(document)
}

/**
 * Pop-outs (`view=btop`) have no route element: a single thread fills the page. Elsewhere a missing route means
 * that the next one is still being drawn; what stands in the document then is the past.
 */
const popOutRoot = (document: Document): Element | null =>
  new URLSearchParams(document.location.search).get('view') === 'btop' ? document.body : null

/** Outermost message elements, in order: some generations repeat the attribute on an inner element. */
const messagesIn = (root: Element, selector: string): Element[] =>
  [...root.querySelectorAll(selector)].filter((message) => !message.parentElement?.closest(selector))

/**
 * The header comes before the text in every generation, so the first person in a message is its sender; the
 * recipients share the sender’s header table. What the text of a mail contains can be neither.
 */
function headerPeople(message: Element): { sender: Person | null; recipients: Person[] } {
  const candidates = message.matches(selectors.person)
    ? [message]
    : [...message.querySelectorAll(selectors.person)]
  const first = candidates.find((element) => personOf(element))
  if (!first) return { sender: null, recipients: [] }
  const header = headerOf(first, message)
  const recipients = header
    ? [...header.querySelectorAll(selectors.person)].flatMap((element) => personOf(element) ?? [])
    : []
  return { sender: personOf(first), recipients: recipients.slice(1) }
}

function headerOf(sender: Element, message: Element): Element | null {
  const table = sender.closest('table')
  return table && message.contains(table) && table !== message
    ? table
    : (sender.closest('[role="gridcell"], h3') ?? null)
}

function byClasses(root: Element): Set<string> {
  return new Set(
    [...root.querySelectorAll(classSelectors.sender)].flatMap((element) => addressOf(element) ?? []),
  )
}

const unique = (people: Person[]): Person[] => {
  const seen = new Map<string, Person>()
  for (const person of people) {
    const known = seen.get(person.email)
    if (!known) seen.set(person.email, person)
    else if (!known.name && person.name) seen.set(person.email, { ...known, name: person.name })
  }
  return [...seen.values()]
}

function healthOf(messages: number, senders: readonly Person[], classes: ReadonlySet<string>): AdapterHealth {
  if (senders.length === 0) return messages > 0 || classes.size > 0 ? 'lost' : 'no_thread'
  if (classes.size === 0) return 'degraded'
  return senders.every((sender) => classes.has(sender.email)) ? 'good' : 'degraded'
}

/** The open thread, or null when none is. */
export function readThread(
  document: Document,
  own: ReadonlySet<string> = ownAddresses(document),
): Thread | null {
  const root = currentRoute(document)
  if (!root) return null
  const messages = messagesIn(root, selectors.message)
  const headers = messages.map(headerPeople)
  const senders = headers.flatMap((header) => header.sender ?? [])
  const health = healthOf(messages.length, senders, byClasses(root))
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

/** The subject stands above the messages; the first match is therefore Gmail’s own unless it is inside of one. */
function threadIdIn(root: Element): string | null {
  const subject = root.querySelector(selectors.subject)
  if (!subject || subject.closest(selectors.message)) return null
  return subject.getAttribute('data-legacy-thread-id') ?? subject.getAttribute('data-thread-perm-id')
}

/** Cheap to ask on every change of the page: differs when another thread is on screen. */
export function threadKey(document: Document): string | null {
  const root = currentRoute(document)
  return root && threadIdIn(root)
}

/** Who is being written to in the compose window that has the focus, or the last one opened. */
export function readCompose(document: Document, own: ReadonlySet<string> = ownAddresses(document)): Person[] {
  const windows = [...document.querySelectorAll(selectors.composeWindow)].filter((element) =>
    element.querySelector(selectors.composeBody),
  )
  const focused = windows.find((element) => element.contains(document.activeElement)) ?? windows.at(-1)
  const chips = focused ? [...focused.querySelectorAll(selectors.composeChip)] : []
  return unique(chips.flatMap((chip) => personOf(chip) ?? [])).filter((person) => !own.has(person.email))
}

/** Sender of each row of the list on screen; hidden copies for screen readers count once. */
export function readRows(
  document: Document,
  own: ReadonlySet<string> = ownAddresses(document),
): { row: Element; email: string }[] {
  const root = currentRoute(document)
  if (!root) return []
  return [...root.querySelectorAll(selectors.row)].flatMap((row) => {
    if (row.closest(selectors.message)) return []
    const person = [...row.querySelectorAll(selectors.person)].flatMap((element) => personOf(element) ?? [])
    const other = person.find((candidate) => !own.has(candidate.email))
    return other ? [{ row, email: other.email }] : []
  })
}
