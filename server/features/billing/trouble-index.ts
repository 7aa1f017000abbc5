import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'

/** Why someone should look at a row of the outbox. */
export type Trouble = 'dead' | 'retrying'

interface TroubledRow {
  readonly connectionId: string
  readonly trouble: Trouble | null
}

/** The few rows of the outbox that are in trouble: it is asked for them every few seconds, and settled rows are many. */
export interface TroubleIndex {
  /** Before the row is saved, when it gets into trouble; afterwards, when it is out of it. */
  note(id: string, row: TroubledRow): Promise<void>
  forget(id: string): Promise<void>
  /** How many rows of each connection are in which trouble. @param prefix of their ids */
  count(prefix: string): Promise<Map<string, Record<Trouble, number>>>
}

const kind = 'billing-outbox-trouble'

/**
 * @param rows all of them: rows of earlier versions, and what a crash left unsaid, are found once in the life of a
 * process.
 * @param troubleOf of the row as it is stored now; null: there is none
 */
export function createTroubleIndex({
  documents,
  rows,
  troubleOf,
}: {
  documents: DocumentStore
  rows: () => AsyncIterable<{ readonly id: string }>
  troubleOf: (id: string) => Promise<TroubledRow | null>
}): TroubleIndex {
  let completed: Promise<void> | null = null

  async function note(id: string, { connectionId, trouble }: TroubledRow) {
    if (trouble === null) await documents.delete(kind, id)
    else await documents.put(kind, id, { connectionId, trouble })
  }

  async function correct(id: string) {
    const now = await troubleOf(id)
    const noted = (await documents.get(kind, id))?.body.trouble ?? null
    if (noted !== (now?.trouble ?? null)) await note(id, now ?? { connectionId: '', trouble: null })
  }

  async function complete() {
    for await (const { id } of rows()) await correct(id)
    for await (const { id } of eachDocument(documents, kind)) await correct(id)
  }

  return {
    note,
    forget: async (id) => void (await documents.delete(kind, id)),
    async count(prefix) {
      completed ??= complete().catch((error: unknown) => {
        completed = null
        throw error
      })
      await completed
      const found = new Map<string, Record<Trouble, number>>()
      for await (const { body } of eachDocument(documents, kind, { prefix })) {
        const of = found.get(body.connectionId) ?? { dead: 0, retrying: 0 }
        of[body.trouble]++
        found.set(body.connectionId, of)
      }
      return found
    },
  }
}
