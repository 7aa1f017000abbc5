import { hourMs } from '../../shared/clock.ts'
import type { Company } from '../domain/trial/company.ts'
import { currentMembers } from '../domain/trial/members.ts'
import type { Trial } from '../domain/trial/model.ts'
import { type CompanyKeys, companyKeysOf } from './company-keys.ts'
import type { TrialQuery } from './port.ts'

/** What both databases keep beside the trial itself to find and sort it; the trial is stored as JSON text. */
export interface TrialFields extends CompanyKeys {
  readonly segment: string
  readonly pace: string
  readonly status: string
  readonly email: string | null
  /** Of the people of a company. */
  readonly emails: readonly string[]
  /** No end sorts as the farthest end. */
  readonly endsAt: number
  readonly score: number
  readonly createdAt: number
  readonly nextAt: number | null
  /** Lower-cased email, name, company and user id, one a line. */
  readonly search: string
  /** Indexed instead of the instant, which would move the index at every event. */
  readonly lastSeenHour: number
  readonly lastSeenAt: number
}

/** Later than any instant the product accepts, still exact as a double. */
const never = 9e15

export function trialFields(trial: Trial): TrialFields {
  const lastSeenAt = lastSeen(trial)
  return {
    segment: trial.standing.segment,
    pace: trial.standing.pace,
    status: trial.clock.status,
    email: trial.person.email,
    emails: emailsOf(trial),
    ...companyKeysOf(trial.person),
    endsAt: trial.clock.endsAt ?? never,
    score: trial.standing.score,
    createdAt: trial.createdAt,
    nextAt: trial.nextAt,
    search: searchText(trial),
    lastSeenHour: Math.floor(lastSeenAt / hourMs),
    lastSeenAt,
  }
}

const emailsOf = ({ company }: Trial): string[] =>
  company ? [...new Set(currentMembers(company).flatMap(([, { person }]) => person.email ?? []))].sort() : []

const searchText = ({ person, userId, company }: Trial): string =>
  [person.email, person.name, person.company, userId, ...(company ? wordsOf(company) : [])]
    .filter((part) => part !== null)
    .join('\n')
    .replaceAll('\0', ' ')
    .toLowerCase()

/** Of more people than this it is found by the company alone. */
const searchedMembers = 50

const wordsOf = (company: Company): (string | null)[] => [
  company.id,
  ...currentMembers(company)
    .slice(0, searchedMembers)
    .flatMap(([userId, { person }]) => [person.email, person.name, userId]),
]

function samePeople(a: Company | undefined, b: Company | undefined): boolean {
  if (a === b) return true
  if (!a || !b) return false
  const [before, after] = [Object.entries(a.members), Object.entries(b.members)]
  return (
    before.length === after.length &&
    before.every(([userId, member], index) => {
      const [other, same] = after[index] ?? []
      return other === userId && same?.person === member.person && same.left === member.left
    })
  )
}

/** Whether only usage moved on: then no index has to be touched. */
export const sameIndexedFields = (before: Trial, after: Trial): boolean =>
  before.standing.segment === after.standing.segment &&
  before.standing.score === after.standing.score &&
  before.standing.pace === after.standing.pace &&
  before.clock.status === after.clock.status &&
  before.clock.endsAt === after.clock.endsAt &&
  before.createdAt === after.createdAt &&
  before.userId === after.userId &&
  before.person.email === after.person.email &&
  before.person.name === after.person.name &&
  before.person.company === after.person.company &&
  samePeople(before.company, after.company) &&
  (before.person.traits === after.person.traits ||
    companyKeysOf(before.person).company === companyKeysOf(after.person).company) &&
  hourOf(before) === hourOf(after)

/** Anyone who sent it: the list shows what the team sees. */
export const lastSeen = ({ usage, claimed }: Trial): number =>
  Math.max(usage.lastSeenAt ?? 0, claimed?.lastSeenAt ?? 0)

const hourOf = (trial: Trial): number => Math.floor(lastSeen(trial) / hourMs)

export const searchTerm = (q: string): string => q.replaceAll('\0', ' ').trim().toLowerCase()

export interface ListOrder {
  /** Field names from the index’s first to the one that decides; the id breaks ties. */
  readonly fields: readonly (keyof TrialFields)[]
  readonly descending: boolean
}

export function listOrder(sort: TrialQuery['sort']): ListOrder {
  const descending = sort.startsWith('-')
  const field = (descending ? sort.slice(1) : sort) as 'endsAt' | 'score' | 'lastSeenAt' | 'createdAt'
  return { fields: field === 'lastSeenAt' ? ['lastSeenHour', 'lastSeenAt'] : [field], descending }
}

export interface ListCursor {
  /** Value of the deciding field of the last row shown. */
  readonly value: number
  readonly id: string
}

export const encodeCursor = (trial: Trial, sort: TrialQuery['sort']): string => {
  const deciding = listOrder(sort).fields.at(-1)!
  return encodePlace({ value: Number(trialFields(trial)[deciding]), id: trial.id })
}

export const encodePlace = ({ value, id }: ListCursor): string =>
  Buffer.from(JSON.stringify([value, id])).toString('base64url')

/** @throws InvalidCursor */
export function decodeCursor(cursor: string): ListCursor {
  try {
    const [value, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof value === 'number' && typeof id === 'string' && rest.length === 0) return { value, id }
  } catch {
    // Not ours; falls through to the one error.
  }
  throw new InvalidCursor()
}

/** The caller’s cursor did not come from this list. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor'
  constructor() {
    super('The cursor is not one that this list gave out.')
  }
}
