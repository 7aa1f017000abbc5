import { endOfPrefix } from '../logged-event.ts'
import type { DocumentStore, Versioned } from '../port.ts'
import type { Connection } from './connection.ts'

interface DocumentRow {
  readonly id: string
  readonly version: number
  readonly body: string
}

export function createDocumentStore(connection: Connection): DocumentStore {
  const insert = 'INSERT INTO documents (kind, id, version, body) VALUES (?, ?, 1, ?)'
  return {
    get: <T>(kind: string, id: string) =>
      connection.read(() => {
        const row = connection
          .prepare('SELECT id, version, body FROM documents WHERE kind = ? AND id = ?')
          .get<DocumentRow>([kind, id])
        return row ? versioned<T>(row) : null
      }),

    put: (kind, id, body, expected) =>
      connection.write(() => {
        const text = JSON.stringify(body)
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
      }),

    delete: (kind, id) =>
      connection.write(
        () =>
          connection.prepare('DELETE FROM documents WHERE kind = ? AND id = ?').run([kind, id]).changes === 1,
      ),

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
