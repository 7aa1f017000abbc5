import type { TrialId } from '../../../shared/trial.ts'
import {
  type EventRow,
  endOfPrefix,
  eventKeyPrefix,
  fromEventRow,
  subjectOfEventKey,
  toEventRow,
} from '../logged-event.ts'
import type { EventLog, LoggedEvent } from '../port.ts'
import { available, keyConflicts, writeLimitMs } from './connection.ts'
import { foldIdAt } from './fold-id.ts'
import { type EventDocument, type Models, native } from './models.ts'

export interface EventDocuments extends EventLog {
  /** Inserts what is new, to be folded under that id. @returns positions of those logged before. */
  insert(events: readonly LoggedEvent[], foldIdOf: (trialId: TrialId) => string): Promise<Set<number>>
  /** Those of the folds of which events are still marked as unfolded. */
  waiting(foldIds: readonly string[]): Promise<Set<string>>
  /** Fold ids that events have been waiting for since before, ascending, after the one given. */
  waitingSince(before: number, after: string, limit: number): Promise<string[]>
  ofFold(foldId: string): Promise<LoggedEvent[]>
  /** Just these: of a fold that another process logs, more may be on their way. */
  markKeys(keys: readonly string[]): Promise<void>
  /** All events of folds that this process has logged itself. */
  markFolds(foldIds: readonly string[]): Promise<void>
}

export function createEventDocuments({ events: model }: Models): EventDocuments {
  const collection = native(model)
  const range = (prefix: string) => ({ _id: { $gte: prefix, $lt: endOfPrefix(prefix) } })

  return {
    insert: (events, foldIdOf) =>
      keyConflicts(() =>
        collection.insertMany(
          events.map((event) => toDocument(event, foldIdOf(event.trialId))),
          {
            ordered: false,
            maxTimeMS: writeLimitMs,
          },
        ),
      ),

    async waiting(foldIds) {
      const found = await collection
        .find({ unfolded: { $in: [...foldIds] } }, { projection: { unfolded: 1 } })
        .toArray()
      return new Set(found.map((document) => document.unfolded!))
    },

    async waitingSince(before, after, limit) {
      const found = await collection
        .find({ unfolded: { $gt: after, $lt: foldIdAt(before) } }, { projection: { unfolded: 1 } })
        .sort({ unfolded: 1 })
        .limit(limit)
        .toArray()
      return [...new Set(found.map((document) => document.unfolded!))]
    },

    async ofFold(foldId) {
      const documents = await collection.find({ unfolded: foldId }).toArray()
      return documents.map((document) => {
        const { workspaceId, subject } = subjectOfEventKey(document._id)
        return fromEventRow(toRow(document), workspaceId, subject)
      })
    },

    async markKeys(keys) {
      for (let from = 0; from < keys.length; from += keysAtOnce)
        await collection.updateMany(
          { _id: { $in: keys.slice(from, from + keysAtOnce) } },
          { $unset: { unfolded: '' } },
        )
    },

    async markFolds(foldIds) {
      await collection.updateMany({ unfolded: { $in: [...foldIds] } }, { $unset: { unfolded: '' } })
    },

    ofSubject: (workspaceId, subject, limit) =>
      available(async () => {
        // No index has them in this order, so they are sorted here, a bounded number at a time.
        let kept: EventDocument[] = []
        for await (const document of collection.find(range(eventKeyPrefix(workspaceId, subject)))) {
          kept.push(document)
          if (kept.length >= limit + sortedAtOnce) kept = oldest(kept, limit)
        }
        return oldest(kept, limit).map((document) => fromEventRow(toRow(document), workspaceId, subject))
      }),

    eraseSubject: (workspaceId, subject) =>
      available(
        async () => (await collection.deleteMany(range(eventKeyPrefix(workspaceId, subject)))).deletedCount,
      ),

    purge: (receivedBefore) =>
      available(
        async () => (await collection.deleteMany({ receivedAt: { $lt: receivedBefore } })).deletedCount,
      ),

    count: () => available(() => collection.countDocuments({})),
  }
}

const keysAtOnce = 500
const sortedAtOnce = 10_000

const oldest = (documents: readonly EventDocument[], limit: number): EventDocument[] =>
  documents.toSorted((a, b) => a.at - b.at || (a._id < b._id ? -1 : 1)).slice(0, limit)

function toDocument(logged: LoggedEvent, unfolded: string): EventDocument {
  const { key, trialId, at, receivedAt, body } = toEventRow(logged)
  const document: EventDocument = { _id: key, at, receivedAt, body, unfolded }
  if (trialId !== null) document.trialId = trialId
  return document
}

const toRow = ({ _id, trialId, at, receivedAt, body }: EventDocument): EventRow => ({
  key: _id,
  trialId: (trialId as TrialId | undefined) ?? null,
  at,
  receivedAt,
  body,
})
