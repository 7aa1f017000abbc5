import { minuteMs, secondMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { nextAttemptAt } from '../../domain/billing/retry.ts'
import type { Clock, Random } from '../../ports.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError, type BillingProviderName, type WebhookHint } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import { idOfEvent, keepMs, keyOf, refKey } from './event-documents.ts'
import type { EventLog } from './event-log.ts'
import type { PaymentInbox } from './payment-inbox.ts'
import type { SubscriptionRecords } from './subscription-records.ts'
import type { SyncResult, SyncSubscription } from './sync-subscription.ts'

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
  accept(connection: Connection, hint: WebhookHint): Promise<{ isNew: boolean; refs: readonly string[] }>
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
/** What becomes of the waiting reads, or how they were done. */
type Outcome =
  | Pick<PendingRead, 'failures' | 'nextAttemptAt' | 'detail'>
  | { readonly done: Exclude<SyncResult['state'], 'busy'> }

const busyMs = 2 * secondMs
const pausedMs = 5 * minuteMs
const pageSize = 500

/** What an event comes to as it arrives; of a subscription that has to be read, later on. */
function outcomeOf({ payments, ask }: WebhookHint, refs: readonly string[]): string {
  if (refs.length > 0) return 'waiting'
  return payments.length > 0 || ask !== null ? 'payment' : 'ignored'
}

export function createWebhookInbox({
  storage: { documents },
  sync,
  payments,
  records,
  eventLog,
  isPaused,
  clock,
  random,
}: {
  storage: Storage
  sync: SyncSubscription
  payments: Pick<PaymentInbox, 'accept' | 'noteFailures'>
  records: Pick<SubscriptionRecords, 'ofCustomer'>
  eventLog: EventLog
  isPaused: (connectionId: string) => Promise<boolean>
  clock: Clock
  random: Random
}): WebhookInbox {
  async function request(
    { id, workspaceId }: Pick<Connection, 'id' | 'workspaceId'>,
    ref: string,
    why: string,
    now = clock.now(),
  ) {
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
    await documents.put(readKind, `${refKey(id, ref)}/${keyOf(why)}`, read)
  }

  async function attempt({ connectionId, ref, failures }: PendingRead): Promise<Outcome> {
    const now = clock.now()
    const again = (detail: string) => ({
      failures: failures + 1,
      nextAttemptAt: nextAttemptAt(failures + 1, now, random()),
      detail,
    })
    try {
      if (await isPaused(connectionId))
        return { failures, nextAttemptAt: now + pausedMs, detail: 'The connection is paused.' }
      const { state } = await sync.byRef(connectionId, ref)
      if (state === 'busy') return { failures, nextAttemptAt: now + busyMs, detail: null }
      return { done: state }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (error.reason === 'transient') return again(error.message)
      return { failures: failures + 1, nextAttemptAt: null, detail: error.message }
    }
  }

  async function run(connectionId: string, ref: string) {
    const found = await documents.list(readKind, {
      prefix: `${refKey(connectionId, ref)}/`,
      limit: pageSize,
    })
    const waiting = found.filter(({ body }) => body.nextAttemptAt !== null)
    // One read answers for all that came before it.
    const due = waiting.find(({ body }) => (body.nextAttemptAt as number) <= clock.now())
    if (!due) return
    const outcome = await attempt(due.body)
    for (const { body } of waiting)
      await eventLog.settle(body, 'done' in outcome ? outcome.done : (outcome.detail ?? 'waiting'))
    if ('done' in outcome) for (const { id } of found) await documents.delete(readKind, id)
    else
      for (const { id, version, body } of waiting)
        await documents.put(readKind, id, { ...body, ...outcome }, version)
  }

  return {
    request,
    run,
    async accept(connection, hint) {
      const { eventId, type, ref, occurredAt, customerRef } = hint
      const id = idOfEvent(connection.id, eventId)
      const receivedAt = clock.now()
      if (await documents.get(eventKind, id)) return { isNew: false, refs: [] }
      // The work first: after a crash in between the provider repeats, and doing it twice is harmless.
      const customers = customerRef === null ? [] : await records.ofCustomer(connection.id, customerRef)
      const refs = ref === null ? customers.map((record) => record.ref) : [ref]
      await payments.noteFailures(connection, hint.failures)
      for (const one of refs) await request(connection, one, eventId, receivedAt)
      await payments.accept(connection, hint)
      const event: BillingEvent = {
        provider: connection.provider,
        receivedAt,
        eventId,
        type: type.slice(0, 100),
        ref,
        occurredAt,
      }
      const logged = { eventId, type: event.type, ref, at: receivedAt }
      await eventLog.add(connection.id, logged, outcomeOf(hint, refs))
      return { isNew: (await documents.put(eventKind, id, event, 0)) !== null, refs }
    },
    async runDue(signal) {
      const due = new Map<string, PendingRead>()
      for await (const { body } of eachDocument(documents, readKind))
        if (body.nextAttemptAt !== null && body.nextAttemptAt <= clock.now())
          due.set(refKey(body.connectionId, body.ref), body)
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
        found.push(...(await documents.list(readKind, { prefix: `${id}/`, limit })))
      }
      return found
    },
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of eachDocument(documents, eventKind))
        if (body.receivedAt < before) await documents.delete(eventKind, id)
      for await (const { id, body } of eachDocument(documents, readKind))
        if (body.nextAttemptAt === null && body.since < before) await documents.delete(readKind, id)
    },
  }
}
