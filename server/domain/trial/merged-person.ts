import type { Person } from './model.ts'

const fields = ['email', 'name', 'locale', 'timeZone', 'company', 'plan'] as const

const text = (value: unknown): string => JSON.stringify(value) ?? ''

/** false of either holds: no one is mailed again by being moved. */
const stricter = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : (a ?? b)

/**
 * What two places know of one person under one user id: of each field and trait the latest word, of two at the same
 * instant the greater text, as in person.ts. In any order the same.
 */
export function mergedPerson(a: Person, b: Person): Person {
  if (a === b) return a
  const traits: Record<string, unknown> = { ...a.traits }
  const traitsAt: Record<string, number> = { ...a.traitsAt }
  const taken: Partial<Record<(typeof fields)[number], unknown>> = {}
  for (const [key, at] of Object.entries(b.traitsAt)) {
    const known = Object.hasOwn(a.traitsAt, key) ? (a.traitsAt[key] as number) : null
    const field = key.startsWith('@') ? fields.find((name) => key === `@${name}`) : undefined
    const mine = field ? a[field] : Object.hasOwn(a.traits, key) ? a.traits[key] : undefined
    const theirs = field ? b[field] : Object.hasOwn(b.traits, key) ? b.traits[key] : undefined
    if (known !== null && (at < known || (at === known && text(theirs) <= text(mine)))) continue
    traitsAt[key] = at
    if (field) taken[field] = theirs
    else if (theirs === undefined) delete traits[key]
    else traits[key] = theirs
  }
  return {
    ...a,
    ...(taken as Partial<Person>),
    traits,
    traitsAt,
    consent: {
      mail: stricter(a.consent.mail, b.consent.mail),
      tracking: stricter(a.consent.tracking, b.consent.tracking),
    },
  }
}
