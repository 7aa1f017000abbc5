import type { Logger } from 'pino'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { openWish, wantedEnd } from '../../domain/billing.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock, Ids, Random } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Vault } from '../workspaces/vault.ts'
import { type BillingOutbox, createBillingOutbox } from './billing-outbox.ts'
import type { WebhookHint } from './billing-provider.ts'
import { type Connection, type Connections, createConnections } from './connections.ts'
import { idOfEvent } from './event-documents.ts'
import { createPaymentInbox, type PaymentInbox, type PaymentTaker } from './payment-inbox.ts'
import { createSubscriptionLinks } from './subscription-links.ts'
import { createSyncSubscription } from './sync-subscription.ts'
import { createWebhookInbox, type WebhookInbox } from './webhook-inbox.ts'
import { createWorkQueue } from './work-queue.ts'

export interface BillingParts {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly workspaces: Workspaces
  readonly audit: AuditLog
  /** Into the figures. */
  readonly takePayments: PaymentTaker
  readonly vault: Vault
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Pick<Logger, 'warn'>
  /** false while this may be a copy of a database that is at work elsewhere: then nothing is read or written. */
  readonly canWork: () => boolean
  /** In place of the providers’ own hosts, for tests. */
  readonly baseUrl: string | null
}

export interface Billing {
  readonly connections: Connections
  readonly outbox: Pick<BillingOutbox, 'list'>
  readonly inbox: Pick<WebhookInbox, 'list'>
  readonly payments: Pick<PaymentInbox, 'list'>
  /** A verified webhook. Durable when it resolves; the work follows in the background. */
  receive(connection: Connection, hint: WebhookHint): Promise<'accepted' | 'duplicate'>
  /** Reads a subscription now, for instance one that was made before its connection. */
  read(connection: Connection, ref: string): Promise<void>
  /** @returns false when there is no such dead row. */
  retry(workspaceId: Connection['workspaceId'], outboxId: string): Promise<boolean>
  /** Chore: what is due, and now and then a comparison of all links, which also finds what a crash left unsaid. */
  work(signal?: AbortSignal): Promise<void>
  /** Chore: forgets old events and settled rows. */
  purge(): Promise<void>
  /** Resolves when no work started here is under way. */
  idle(): Promise<void>
}

const compareEveryMs = hourMs
/** Webhooks get lost (Maxio gives up after five minutes), so each running trial is read once a day. */
const readEveryMs = dayMs
const pageSize = 500
const settledStatuses: ReadonlySet<string | null> = new Set(['active', 'canceled', 'expired'])

export function createBilling(parts: BillingParts): Billing {
  const { storage, changes, clock, log, canWork } = parts
  const connections = createConnections(parts)
  const links = createSubscriptionLinks({
    storage,
    isConnected: async (id) => (await connections.get(id)) !== null,
  })
  const sync = createSyncSubscription({ ...parts, connections, links })
  const payments = createPaymentInbox({ ...parts, connections, links })
  const inbox = createWebhookInbox({ ...parts, sync, payments })
  const outbox = createBillingOutbox({ ...parts, links, sync })
  const looks = createWorkQueue(async (trialId) => {
    if (canWork()) await outbox.look(trialId as TrialId)
  }, log)
  const reads = createWorkQueue(async (key) => {
    const [connectionId = '', ref = ''] = key.split('/')
    if (canWork()) await inbox.run(connectionId, ref)
  }, log)
  const takings = createWorkQueue(async (id) => {
    if (canWork()) await payments.run(id)
  }, log)
  changes.onSaved(noteMoves((trialId) => looks.add(trialId)))

  async function compare(signal: AbortSignal | undefined) {
    for (let after: string | null = null; ; ) {
      const page = await links.scan(after, pageSize)
      for (const link of page) {
        if (signal?.aborted) return
        const { trialId, connectionId, ref, readAt, status } = link
        const trial = await storage.trials.get(trialId)
        if (!trial) continue
        if (openWish(trial, link.agreement) !== null) await outbox.look(trialId)
        const isStale = readAt === null || clock.now() - readAt >= readEveryMs
        if (isStale && !settledStatuses.has(status))
          await inbox.request({ id: connectionId, workspaceId: trial.workspaceId }, ref, 'daily')
      }
      after = page.at(-1)?.trialId ?? null
      if (page.length < pageSize) return
    }
  }

  let compareAt = 0
  return {
    connections,
    outbox,
    inbox,
    payments,
    async receive(connection, hint) {
      const result = await inbox.accept(connection, hint)
      if (result === 'duplicate') return result
      if (hint.ref !== null) reads.add(`${connection.id}/${hint.ref}`)
      if (hint.payments.length > 0 || hint.ask !== null) takings.add(idOfEvent(connection.id, hint.eventId))
      return result
    },
    async read(connection, ref) {
      await inbox.request(connection, ref, 'asked')
      reads.add(`${connection.id}/${ref}`)
    },
    async retry(workspaceId, outboxId) {
      const trialId = await outbox.retry(workspaceId, outboxId)
      if (trialId !== null) looks.add(trialId)
      return trialId !== null
    },
    async work(signal) {
      if (!canWork()) return
      if (clock.now() >= compareAt) {
        compareAt = clock.now() + compareEveryMs
        await compare(signal)
      }
      await inbox.runDue(signal)
      await payments.runDue(signal)
      await outbox.runDue(signal)
    },
    async purge() {
      await inbox.purge()
      await payments.purge()
      await outbox.purge()
    },
    async idle() {
      await reads.idle()
      await takings.idle()
      await looks.idle()
    },
  }
}

/** More extended trials than that are looked at once too often, which does no harm. */
const maxRemembered = 10_000

/** Calls back when people here moved an end. Asked at every save, so it must cost next to nothing. */
function noteMoves(moved: (trialId: TrialId) => void): (trial: Trial) => void {
  const last = new Map<TrialId, number | null>()
  return (trial) => {
    if (trial.clock.extensions.length === 0) return
    const wanted = wantedEnd(trial)
    if (last.get(trial.id) === wanted) return
    last.delete(trial.id)
    last.set(trial.id, wanted)
    if (last.size > maxRemembered) last.delete(last.keys().next().value as TrialId)
    moved(trial.id)
  }
}
