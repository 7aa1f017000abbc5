import type { DocumentStore } from '../../storage/port.ts'

/** What is to be done when: ids in the order of their time, so that a look at nothing due costs one read. */
export interface DueIndex {
  /** @param after null: no longer. */
  move(id: string, before: number | null, after: number | null): Promise<void>
  /** Ids whose time has come, earliest first, at most `limit`. */
  due(now: number, limit: number): Promise<string[]>
  /** An entry that leads nowhere. */
  drop(id: string, now: number): Promise<void>
}

const timeKey = (at: number): string => String(Math.max(0, Math.round(at))).padStart(15, '0')

export function createDueIndex(
  documents: DocumentStore,
  kind: 'billing-outbox-due' | 'callback-due',
): DueIndex {
  const key = (id: string, at: number) => `${timeKey(at)}/${id}`
  async function listed(now: number, limit: number) {
    const page = await documents.list(kind, { limit })
    return page.filter((entry) => entry.id.slice(0, 15) <= timeKey(now))
  }
  return {
    async move(id, before, after) {
      if (before === after) return
      // The new entry first: after a crash in between there are two, of which one leads to nothing due.
      if (after !== null) await documents.put(kind, key(id, after), { id })
      if (before !== null) await documents.delete(kind, key(id, before))
    },
    due: async (now, limit) => [...new Set((await listed(now, limit)).map(({ body }) => body.id))],
    async drop(id, now) {
      for (const entry of await listed(now, 1000))
        if (entry.body.id === id) await documents.delete(kind, entry.id)
    },
  }
}
