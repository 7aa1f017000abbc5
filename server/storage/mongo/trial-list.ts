import mongoose from 'mongoose'
import { mailboxKey } from '../../../shared/mailbox.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { TrialQuery } from '../port.ts'
import {
  decodeCursor,
  encodeCursor,
  listOrder,
  searchTerm,
  type TrialFields,
  trialFields,
} from '../trial-fields.ts'
import type { Models, TrialDocument } from './models.ts'
import { toStored } from './trial-documents.ts'

/** @throws InvalidCursor */
export async function listTrials(
  { trials }: Models,
  query: TrialQuery,
): Promise<{ trials: Trial[]; cursor: string | null }> {
  const ofPeople = await search({ trials }, query, 'email')
  const isByAddress = query.email !== undefined || query.mailbox !== undefined
  const ofCompanies = isByAddress ? await search({ trials }, query, 'emails') : []
  const found = inOrder([...ofPeople, ...ofCompanies], query)
  const shown = found.slice(0, query.limit)
  const more = found.length > query.limit
  return { trials: shown, cursor: more ? encodeCursor(shown.at(-1)!, query.sort) : null }
}

/** Of two pages that were each in order; each has one more than is shown. */
function inOrder(trials: Trial[], { sort }: TrialQuery): Trial[] {
  const { deciding, direction } = orderOf(sort)
  const placeOf = (trial: Trial) => Number(trialFields(trial)[deciding])
  return trials.sort(
    (a, b) => direction * (placeOf(a) - placeOf(b)) || direction * (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  )
}

/** @param address where it is looked for: a person’s own, or those of the people of a company */
async function search(
  { trials }: Pick<Models, 'trials'>,
  query: TrialQuery,
  address: 'email' | 'emails',
): Promise<Trial[]> {
  const { deciding, direction } = orderOf(query.sort)
  const search = trials
    .find(filterOf(query, address), { body: 1, folds: 1 })
    .sort({ [deciding]: direction, _id: direction })
    .limit(query.limit + 1)
    .lean<TrialDocument[]>()
  // Else the planner may read all trials in their order.
  if (query.mailbox !== undefined) search.hint({ [address]: 1 })
  if (query.domain !== undefined) search.hint({ workspaceId: 1, domain: 1, createdAt: 1, _id: 1 })
  else if (query.company !== undefined) search.hint({ workspaceId: 1, company: 1, createdAt: 1, _id: 1 })
  return (await search).map((document) => toStored(document).trial)
}

function filterOf(query: TrialQuery, address: 'email' | 'emails'): Record<string, unknown> {
  return {
    workspaceId: query.workspaceId,
    status: query.status ?? mongoose.trusted({ $ne: 'anonymous' }),
    ...(query.segment ? { segment: query.segment } : {}),
    ...(query.pace ? { pace: query.pace } : {}),
    ...(query.email === undefined ? {} : { [address]: query.email }),
    ...(query.mailbox === undefined
      ? {}
      : { [address]: mongoose.trusted({ $regex: spellingsOf(query.mailbox) }) }),
    ...(query.domain === undefined ? {} : { domain: query.domain }),
    ...(query.company === undefined ? {} : { company: query.company }),
    ...(query.q ? { search: mongoose.trusted({ $regex: literally(searchTerm(query.q)) }) } : {}),
    ...(query.cursor === undefined ? {} : behind(query.cursor, query.sort)),
  }
}

/** Spellings of one mailbox: anchored, so that the index on addresses is read from its first letters on. */
function spellingsOf(email: string): string {
  const key = mailboxKey(email)
  const at = key.lastIndexOf('@')
  const [local, domain] = [key.slice(0, at), key.slice(at + 1)]
  if (domain !== 'gmail.com') return `^${literally(local)}(\\+[^@]*)?@${literally(domain)}$`
  return `^${[...local].map(literally).join('\\.*')}\\.*(\\+[^@]*)?@(gmail|googlemail)\\.com$`
}

function behind(cursor: string, sort: TrialQuery['sort']): Record<string, unknown> {
  const { value, id } = decodeCursor(cursor)
  const { deciding, direction } = orderOf(sort)
  const beyond = (limit: number | string) => mongoose.trusted(direction < 0 ? { $lt: limit } : { $gt: limit })
  return {
    // The bound of the index; what stands on it exactly is told apart by the id.
    [deciding]: mongoose.trusted(direction < 0 ? { $lte: value } : { $gte: value }),
    $or: [{ [deciding]: beyond(value) }, { [deciding]: value, _id: beyond(id) }],
  }
}

/** The last field alone, by which an index is in order: the hour before it only helps the other database. */
function orderOf(sort: TrialQuery['sort']): { deciding: keyof TrialFields; direction: 1 | -1 } {
  const { fields, descending } = listOrder(sort)
  return { deciding: fields.at(-1)!, direction: descending ? -1 : 1 }
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
