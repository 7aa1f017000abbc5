import mongoose from 'mongoose'
import { endOfPrefix } from '../logged-event.ts'
import { type DocumentStore, manyDocuments, type Versioned } from '../port.ts'
import { available, isKeyConflict, keyConflicts } from './connection.ts'
import { type Models, native, type StoredDocument } from './models.ts'

const keyOf = (kind: string, id: string): string => `${kind}/${id}`

export function createDocumentStore({ documents: model }: Models): DocumentStore {
  /** Compare and set until it holds: some compatible servers answer findOneAndUpdate with a later writer’s state. */
  async function upsert(key: string, text: string): Promise<number> {
    for (;;) {
      const found = await model.findById(key, { version: 1 }).lean<Pick<StoredDocument, 'version'>>()
      const version = found ? await replace(key, text, found.version) : await create(key, text)
      if (version !== null) return version
    }
  }

  async function create(key: string, text: string): Promise<number | null> {
    try {
      await native(model).insertOne({ _id: key, version: 1, body: text })
      return 1
    } catch (error) {
      if (isKeyConflict(error)) return null
      throw error
    }
  }

  async function replace(key: string, text: string, expected: number): Promise<number | null> {
    const { matchedCount } = await model.updateOne(
      { _id: key, version: expected },
      { $set: { body: text, version: expected + 1 } },
    )
    return matchedCount === 1 ? expected + 1 : null
  }

  function put(
    kind: string,
    id: string,
    body: unknown,
    expected: number | undefined,
  ): Promise<number | null> {
    const key = keyOf(kind, id)
    const text = JSON.stringify(body)
    if (expected === undefined) return upsert(key, text)
    return expected === 0 ? create(key, text) : replace(key, text, expected)
  }

  /** New ones in one request. @returns positions of those whose key is taken. */
  async function createAll(kind: string, entries: readonly { id: string; body: unknown }[]) {
    if (entries.length === 0) return new Set<number>()
    const documents = entries.map(({ id, body }) => ({
      _id: keyOf(kind, id),
      version: 1,
      body: JSON.stringify(body),
    }))
    return keyConflicts(() => native(model).insertMany(documents, { ordered: false }))
  }

  return {
    get: <T>(kind: string, id: string) =>
      available(async () => {
        const found = await model.findById(keyOf(kind, id)).lean<StoredDocument>()
        return found && versioned<T>(kind, found)
      }),

    getAll: <T>(kind: string, ids: readonly string[]) =>
      available(async () => {
        const keys = ids.slice(0, manyDocuments).map((id) => keyOf(kind, id))
        if (keys.length === 0) return []
        const found = await model.find({ _id: mongoose.trusted({ $in: keys }) }).lean<StoredDocument[]>()
        return found.map((document) => versioned<T>(kind, document))
      }),

    put: (kind, id, body, expected) => available(() => put(kind, id, body, expected)),

    putAll: (kind, entries) =>
      available(async () => {
        const some = entries.slice(0, manyDocuments)
        const isNew = some.map(({ expected }) => expected === 0)
        const [taken, changed] = await Promise.all([
          createAll(
            kind,
            some.filter((_, index) => isNew[index]),
          ),
          Promise.all(
            some.map((entry, index) =>
              isNew[index] ? null : put(kind, entry.id, entry.body, entry.expected),
            ),
          ),
        ])
        let created = 0
        return changed.map((version, index) => (isNew[index] ? (taken.has(created++) ? null : 1) : version))
      }),

    delete: (kind, id) =>
      available(async () => (await model.deleteOne({ _id: keyOf(kind, id) })).deletedCount === 1),

    deleteAll: (kind, ids) =>
      available(async () => {
        const keys = ids.slice(0, manyDocuments).map((id) => keyOf(kind, id))
        if (keys.length === 0) return 0
        return (await model.deleteMany({ _id: mongoose.trusted({ $in: keys }) })).deletedCount
      }),

    list: <T>(kind: string, { prefix = '', after, reverse, limit }: Parameters<DocumentStore['list']>[1]) =>
      available(async () => {
        const from = keyOf(kind, prefix)
        const bounds = [{ _id: mongoose.trusted({ $gte: from, $lt: endOfPrefix(from) }) }]
        const start = after === undefined ? null : keyOf(kind, after)
        const behind = start === null ? {} : mongoose.trusted(reverse ? { $lt: start } : { $gt: start })
        const found = await model
          .find(start === null ? bounds[0]! : { $and: [...bounds, { _id: behind }] })
          .sort({ _id: reverse ? -1 : 1 })
          .limit(limit)
          .lean<StoredDocument[]>()
        return found.map((document) => versioned<T>(kind, document))
      }),
  }
}

const versioned = <T>(kind: string, { _id, version, body }: StoredDocument): Versioned<T> => ({
  id: _id.slice(kind.length + 1),
  version,
  body: JSON.parse(body) as T,
})
