import type { WorkspaceId } from '../../../shared/trial.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import { wantedHash as hashOf } from '../../storage/documents/billing.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore, Versioned } from '../../storage/port.ts'
import type { Connection } from './connections.ts'
import { refKey } from './event-documents.ts'

/** A subscription of no one here. */
export interface UnmatchedSubscription {
  readonly workspaceId: WorkspaceId
  readonly connectionId: string
  readonly ref: string
  readonly since: number
  /** By which it would be found: a user id or an address, hashed. */
  readonly keys: readonly string[]
}

/** Subscriptions of no one, kept until their person appears or someone says whose they are. */
export interface Unmatched {
  add(connection: Connection, subscription: BillingSubscription, now: number): Promise<void>
  remove(connectionId: string, ref: string): Promise<void>
  list(connectionIds: readonly string[], limit: number): Promise<Versioned<UnmatchedSubscription>[]>
  /** Those that a person with this id and address would own. */
  waitingFor(
    workspaceId: WorkspaceId,
    person: { readonly userId: string | null; readonly email: string | null },
  ): Promise<Pick<UnmatchedSubscription, 'connectionId' | 'ref'>[]>
  /** Whether any waits in this workspace; may be a little old. */
  hasAny(workspaceId: WorkspaceId): Promise<boolean>
  purge(before: number): Promise<void>
}

const kind = 'billing-unmatched'
const indexKind = 'billing-wanted'
const maxWaiting = 50

/** An id that was given is the only thing it is found by. */
const keysOf = (userId: string | null, email: string | null): string[] => {
  if (userId !== null) return [hashOf('u', userId)]
  return email === null ? [] : [hashOf('e', email)]
}

export function createUnmatched(documents: DocumentStore): Unmatched {
  const indexKey = (workspaceId: WorkspaceId, key: string, connectionId: string, ref: string) =>
    `${workspaceId}/${key}/${refKey(connectionId, ref)}`

  async function remove(connectionId: string, ref: string) {
    const id = refKey(connectionId, ref)
    const found = await documents.get(kind, id)
    if (!found) return
    const { workspaceId, keys } = found.body
    for (const key of keys) await documents.delete(indexKind, indexKey(workspaceId, key, connectionId, ref))
    await documents.delete(kind, id)
  }

  return {
    remove,
    async add({ id, workspaceId, settings }, { ref, userId, email }, now) {
      const key = refKey(id, ref)
      const before = (await documents.get(kind, key))?.body
      const keys = keysOf(settings.matchBy === 'email' ? null : userId, email)
      if (before && before.keys.join() === keys.join()) return
      if (before) await remove(id, ref)
      for (const wanted of keys)
        await documents.put(indexKind, indexKey(workspaceId, wanted, id, ref), { connectionId: id, ref })
      const body = { workspaceId, connectionId: id, ref, since: before?.since ?? now, keys }
      await documents.put(kind, key, body)
    },
    async list(connectionIds, limit) {
      const found: Versioned<UnmatchedSubscription>[] = []
      for (const id of connectionIds) {
        const left = limit - found.length
        if (left > 0) found.push(...(await documents.list(kind, { prefix: `${id}/`, limit: left })))
      }
      return found
    },
    async waitingFor(workspaceId, { userId, email }) {
      const keys = [
        ...(userId === null ? [] : [hashOf('u', userId)]),
        ...(email === null ? [] : [hashOf('e', email)]),
      ]
      const pages = await Promise.all(
        keys.map((key) =>
          documents.list(indexKind, {
            prefix: `${workspaceId}/${key}/`,
            limit: maxWaiting,
          }),
        ),
      )
      return pages.flat().map(({ body }) => body)
    },
    hasAny: async (workspaceId) =>
      (await documents.list(indexKind, { prefix: `${workspaceId}/`, limit: 1 })).length > 0,
    async purge(before) {
      for await (const { body } of eachDocument(documents, kind))
        if (body.since < before) await remove(body.connectionId, body.ref)
    },
  }
}
