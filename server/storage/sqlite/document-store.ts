import { endOfPrefix } from '../logged-event.ts'
import { type DocumentStore, manyDocuments, type Versioned } from '../port.ts'
import type { Connection } from './connection.ts'

interface DocumentRow {
  readonly id: string
  readonly version: number
  readonly body: string
}

export function createDocumentStore(connection: Connection): DocumentStore {
  const insert = 'INSERT INTO documents (kind, id, version, body) VALUES (?, ?, 1, ?)'

  /** Inside a transaction that someone else has begun. */
  function put(kind: string, id: string, text: string, expected: number | undefined): number | null {
    if (expected === undefined) {
      const upsert = `${insert} ON CONFLICT (kind, id)
        DO UPDATE SET version = version + 1, body = excluded.body RETURNING version`
      return connection.prepare(upsert).get<{ version: number }>([kind, id, text])!.version
    }
    const changes =
      expected === 0
        ? connection.prepare(`${insert} ON CONFLICT DO NOTHING`).run([kind, id, text]).changes
        : connection
            .prepare(
              'UPDATE documents SET version = version + 1, body = ? WHERE kind = ? AND id = ? AND version = ?',
            )
            .run([text, kind, id, expected]).changes
    return changes === 1 ? expected + 1 : null
  }

  const remove = (kind: string, id: string): number =>
    connection.prepare('DELETE FROM documents WHERE kind = ? AND id = ?').run([kind, id]).changes

  return {
    get: <T>(kind: string, id: string) =>
      connection.read(() => {
        const row = connection
          .prepare('SELECT id, version, body FROM documents WHERE kind = ? AND id = ?')
          .get<DocumentRow>([kind, id])
        return row ? versioned<T>(row) : null
      }),

    getAll: <T>(kind: string, ids: readonly string[]) =>
      connection.read(() =>
        connection
          .prepare(
            'SELECT id, version, body FROM documents WHERE kind = ? AND id IN (SELECT value FROM json_each(?))',
          )
          .all<DocumentRow>([kind, JSON.stringify(ids.slice(0, manyDocuments))])
          .map(versioned<T>),
      ),

    async put(kind, id, body, expected) {
      const text = JSON.stringify(body)
      return connection.write(() => put(kind, id, text, expected))
    },

    async putAll(kind, entries) {
      const some = entries.slice(0, manyDocuments)
      if (some.length === 0) return []
      const texts = some.map(({ body }) => JSON.stringify(body))
      return connection.write(() =>
        some.map(({ id, expected }, index) => put(kind, id, texts[index] as string, expected)),
      )
    },

    delete: (kind, id) => connection.write(() => remove(kind, id) === 1),

    async deleteAll(kind, ids) {
      if (ids.length === 0) return 0
      return connection.write(() =>
        ids.slice(0, manyDocuments).reduce((gone, id) => gone + remove(kind, id), 0),
      )
    },

    list: <T>(kind: string, { prefix = '', after, reverse, limit }: Parameters<DocumentStore['list']>[1]) =>
      connection.read(() => {
        const [beyond, order] = reverse ? ['<', 'DESC'] : ['>', 'ASC']
        const start = after ?? (reverse ? endOfPrefix('') : '')
        return connection
          .prepare(`
            SELECT id, version, body FROM documents
            WHERE kind = ? AND id >= ? AND id < ? AND id ${beyond} ?
            ORDER BY id ${order} LIMIT ?`)
          .all<DocumentRow>([kind, prefix, endOfPrefix(prefix), start, limit])
          .map(versioned<T>)
      }),
  }
}

const versioned = <T>({ id, version, body }: DocumentRow): Versioned<T> => ({
  id,
  version,
  body: JSON.parse(body) as T,
})
