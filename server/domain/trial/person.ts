import { isUnvouched } from './claims.ts'
import type { PersonPatch } from './command.ts'
import type { Person } from './model.ts'

/**
 * Who someone is, told bit by bit and out of order. Each word carries its time and the latest holds; of two at the
 * same instant the greater text, so that any order gives the same person.
 */

type FieldName = 'email' | 'name' | 'locale' | 'timeZone' | 'company' | 'plan'

/** Fields are dated in `traitsAt` beside the traits, with a mark; traits whose name begins with it are not taken. */
const fieldMark = '@'
const traitLimit = 200
/** Removed ones leave their name, so that an older word does not bring them back. */
const namesKept = 2 * traitLimit
/** As JSON. A longer value is not taken; nor is one that would make all traits of a person longer than this. */
export const maxTraitChars = 4_000
const maxTraitsChars = 64_000

/** How much room a value takes, as JSON. Only what has parts is written out for that. */
export function traitChars(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8
}

const totalChars = (traits: Person['traits']): number =>
  Object.entries(traits).reduce((sum, [name, value]) => sum + name.length + traitChars(value), 0)

/** Of those that no one vouches for; they take no room from the others. */
const unvouchedLimit = 50

const unvouchedIn = (traits: Person['traits'], traitsAt: Person['traitsAt']): number =>
  Object.keys(traits).filter((name) => isUnvouched(traitsAt[name] ?? 0)).length
const provenIn = (traits: Person['traits'], traitsAt: Person['traitsAt']): number =>
  Object.keys(traits).length - unvouchedIn(traits, traitsAt)

const isGreater = (a: unknown, b: unknown): boolean => (JSON.stringify(a) ?? '') > (JSON.stringify(b) ?? '')

/** When something was said. */
export interface When {
  readonly at: number
  /** Said here and now, one word after the other: it outweighs all before it, also of the same instant. */
  readonly isLatest: boolean
}

const knownAt = (traitsAt: Person['traitsAt'], key: string): number | undefined =>
  Object.hasOwn(traitsAt, key) ? traitsAt[key] : undefined

/** How a word said then compares with what is known: later, of the same instant, or too old to count. */
export function ageOf(
  traitsAt: Person['traitsAt'],
  key: string,
  { at, isLatest }: When,
): 'later' | 'same' | 'older' {
  const known = knownAt(traitsAt, key)
  if (isLatest || known === undefined || at > known) return 'later'
  return at === known ? 'same' : 'older'
}

function outweighs(
  traitsAt: Person['traitsAt'],
  key: string,
  when: When,
  value: unknown,
  current: unknown,
): boolean {
  const known = knownAt(traitsAt, key)
  if (known === undefined || when.at > known) return true
  if (when.isLatest) return JSON.stringify(value) !== JSON.stringify(current)
  return when.at === known && isGreater(value, current)
}

/** Another host’s clock may have been ahead: what is the latest stays so. */
export const dated = (
  traitsAt: Person['traitsAt'],
  key: string,
  { at }: Pick<When, 'at'>,
): Person['traitsAt'] => {
  const latest = Math.max(at, knownAt(traitsAt, key) ?? at)
  return traitsAt[key] === latest ? traitsAt : { ...traitsAt, [key]: latest }
}

/** Under which names `traitsAt` keeps when the end and the start of the trial were said. */
export const datesKey = `${fieldMark}trial`
export const startKey = `${fieldMark}start`

function withFields(person: Person, fields: Partial<Pick<Person, FieldName>>, when: When): Person {
  let result = person
  for (const [name, value] of Object.entries(fields) as [FieldName, never][]) {
    const key = fieldMark + name
    if (value === undefined || !outweighs(result.traitsAt, key, when, value, result[name])) continue
    result = { ...result, [name]: value, traitsAt: dated(result.traitsAt, key, when) }
  }
  return result
}

function withTraits(person: Person, said: NonNullable<PersonPatch['traits']>, when: When): Person {
  const { at } = when
  const traits = { ...person.traits }
  const traitsAt = { ...person.traitsAt }
  let changed = false
  let room: number | null = null
  for (const [name, value] of Object.entries(said)) {
    const isTaken = !name.startsWith(fieldMark) && name !== '__proto__' && value !== undefined
    if (!isTaken || !outweighs(traitsAt, name, when, value, traits[name] ?? null)) continue
    const isNew = !Object.hasOwn(traits, name)
    if (!Object.hasOwn(traitsAt, name) && Object.keys(traitsAt).length >= namesKept) continue
    if (isNew && value !== null && isUnvouched(at) && unvouchedIn(traits, traitsAt) >= unvouchedLimit)
      continue
    if (isNew && value !== null && provenIn(traits, traitsAt) >= traitLimit) continue
    if (value !== null) {
      room ??= maxTraitsChars - totalChars(traits)
      const grows = traitChars(value) + (isNew ? name.length : -traitChars(traits[name]))
      if (traitChars(value) > maxTraitChars || grows > room) continue
      room -= grows
    }
    changed = true
    traitsAt[name] = Math.max(at, knownAt(traitsAt, name) ?? at)
    if (value === null) delete traits[name]
    else traits[name] = value
  }
  return changed ? { ...person, traits, traitsAt } : person
}

function withConsent(person: Person, said: NonNullable<PersonPatch['consent']>): Person {
  const { mail = person.consent.mail, tracking = person.consent.tracking } = said
  return mail === person.consent.mail && tracking === person.consent.tracking
    ? person
    : { ...person, consent: { mail, tracking } }
}

/**
 * Absent keeps, null clears. Consent always takes the last word that arrived.
 * @returns the same object when nothing was new.
 */
export function describePerson(person: Person, patch: PersonPatch, when: When): Person {
  const { traits, consent, trial: _, ...fields } = patch
  let result = withFields(person, fields, when)
  if (traits) result = withTraits(result, traits, when)
  if (consent) result = withConsent(result, consent)
  return result
}
