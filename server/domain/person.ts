import { parseEmailAddress } from '../../shared/trial.ts'
import type { Person, PersonPatch, TrackedEvent } from './model.ts'
import { isTimeZone } from './zoned-time.ts'

/**
 * Who someone is, told bit by bit and out of order. Each word carries its time and the latest holds; of two at the
 * same instant the greater text, so that any order of events gives the same person.
 */

/**
 * What nobody vouches for is dated this much earlier (317 years), so that it never outweighs what the team’s server
 * or a signed identity has said.
 */
const unverifiedOffsetMs = 1e13
const traitLimit = 200

type FieldName = 'email' | 'name' | 'locale' | 'timeZone' | 'company' | 'plan'

/** Fields are dated in `traitsAt` beside the traits, with a mark; traits whose name begins with it are not taken. */
const fieldMark = '@'

const text = (value: unknown, limit: number): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, limit) : null

const nameOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['name'] : value

/** What a trusted identify may set beside traits; undefined = not usable. */
const fieldOfTrait: Record<string, (value: unknown) => readonly [FieldName, unknown] | undefined> = {
  email: (value) => ['email', value === null ? null : (parseEmailAddress(value) ?? undefined)],
  name: (value) => ['name', text(value, 200)],
  locale: (value) => ['locale', text(value, 35)],
  timeZone: (value) => ['timeZone', zone(value)],
  timezone: (value) => ['timeZone', zone(value)],
  company: (value) => ['company', text(nameOf(value), 200)],
  plan: (value) => ['plan', text(value, 200)],
}
/** Never taken from an event, and from an unverified one not even as a trait. */
const reserved = new Set([...Object.keys(fieldOfTrait), 'trial', 'consent'])

const zone = (value: unknown): string | null | undefined =>
  value === null ? null : typeof value === 'string' && isTimeZone(value) ? value : undefined

const order = (a: unknown, b: unknown): boolean => (JSON.stringify(a) ?? '') >= (JSON.stringify(b) ?? '')

/** Collects words and makes a new person only when one of them counted. */
class Listener {
  #person: Person
  #traits: Record<string, unknown> | null = null
  #traitsAt: Record<string, number> | null = null

  constructor(person: Person) {
    this.#person = person
  }

  #counts(key: string, value: unknown, at: number, current: unknown): boolean {
    const known = (this.#traitsAt ?? this.#person.traitsAt)[key]
    return known === undefined || at > known || (at === known && value !== current && order(value, current))
  }

  #date(key: string, at: number) {
    this.#traitsAt ??= { ...this.#person.traitsAt }
    this.#traitsAt[key] = at
  }

  field(name: FieldName, value: unknown, at: number) {
    const key = fieldMark + name
    if (!this.#counts(key, value, at, this.#person[name])) return
    this.#date(key, at)
    if (this.#person[name] !== value) this.#person = { ...this.#person, [name]: value }
  }

  trait(name: string, value: unknown, at: number) {
    if (name.startsWith(fieldMark) || name === '__proto__' || name.length > 200) return
    const traits = this.#traits ?? this.#person.traits
    if (!this.#counts(name, value, at, traits[name])) return
    const isNew = !Object.hasOwn(traits, name)
    if (isNew && (value === null || Object.keys(traits).length >= traitLimit)) {
      if (value === null) this.#date(name, at)
      return
    }
    this.#date(name, at)
    this.#traits ??= { ...this.#person.traits }
    if (value === null) delete this.#traits[name]
    else this.#traits[name] = value
  }

  done(): Person {
    if (!this.#traits && !this.#traitsAt) return this.#person
    return {
      ...this.#person,
      traits: this.#traits ?? this.#person.traits,
      traitsAt: this.#traitsAt ?? this.#person.traitsAt,
    }
  }
}

const isEmpty = (bag: object): boolean => {
  for (const _ in bag) return false
  return true
}

/** Traits, and where a signed identity or a secret key vouches for them also address, name and so on. */
export function foldPerson(person: Person, events: readonly TrackedEvent[]): Person {
  let listener: Listener | null = null
  for (const event of events) {
    const { timeZone, locale } = event
    const hasTraits = (event.type === 'identify' || event.type === 'group') && !isEmpty(event.traits)
    if (!hasTraits && timeZone == null && locale == null) continue
    listener ??= new Listener(person)
    const hintAt = event.at - unverifiedOffsetMs
    if (timeZone != null && isTimeZone(timeZone)) listener.field('timeZone', timeZone, hintAt)
    if (locale != null) listener.field('locale', text(locale, 35), hintAt)
    if (!hasTraits) continue
    const at = event.verified ? event.at : hintAt
    for (const [name, value] of Object.entries(event.traits)) {
      const field = event.verified && event.type === 'identify' ? fieldOfTrait[name]?.(value) : undefined
      if (field) {
        if (field[1] !== undefined) listener.field(field[0], field[1], at)
      } else if (!reserved.has(name)) listener.trait(name, value, at)
    }
  }
  return listener ? listener.done() : person
}

/** What a trusted caller says outright: absent keeps, null clears, and it holds over everything said before. */
export function describePerson(person: Person, patch: PersonPatch, now: number): Person {
  const { traits, consent, trial: _, ...fields } = patch
  const listener = new Listener(person)
  const outright = (key: string) => Math.max(now, (person.traitsAt[key] ?? now - 1) + 1)
  for (const [name, value] of Object.entries(fields) as [FieldName, unknown][])
    if (value !== undefined && person[name] !== value) listener.field(name, value, outright(fieldMark + name))
  for (const [name, value] of Object.entries(traits ?? {}))
    if (JSON.stringify(person.traits[name]) !== JSON.stringify(value === null ? undefined : value))
      listener.trait(name, value, outright(name))
  const described = listener.done()
  if (!consent) return described
  const merged = {
    mail: consent.mail === undefined ? person.consent.mail : consent.mail,
    tracking: consent.tracking === undefined ? person.consent.tracking : consent.tracking,
  }
  return merged.mail === person.consent.mail && merged.tracking === person.consent.tracking
    ? described
    : { ...described, consent: merged }
}
