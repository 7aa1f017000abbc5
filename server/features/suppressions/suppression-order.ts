import type { SuppressionReason, WorkspaceId } from '../../../shared/trial.ts'
import { inForce } from '../../domain/trial/suppression.ts'
import type { Suppression } from '../../storage/documents/email.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { SuppressionEntry, SuppressionPlace } from './suppression-list.ts'

/**
 * The suppression list by time: entries lie by hash, so a page of the newest would have to look through all of them.
 * Beside each entry stand two rows whose ids sort by time, one for the whole list and one for its reason. A row is
 * only a hint: one that the entry does not confirm was left by a crash and is passed over.
 */
export interface SuppressionOrder {
  /** Before the entry is stored. */
  place(workspaceId: WorkspaceId, entry: SuppressionEntry): Promise<void>
  /** After the entry was replaced or removed. */
  displace(workspaceId: WorkspaceId, entry: SuppressionEntry): Promise<void>
  /** Hashes, newest first; only those after that place. */
  newest(
    workspaceId: WorkspaceId,
    reason: SuppressionReason | null,
    after: SuppressionPlace | null,
  ): AsyncGenerator<{ hash: string; at: number }>
  /** How many hold, by reason. */
  counts(workspaceId: WorkspaceId, now: number): Promise<Partial<Record<SuppressionReason, number>>>
  /** Whether the rows of a list that is older than they are have been written. */
  isComplete(workspaceId: WorkspaceId): Promise<boolean>
  complete(workspaceId: WorkspaceId, entries: AsyncIterable<SuppressionEntry>): Promise<void>
}

const orderKind = 'suppression-order'
const completeKind = 'suppression-order-complete'
const everyReason = '*'
/** Beyond any instant in milliseconds; subtracted from it, so that the newest sorts first. */
const beyond = 10 ** 15
const newestFirst = (at: number): string => String(beyond - at).padStart(16, '0')
const pageSize = 100

export function createSuppressionOrder(documents: DocumentStore): SuppressionOrder {
  const prefixOf = (workspaceId: WorkspaceId, reason: string) => `${workspaceId}:${reason}:`
  const idsOf = (workspaceId: WorkspaceId, { at, hash, reason }: SuppressionEntry): string[] =>
    [everyReason, reason].map((group) => `${prefixOf(workspaceId, group)}${newestFirst(at)}:${hash}`)

  const place: SuppressionOrder['place'] = async (workspaceId, entry) => {
    for (const id of idsOf(workspaceId, entry)) await documents.put(orderKind, id, {})
  }

  return {
    place,
    async displace(workspaceId, entry) {
      for (const id of idsOf(workspaceId, entry)) await documents.delete(orderKind, id)
    },

    async *newest(workspaceId, reason, after) {
      const prefix = prefixOf(workspaceId, reason ?? everyReason)
      const start = after && { after: `${prefix}${newestFirst(after.at)}:${after.hash}` }
      for await (const { id } of eachDocument(documents, orderKind, { prefix, pageSize, ...start })) {
        const [time = '', hash = ''] = id.slice(prefix.length).split(':')
        yield { hash, at: beyond - Number(time) }
      }
    },

    async counts(workspaceId, now) {
      const counts: Partial<Record<SuppressionReason, number>> = {}
      const prefix = `${workspaceId}:`
      for await (const { id } of eachDocument(documents, orderKind, { prefix })) {
        const [reason, time] = id.slice(prefix.length).split(':') as [SuppressionReason, string]
        const row: Suppression = { reason, at: beyond - Number(time) }
        if (id.startsWith(`${prefix}${everyReason}:`) || !inForce(row, now)) continue
        counts[reason] = (counts[reason] ?? 0) + 1
      }
      return counts
    },

    isComplete: async (workspaceId) => (await documents.get(completeKind, workspaceId)) !== null,
    async complete(workspaceId, entries) {
      for await (const entry of entries) await place(workspaceId, entry)
      await documents.put(completeKind, workspaceId, {})
    },
  }
}
