import { secondMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { nextAttemptAt } from '../../domain/billing.ts'
import type { Clock, Random } from '../../ports.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError, type BillingProviderName, type WebhookHint } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import { eachDocument, idOfEvent, keepMs, keyOf, unmatchedTries } from './event-documents.ts'
import type { PaymentInbox } from './payment-inbox.ts'
import type { SyncSubscription } from './sync-subscription.ts'

/** That a webhook came, kept so that it counts once. Of its body only what is needed is kept. */
interface BillingEvent {
  readonly provider: BillingProviderName
  readonly eventId: string
  readonly type: string
  readonly ref: string | null
  readonly occurredAt: number | null
  readonly receivedAt: number
}

/** A subscription that has to be read, and how that went so far. */
export interface PendingRead {
  readonly workspaceId: WorkspaceId
  readonly connectionId: string
  readonly ref: string
  readonly why: string
  readonly since: number
  readonly failures: number
  /** null: given up. */
  readonly nextAttemptAt: number | null
  readonly detail: string | null
}

export interface WebhookInbox {
  /** Durable when it resolves. */
  accept(connection: Connection, hint: WebhookHint): Promise<'accepted' | 'duplicate'>
  /** Asks for a read without a webhook. */
  request(connection: Pick<Connection, 'id' | 'workspaceId'>, ref: string, why: string): Promise<void>
  /** Reads the subscription if that is due. */
  run(connectionId: string, ref: string): Promise<void>
  /** Reads all that are due. */
  runDue(signal?: AbortSignal): Promise<void>
  /** At most {@link pageSize} in all. */
  list(connectionIds: readonly string[]): Promise<Versioned<PendingRead>[]>
  /** Forgets what is older than any provider’s retries. */
  purge(): Promise<void>
}

const eventKind = 'billing-event'
const readKind = 'billing-read'
const busyMs = 2 * secondMs
const pageSize = 500

export function createWebhookInbox({
  storage: { documents },
  sync,
  payments,
  clock,
  random,
}: {
  storage: Storage
  sync: SyncSubscription
  payments: Pick<PaymentInbox, 'accept'>
  clock: Clock
  random: Random
}): WebhookInbox {
  async function request(
    { id, workspaceId }: Pick<Connection, 'id' | 'workspaceId'>,
    ref: string,
    why: string,
  ) {
    const now = clock.now()
    const read: PendingRead = {
      workspaceId,
      connectionId: id,
      ref,
      why,
      since: now,
      failures: 0,
      nextAttemptAt: now,
      detail: null,
    }
    await documents.put(readKind, `${id}/${ref}/${keyOf(why)}`, read)
  }

  /** @returns what becomes of the waiting reads; null: they are done. */
  async function attempt({ connectionId, ref, failures }: PendingRead) {
    const now = clock.now()
    const again = (detail: string) => ({
      failures: failures + 1,
      nextAttemptAt: nextAttemptAt(failures + 1, now, random()),
      detail,
    })
    try {
      const { state } = await sync.byRef(connectionId, ref)
      if (state === 'synced') return null
      if (state === 'busy') return { failures, nextAttemptAt: now + busyMs, detail: null }
      return failures + 1 < unmatchedTries ? again('No trialist here has this subscription.') : null
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (error.reason === 'transient') return again(error.message)
      return { failures: failures + 1, nextAttemptAt: null, detail: error.message }
    }
  }

  async function run(connectionId: string, ref: string) {
    const found = await documents.list<PendingRead>(readKind, {
      prefix: `${connectionId}/${ref}/`,
      limit: pageSize,
    })
    const waiting = found.filter(({ body }) => body.nextAttemptAt !== null)
    // One read answers for all that came before it.
    const due = waiting.find(({ body }) => (body.nextAttemptAt as number) <= clock.now())
    if (!due) return
    const outcome = await attempt(due.body)
    if (outcome === null) for (const { id } of found) await documents.delete(readKind, id)
    else
      for (const { id, version, body } of waiting)
        await documents.put(readKind, id, { ...body, ...outcome }, version)
  }

  return {
    request,
    run,
    async accept(connection, hint) {
      const { eventId, type, ref, occurredAt } = hint
      const id = idOfEvent(connection.id, eventId)
      if (await documents.get(eventKind, id)) return 'duplicate'
      // The work first: after a crash in between the provider repeats, and doing it twice is harmless.
      if (ref !== null) await request(connection, ref, eventId)
      await payments.accept(connection, hint)
      const event: BillingEvent = {
        provider: connection.provider,
        receivedAt: clock.now(),
        eventId,
        type: type.slice(0, 100),
        ref,
        occurredAt,
      }
      return (await documents.put(eventKind, id, event, 0)) === null ? 'duplicate' : 'accepted'
    },
    async runDue(signal) {
      const due = new Map<string, PendingRead>()
      for await (const { body } of eachDocument<PendingRead>(documents, readKind))
        if (body.nextAttemptAt !== null && body.nextAttemptAt <= clock.now())
          due.set(`${body.connectionId}/${body.ref}`, body)
      for (const { connectionId, ref } of due.values()) {
        if (signal?.aborted) return
        await run(connectionId, ref)
      }
    },
    async list(connectionIds) {
      const found: Versioned<PendingRead>[] = []
      for (const id of connectionIds) {
        const limit = pageSize - found.length
        if (limit === 0) break
        found.push(...(await documents.list<PendingRead>(readKind, { prefix: `${id}/`, limit })))
      }
      return found
    },
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of eachDocument<BillingEvent>(documents, eventKind))
        if (body.receivedAt < before) await documents.delete(eventKind, id)
      for await (const { id, body } of eachDocument<PendingRead>(documents, readKind))
        if (body.nextAttemptAt === null && body.since < before) await documents.delete(readKind, id)
    },
  }
}
