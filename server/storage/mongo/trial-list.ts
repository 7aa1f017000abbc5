import mongoose from 'mongoose'
import { hourMs } from '../../../shared/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { TrialQuery } from '../port.ts'
import { decodeCursor, encodeCursor, listOrder, searchTerm } from '../trial-fields.ts'
import type { Models, TrialDocument } from './models.ts'
import { toStored } from './trial-documents.ts'

/** @throws InvalidCursor */
export async function listTrials(
  { trials }: Models,
  query: TrialQuery,
): Promise<{ trials: Trial[]; cursor: string | null }> {
  const { fields, descending } = listOrder(query.sort)
  const direction = descending ? -1 : 1
  const found = await trials
    .find(filterOf(query), { body: 1, folds: 1 })
    .sort(Object.fromEntries([...fields, '_id'].map((field) => [field, direction] as const)))
    .limit(query.limit + 1)
    .lean<TrialDocument[]>()
  const shown = found.slice(0, query.limit).map((document) => toStored(document).trial)
  const more = found.length > query.limit
  return { trials: shown, cursor: more ? encodeCursor(shown.at(-1)!, query.sort) : null }
}

function filterOf(query: TrialQuery): Record<string, unknown> {
  return {
    workspaceId: query.workspaceId,
    status: query.status ?? mongoose.trusted({ $ne: 'anonymous' }),
    ...(query.segment ? { segment: query.segment } : {}),
    ...(query.pace ? { pace: query.pace } : {}),
    ...(query.email === undefined ? {} : { email: query.email }),
    ...(query.q ? { search: mongoose.trusted({ $regex: literally(searchTerm(query.q)) }) } : {}),
    ...(query.cursor === undefined ? {} : behind(query.cursor, query.sort)),
  }
}

function behind(cursor: string, sort: TrialQuery['sort']): Record<string, unknown> {
  const { value, id } = decodeCursor(cursor)
  const { fields, descending } = listOrder(sort)
  const deciding = fields.at(-1)!
  const beyond = (limit: number | string) => mongoose.trusted(descending ? { $lt: limit } : { $gt: limit })
  const hour = Math.floor(value / hourMs)
  return {
    $or: [{ [deciding]: beyond(value) }, { [deciding]: value, _id: beyond(id) }],
    ...(deciding === 'lastSeenAt'
      ? { lastSeenHour: mongoose.trusted(descending ? { $lte: hour } : { $gte: hour }) }
      : {}),
  }
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
