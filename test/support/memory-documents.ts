import type { DocumentStore, Versioned } from '../../server/storage/port.ts'

/** A document store without a disk, for properties over thousands of interleavings; the real ones pass the contract. */
export function memoryDocuments(): DocumentStore {
  const stored = new Map<string, { version: number; text: string }>()
  const keyOf = (kind: string, id: string) => `${kind}/${id}`
  const read = <T>(kind: string, key: string): Versioned<T> | null => {
    const found = stored.get(key)
    return found
      ? { id: key.slice(kind.length + 1), version: found.version, body: JSON.parse(found.text) as T }
      : null
  }
  const documents: DocumentStore = {
    get: async <T>(kind: string, id: string) => read<T>(kind, keyOf(kind, id)),
    getAll: async <T>(kind: string, ids: readonly string[]) =>
      ids.flatMap((id) => read<T>(kind, keyOf(kind, id)) ?? []),
    async put(kind, id, body, expected) {
      const key = keyOf(kind, id)
      const version = stored.get(key)?.version ?? 0
      if (expected !== undefined && expected !== version) return null
      stored.set(key, { version: version + 1, text: JSON.stringify(body) })
      return version + 1
    },
    putAll: (kind, entries) =>
      Promise.all(entries.map(({ id, body, expected }) => documents.put(kind, id, body, expected))),
    delete: async (kind, id) => stored.delete(keyOf(kind, id)),
    deleteAll: async (kind, ids) => ids.filter((id) => stored.delete(keyOf(kind, id))).length,
    list: async <T>(
      kind: string,
      { prefix = '', after, reverse, limit }: Parameters<DocumentStore['list']>[1],
    ) => {
      const from = keyOf(kind, prefix)
      const keys = [...stored.keys()].filter((key) => key.startsWith(from)).toSorted()
      const ordered = reverse ? keys.toReversed() : keys
      const edge = after === undefined ? null : keyOf(kind, after)
      return ordered
        .filter((key) => edge === null || (reverse ? key < edge : key > edge))
        .slice(0, limit)
        .flatMap((key) => read<T>(kind, key) ?? [])
    },
  }
  return documents
}
