import { dayMs } from '../../../shared/clock.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { keyOf } from './event-documents.ts'
import type { PendingRead } from './webhook-inbox.ts'

/** What came of one webhook, for the people who look at a connection. */
export interface LoggedWebhook {
  readonly eventId: string
  readonly type: string
  readonly ref: string | null
  readonly at: number
  /**
   * `synced`, `aside`, `unmatched`: what the read subscription came to. `payment`: only about money. `ignored`: about
   * nothing that matters here. `waiting`: not read yet. Anything else: why it is being tried again.
   */
  readonly outcome: string
}

/** The last events of each connection, newest first. */
export interface EventLog {
  add(connectionId: string, event: Omit<LoggedWebhook, 'outcome'>, outcome: string): Promise<void>
  /** @param read that an event asked for. */
  settle(read: Pick<PendingRead, 'connectionId' | 'why' | 'since'>, outcome: string): Promise<void>
  list(connectionId: string, limit: number): Promise<LoggedWebhook[]>
  purge(now: number): Promise<void>
}

const kind = 'billing-log'
const keepMs = 7 * dayMs
const maxText = 300

export function createEventLog(documents: DocumentStore): EventLog {
  const key = (connectionId: string, at: number, eventId: string) =>
    `${connectionId}/${String(at).padStart(15, '0')}/${keyOf(eventId)}`
  return {
    async add(connectionId, event, outcome) {
      await documents.put(kind, key(connectionId, event.at, event.eventId), { ...event, outcome })
    },
    async settle({ connectionId, why, since }, outcome) {
      const id = key(connectionId, since, why)
      const found = await documents.get(kind, id)
      if (found)
        await documents.put(kind, id, { ...found.body, outcome: outcome.slice(0, maxText) }, found.version)
    },
    list: async (connectionId, limit) =>
      (await documents.list(kind, { prefix: `${connectionId}/`, reverse: true, limit })).map(
        ({ body }) => body,
      ),
    async purge(now) {
      for await (const { id, body } of eachDocument(documents, kind))
        if (body.at < now - keepMs) await documents.delete(kind, id)
    },
  }
}
