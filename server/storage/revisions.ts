import type { DocumentStore } from './port.ts'

/** What other processes do when it changes, and the kinds of documents whose writes say so. */
const topics = {
  settings: ['workspace', 'playbook'],
  jobs: ['job'],
  billing: [
    'billing-event',
    'billing-read',
    'billing-payment',
    'billing-outbox',
    'billing-outbox-due',
    'billing-wanted',
    'billing-connection',
  ],
} as const

export type Topic = keyof typeof topics

const topicOf: ReadonlyMap<string, Topic> = new Map(
  (Object.keys(topics) as Topic[]).flatMap((topic) => topics[topic].map((kind) => [kind, topic])),
)
const revisionKind = 'revision'

/**
 * The store, which counts the writes of rare kinds up by topic: so an idle process asks one question, not one for each
 * thing that may have changed. Counting comes after the write and is no part of it; what a crash leaves uncounted is
 * found by those who look for themselves now and then.
 */
export function countRevisions(documents: DocumentStore): DocumentStore {
  const count = async (kind: string): Promise<void> => {
    const topic = topicOf.get(kind)
    if (topic === undefined) return
    await documents.put(revisionKind, topic, null).catch(() => undefined)
  }
  return {
    ...documents,
    async put(kind, ...request) {
      const version = await documents.put(kind, ...request)
      if (version !== null) await count(kind)
      return version
    },
    async putAll(kind, entries) {
      const versions = await documents.putAll(kind, entries)
      if (versions.some((version) => version !== null)) await count(kind)
      return versions
    },
    async deleteAll(kind, ids) {
      const gone = await documents.deleteAll(kind, ids)
      if (gone > 0) await count(kind)
      return gone
    },
    async delete(kind, id) {
      const isDeleted = await documents.delete(kind, id)
      if (isDeleted) await count(kind)
      return isDeleted
    },
  }
}

/** @returns asks for the topics that have changed since it was asked last; all of them at first. */
export function watchRevisions(documents: DocumentStore): () => Promise<readonly Topic[]> {
  const seen = new Map<string, number>()
  return async () => {
    const found = await documents.list(revisionKind, { limit: topicOf.size })
    const changed = found.filter(({ id, version }) => seen.get(id) !== version)
    for (const { id, version } of changed) seen.set(id, version)
    return changed.map(({ id }) => id as Topic)
  }
}
