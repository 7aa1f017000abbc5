import { isPlaceholderId } from '../../../shared/placeholder-id.ts'
import { memberLimit } from './company.ts'
import type { Trial } from './model.ts'

/** Which company someone with a trial of their own says that they are of, and what of that a person should look at. */

type Named =
  | { readonly companyId: string }
  /** The trait is there and names no company. */
  | { readonly why: string }

const longestId = 255
const printable = /^[^\p{Cc}\p{Cs}]+$/u

/** @param trait its name; `company` is also the field of that name @returns null: nothing is said */
export function companyNamedBy({ person }: Pick<Trial, 'person'>, trait: string): Named | null {
  const said = Object.hasOwn(person.traits, trait) ? person.traits[trait] : undefined
  const value = said ?? (trait === 'company' ? person.company : null)
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string' && typeof value !== 'number')
    return { why: `Their "${trait}" is not a text or a number.` }
  const companyId = String(value).trim()
  if (companyId === '') return null
  if (isPlaceholderId(companyId))
    return { why: `Their "${trait}" is "${companyId}", which names no company.` }
  if (companyId.length > longestId || !printable.test(companyId))
    return { why: `Their "${trait}" is longer than ${longestId} characters or not printable.` }
  return { companyId }
}

interface Tally {
  readonly members: number
  readonly converted: number
}

interface Look {
  readonly userId: string | null
  readonly companyId: string | null
  readonly why: string
}

export interface SwitchPlan {
  readonly people: number
  readonly joining: number
  readonly companies: number
  readonly alone: number
  readonly unclear: number
  readonly look: readonly Look[]
  readonly largest: readonly { readonly companyId: string; readonly members: number }[]
}

const lookShown = 100
const largestShown = 10

/** What people come to as companies, gathered one by one. */
export function createSwitchPlan(trait: string) {
  const companies = new Map<string, Tally>()
  const look: Look[] = []
  let [people, joining, alone, unclear] = [0, 0, 0, 0]
  const note = (one: Look) => {
    unclear++
    if (look.length < lookShown) look.push(one)
  }

  return {
    size: () => companies.size,
    add(trial: Trial): void {
      people++
      const named = companyNamedBy(trial, trait)
      if (named === null) alone++
      else if ('why' in named) note({ userId: trial.userId, companyId: null, why: named.why })
      else {
        joining++
        const { members, converted } = companies.get(named.companyId) ?? { members: 0, converted: 0 }
        companies.set(named.companyId, {
          members: members + 1,
          converted: converted + Number(trial.clock.status === 'converted'),
        })
      }
    },
    plan(): SwitchPlan {
      for (const one of questionsOf(companies)) note(one)
      const largest = [...companies]
        .map(([companyId, { members }]) => ({ companyId, members }))
        .sort((a, b) => b.members - a.members || (a.companyId < b.companyId ? -1 : 1))
        .slice(0, largestShown)
      return { people, joining, companies: companies.size, alone, unclear, look, largest }
    },
  }
}

/** What of the companies is perhaps not as it was meant. */
function questionsOf(companies: ReadonlyMap<string, Tally>): Look[] {
  const bySpelling = new Map<string, string>()
  const questions: Look[] = []
  for (const [companyId, { members, converted }] of companies) {
    const ask = (why: string) => questions.push({ userId: null, companyId, why })
    if (members > memberLimit)
      ask(`${members} people: of more than ${memberLimit} only the number is kept, and what they do.`)
    if (converted > 0 && converted < members)
      ask(`${converted} of ${members} people are customers: the whole company becomes one.`)
    const spelling = companyId.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ')
    const other = bySpelling.get(spelling)
    if (other !== undefined) ask(`Spelled like "${other}": they become two companies.`)
    else bySpelling.set(spelling, companyId)
  }
  return questions
}
