import { createHash } from 'node:crypto'
import { dayMs, secondMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { nextAttemptAt } from '../../domain/billing.ts'
import type { Clock, Random } from '../../ports.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError, type BillingProviderName, type WebhookHint } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import type { SyncSubscription } from './sync-subscription.ts'

/** That a webhook came, kept so that it counts once. Of its body only what is needed is kept. */
export interface BillingEvent {
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
  runDue(): Promise<void>
  /** At most {@link pageSize} in all. */
  list(connectionIds: readonly string[]): Promise<Versioned<PendingRead>[]>
  /** Forgets what is older than any provider’s retries. */
  purge(): Promise<void>
}

const eventKind = 'billing-event'
const readKind = 'billing-read'
/** Chargebee repeats for 3 days and 7 hours, Stripe and Paddle for 3 days; replays by hand come later. */
const keepMs = 30 * dayMs
const busyMs = 2 * secondMs
/** A subscription of somebody unknown: time enough for a sign-up that is just under way, not more. */
const unmatchedTries = 4
const pageSize = 500

const keyOf = (eventId: string): string =>
  /^[\w-]{1,100}$/.test(eventId) ? eventId : createHash('sha256').update(eventId).digest('base64url')

export function createWebhookInbox({
  storage: { documents },
  sync,
  clock,
  random,
}: {
  storage: Storage
  sync: SyncSubscription
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

  async function* pages<T>(kind: string): AsyncGenerator<Versioned<T>> {
    for (let after: string | undefined; ; ) {
      const page = await documents.list<T>(kind, { limit: pageSize, ...(after && { after }) })
      yield* page
      after = page.at(-1)?.id
      if (page.length < pageSize) return
    }
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
      const id = `${connection.id}/${keyOf(hint.eventId)}`
      if (await documents.get(eventKind, id)) return 'duplicate'
      // The work first: after a crash in between the provider repeats, and reading twice is harmless.
      if (hint.ref !== null) await request(connection, hint.ref, hint.eventId)
      const event: BillingEvent = {
        provider: connection.provider,
        receivedAt: clock.now(),
        ...hint,
        type: hint.type.slice(0, 100),
      }
      return (await documents.put(eventKind, id, event, 0)) === null ? 'duplicate' : 'accepted'
    },
    async runDue() {
      const due = new Map<string, PendingRead>()
      for await (const { body } of pages<PendingRead>(readKind))
        if (body.nextAttemptAt !== null && body.nextAttemptAt <= clock.now())
          due.set(`${body.connectionId}/${body.ref}`, body)
      for (const { connectionId, ref } of due.values()) await run(connectionId, ref)
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
      for await (const { id, body } of pages<BillingEvent>(eventKind))
        if (body.receivedAt < before) await documents.delete(eventKind, id)
      for await (const { id, body } of pages<PendingRead>(readKind))
        if (body.nextAttemptAt === null && body.since < before) await documents.delete(readKind, id)
    },
  }
}
