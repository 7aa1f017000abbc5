import { parseEmailAddress } from '../shared/trial.ts'

/** A person that an element of Gmail’s page names by its attributes. */
export interface Person {
  /** Lower case. */
  email: string
  name: string | null
  /** Set when a group passed the message on: the address is the group’s, the name the writer’s. */
  via?: { name: string; group: string }
}

/** Hidden fields of older compose windows hold `Name <address>` or the bare address. */
const addressInField = (element: Element): string | null =>
  element.localName === 'input'
    ? (element
        .getAttribute('value')
        ?.slice(-300)
        .match(/[^\s<>]+(?=>?\s*$)/)?.[0] ?? null)
    : null

export const addressOf = (element: Element): string | null =>
  parseEmailAddress(element.getAttribute('email')) ??
  parseEmailAddress(element.getAttribute('data-hovercard-id')) ??
  parseEmailAddress(addressInField(element))

/** What Gmail calls this person; its own word for the reader when it is the reader. */
export const labelOf = (element: Element): string =>
  (
    (element.localName === 'input' ? null : element.getAttribute('name')) ??
    element.getAttribute('data-name') ??
    ''
  ).trim()

export function personOf(element: Element): Person | null {
  const email = addressOf(element)
  if (!email) return null
  const name = labelOf(element)
  const via = viaGroup(name)
  return { email, name: name && !name.includes('@') ? name : null, ...(via && { via }) }
}

/**
 * Groups rewrite the sender of what they pass on, because of DMARC: `'Ann Lee' via Support <support@acme.test>`. The
 * word between is the group’s language; without quotes only "via" is taken for one.
 */
function viaGroup(name: string): Person['via'] | null {
  if (name.length > 300) return null
  const quoted = /^['‘"“]([^'’"”]{1,120})['’"”] [\p{L}\p{M}]{1,12} (\S.*)$/u.exec(name)
  const plain = quoted ?? /^(\S[^@]{0,119}?) via (\S.*)$/u.exec(name)
  return plain?.[1] && plain[2] ? { name: plain[1], group: plain[2] } : null
}

/** Each address once, in order, with the first name that any of its elements gives. */
export const unique = (people: readonly Person[]): Person[] => {
  const seen = new Map<string, Person>()
  for (const person of people) {
    const known = seen.get(person.email)
    if (!known) seen.set(person.email, person)
    else if (!known.name && person.name) seen.set(person.email, { ...known, name: person.name })
  }
  return [...seen.values()]
}
