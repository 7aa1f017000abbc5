import { isUnvouched, unvouchedOffsetMs } from './claims.ts'
import type { Person } from './model.ts'

/** Words of a former id keep their order among themselves, but any word of the id that stays outweighs them. */
const yielding = (at: number): number => (isUnvouched(at) ? at - unvouchedOffsetMs : Math.floor(at / 1000))

const fields = ['email', 'name', 'locale', 'timeZone', 'company', 'plan'] as const

/** The words of the id that stays hold, whenever they come; what it says nothing of is filled from the former one. */
export function adoptedPerson(mine: Person, theirs: Person): Person {
  const traits: Record<string, unknown> = { ...mine.traits }
  const traitsAt: Record<string, number> = { ...mine.traitsAt }
  const filled: Partial<Record<(typeof fields)[number], unknown>> = {}
  const isMine = (key: string) => Object.hasOwn(mine.traitsAt, key)
  for (const [key, at] of Object.entries(theirs.traitsAt)) {
    if (isMine(key)) continue
    traitsAt[key] = yielding(at)
    if (Object.hasOwn(theirs.traits, key)) traits[key] = theirs.traits[key]
  }
  for (const name of fields) if (mine[name] === null && !isMine(`@${name}`)) filled[name] = theirs[name]
  return {
    ...mine,
    ...(filled as Partial<Person>),
    traits,
    traitsAt,
    consent: {
      mail: mine.consent.mail ?? theirs.consent.mail,
      tracking: mine.consent.tracking ?? theirs.consent.tracking,
    },
  }
}
