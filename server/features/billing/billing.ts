import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { BillingState } from '../../../shared/billing.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { wantedEnd } from '../../domain/billing/agreement.ts'
import { ledgerIds } from '../../domain/billing/subscription.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock, Ids, Random } from '../../ports.ts'
import { trialOfUser } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Vault } from '../workspaces/vault.ts'
import { type BillingOutbox, createBillingOutbox } from './billing-outbox.ts'
import type { WebhookHint } from './billing-provider.ts'
import { createBillingState } from './billing-state.ts'
import {
  type ConnectionStatus,
  type ConnectionStatuses,
  createConnectionStatuses,
} from './connection-status.ts'
import { type Connection, type Connections, createConnections } from './connections.ts'
import { idOfEvent } from './event-documents.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { createFindOwner } from './find-owner.ts'
import { createLinkComparison } from './link-comparison.ts'
import { createNewcomers } from './newcomers.ts'
import { createPaymentInbox, type PaymentInbox, type PaymentTaker, rateDetail } from './payment-inbox.ts'
import { createReconciler, type Reconciler } from './reconcile.ts'
import {
  createSubscriptionLinks,
  type SubscriptionLink,
  type SubscriptionLinks,
} from './subscription-links.ts'
import { createSubscriptionRecords, type SubscriptionRecords } from './subscription-records.ts'
import { createSyncSubscription, type SyncResult } from './sync-subscription.ts'
import { createUnmatched, type Unmatched } from './unmatched.ts'
import { createWebhookInbox, type WebhookInbox } from './webhook-inbox.ts'
import { createWorkQueue } from './work-queue.ts'

/** The face of billing: it puts its parts together and hands each call to one of them. Long, because they are many. */

export interface BillingParts {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly workspaces: Workspaces
  readonly audit: AuditLog
  /** Into the metrics. */
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
  readonly links: Pick<SubscriptionLinks, 'ofTrial'>
  readonly records: SubscriptionRecords
  readonly unmatched: Pick<Unmatched, 'list'>
  readonly statuses: Pick<ConnectionStatuses, 'check' | 'noteRefusal' | 'forget'>
  readonly reconciler: Pick<Reconciler, 'report'>
  readonly eventLog: Pick<EventLog, 'list'>
  readonly outbox: Pick<BillingOutbox, 'list'>
  readonly inbox: Pick<WebhookInbox, 'list'>
  readonly payments: Pick<PaymentInbox, 'list'>
  /** A verified webhook. Durable when it resolves; the work follows in the background. */
  receive(connection: Connection, hint: WebhookHint): Promise<'accepted' | 'duplicate'>
  /** Reads a subscription now, for instance one that was made before its connection. */
  read(connection: Pick<Connection, 'id' | 'workspaceId'>, ref: string, why?: string): Promise<void>
  /**
   * Says by hand whose a subscription is; null: what the billing system says holds again.
   * @returns false when there is no such trial.
   */
  assign(connection: Connection, ref: string, trialId: TrialId | null): Promise<boolean>
  /** How a connection does, and what it waits for. */
  status(connection: Connection): Promise<ConnectionStatus>
  /** What a rep should know of a trialist’s subscription; null: there is none. */
  stateOf(trialId: TrialId): Promise<BillingState | null>
  /** Compares all trials at the billing system with ours; the work follows in the background. */
  reconcile(connection: Connection): void
  /** Reads all its known subscriptions again, e.g. because other products count now. */
  readAll(connection: Connection): Promise<void>
  /** Takes the billing system’s date where it contradicts an end of ours. @returns false when it does not. */
  takeTheirs(trialId: TrialId): Promise<boolean>
  /** @returns false when there is no such dead row. */
  retry(workspaceId: Connection['workspaceId'], outboxId: string): Promise<boolean>
  /** Chore: what is due, and now and then a comparison of all links, which also finds what a crash left unsaid. */
  work(signal?: AbortSignal): Promise<void>
  /** Chore: forgets old events and settled rows. */
  purge(): Promise<void>
  /** Resolves when no work started here is under way. */
  idle(): Promise<void>
}

const reconcileEveryMs = dayMs
/** Longer than any trial: a subscription of no one that was not heard of since is of no use. */
const unmatchedMs = 400 * dayMs
/** The parts, each made once. */
function createParts(parts: BillingParts, hooks: { onMoney: PaymentHook; onSynced: SyncHook }) {
  const { storage } = parts
  const { documents, trials } = storage
  const connections = createConnections(parts)
  const isConnected = async (id: string) => (await connections.get(id)) !== null
  const isPaused = async (id: string) => (await connections.get(id))?.settings.isPaused ?? false
  const truthOf = async (id: string) => (await connections.get(id))?.settings.truth ?? 'later'
  const records = createSubscriptionRecords(documents)
  const links = createSubscriptionLinks({ storage, isConnected })
  const unmatched = createUnmatched(documents)
  const eventLog = createEventLog(documents)
  const { ofSubscription: findOwner, ofPayment: findPayer } = createFindOwner({ trials, records })
  const common = { ...parts, connections, records, links, unmatched, findOwner, isPaused, eventLog }
  const plain = createSyncSubscription(common)
  const seeing = async (work: Promise<SyncResult>): Promise<SyncResult> => {
    const result = await work
    if (result.state === 'synced') await hooks.onSynced(result.link)
    return result
  }
  const sync: typeof plain = {
    byRef: (connectionId, ref) => seeing(plain.byRef(connectionId, ref)),
    byTrial: (trialId) => seeing(plain.byTrial(trialId)),
  }
  const payments = createPaymentInbox({ ...common, findPayer, onMoney: hooks.onMoney })
  const inbox = createWebhookInbox({ ...common, sync, payments })
  const outbox = createBillingOutbox({ ...common, sync, truthOf })
  return { ...common, payments, inbox, outbox, truthOf }
}

type PaymentHook = (
  connection: Pick<Connection, 'id' | 'workspaceId'>,
  ref: string,
  why: string,
) => Promise<void>
type SyncHook = (link: SubscriptionLink) => Promise<void>

export function createBilling(given: BillingParts): Billing {
  const { storage, changes, clock, log, canWork } = given
  const parts = createParts(given, {
    onMoney: (connection, ref, why) => read(connection, ref, why),
    onSynced: (link) =>
      link.agreement.refused
        ? parts.outbox.noteRefusal(link)
        : parts.outbox.settleDead(link.trialId, 'The billing system and the trial now agree.'),
  })
  const { connections, links, records, unmatched, payments, inbox, outbox, eventLog } = parts
  const { documents, trials } = storage
  const statuses = createConnectionStatuses({ documents, connections, eventLog, clock })
  const reconciler = createReconciler({ ...parts, documents, trials, read })
  const stateOf = createBillingState(parts)
  const compare = createLinkComparison({ ...parts, trials, clock })
  const reviews = createWorkQueue(async (trialId) => {
    if (canWork()) await outbox.review(trialId as TrialId)
  }, log)
  const reads = createWorkQueue(async (key) => {
    const [connectionId = '', ref = ''] = JSON.parse(key) as string[]
    if (canWork()) await inbox.run(connectionId, ref)
  }, log)
  const takings = createWorkQueue(async (id) => {
    if (canWork()) await payments.run(id)
  }, log)
  const readSoon = (connectionId: string, ref: string) => reads.add(JSON.stringify([connectionId, ref]))

  async function read(connection: Pick<Connection, 'id' | 'workspaceId'>, ref: string, why = 'asked') {
    await inbox.request(connection, ref, why)
    readSoon(connection.id, ref)
  }

  const newcomers = createNewcomers({
    unmatched,
    onFound: ({ connectionId, ref }, workspaceId) => read({ id: connectionId, workspaceId }, ref, 'appeared'),
  })
  const welcomes = createWorkQueue(async (trialId) => {
    const trial = await storage.trials.get(trialId as TrialId)
    if (trial) await newcomers.welcome(trial)
  }, log)
  changes.onSaved(noteMoves((trialId) => reviews.add(trialId)))
  changes.onSaved((trial) => {
    if (newcomers.isNews(trial)) welcomes.add(trial.id)
  })

  const reconciling = createWorkQueue(async (connectionId) => {
    const connection = await connections.get(connectionId)
    if (connection && canWork() && !connection.settings.isPaused) await reconciler.run(connection)
  }, log)

  async function status(connection: Connection): Promise<ConnectionStatus> {
    const [pendingReads, pendingPayments, rows] = await Promise.all([
      inbox.list([connection.id]),
      payments.list([connection.id]),
      outbox.troubles(connection.workspaceId),
    ])
    const pending = [...pendingReads, ...pendingPayments].map(({ body }) => body)
    const { dead = 0, retrying = 0 } = rows.get(connection.id) ?? {}
    const givenUp = pending.filter(({ nextAttemptAt }) => nextAttemptAt === null).length
    const waitingForRate = pendingPayments.filter(({ body }) => body.detail === rateDetail).length
    const again = pending.filter(({ failures, nextAttemptAt }) => failures > 0 && nextAttemptAt !== null)
    return statuses.of(connection, {
      stuck: dead + givenUp + waitingForRate,
      retrying: retrying + again.length,
    })
  }

  async function takeTheirs(asked: TrialId): Promise<boolean> {
    // A member of a company asks for the company.
    const trialId = (await trialOfUser(trials, asked))?.id ?? asked
    const link = await links.ofTrial(trialId)
    const connection = link && (await connections.get(link.connectionId))
    const trial = await trials.get(trialId)
    const seen = link && (await records.get(link.connectionId, link.ref))?.seen
    if (!link?.agreement.refused || !connection || !trial || !seen) return false
    const now = clock.now()
    const isRunning = seen.status === 'trialing'
    const endsAt = isRunning ? seen.trialEndsAt : Math.min(seen.trialEndsAt ?? now, now)
    if (endsAt === null || endsAt <= trial.clock.startsAt) return false
    const by = { kind: 'billing', name: connection.provider } as const
    const patch = { trial: { endsAt } }
    await changes.change(trialId, { type: 'describe', patch, by, expectedEnd: trial.clock.endsAt })
    await links.refuse(trialId, null)
    await outbox.settleDead(trialId, `The date of the billing system, ${isoInstant(endsAt)}, was taken.`)
    return true
  }

  let reconcileAt = 0
  return {
    connections,
    links,
    records,
    unmatched,
    eventLog,
    statuses,
    reconciler,
    status,
    stateOf,
    takeTheirs,
    reconcile: (connection) => reconciling.add(connection.id),
    async readAll(connection) {
      for await (const { ref } of records.all(connection.id)) await inbox.request(connection, ref, 'settings')
      await inbox.runDue()
    },
    outbox,
    inbox,
    payments,
    read,
    async receive(connection, hint) {
      const { isNew, refs } = await inbox.accept(connection, hint)
      if (!isNew) return 'duplicate'
      for (const ref of refs) readSoon(connection.id, ref)
      if (hint.payments.length > 0 || hint.ask !== null) takings.add(idOfEvent(connection.id, hint.eventId))
      newcomers.noteWaiting(connection.workspaceId)
      await statuses.noteAccepted(connection.id)
      return 'accepted'
    },
    async assign(connection, ref, trialId) {
      if (trialId !== null && !(await trials.get(trialId))) return false
      const before = await records.get(connection.id, ref)
      if (before?.trialId && before.trialId !== trialId) await links.drop(before.trialId, connection.id, ref)
      const { money } = await records.update(connection, ref, (record) => ({
        ...record,
        trialId,
        isByHand: trialId !== null,
      }))
      await given.takePayments.attach(connection.workspaceId, ledgerIds(money), {
        to: trialId,
        from: before?.trialId ?? null,
      })
      await read(connection, ref, 'assigned')
      return true
    },
    async retry(workspaceId, outboxId) {
      const trialId = await outbox.retry(workspaceId, outboxId)
      if (trialId !== null) reviews.add(trialId)
      return trialId !== null
    },
    async work(signal) {
      if (!canWork()) return
      await compare(signal)
      if (clock.now() >= reconcileAt) {
        // Not at the very start: then webhooks that waited for us come in by themselves.
        if (reconcileAt > 0) for await (const { id } of connections.all()) reconciling.add(id)
        reconcileAt = clock.now() + reconcileEveryMs
      }
      await inbox.runDue(signal)
      await payments.runDue(signal)
      await outbox.runDue(signal)
    },
    async purge() {
      await inbox.purge()
      await payments.purge()
      await outbox.purge()
      await eventLog.purge(clock.now())
      await unmatched.purge(clock.now() - unmatchedMs)
    },
    async idle() {
      for (const queue of [reads, takings, welcomes, reconciling, reads, reviews]) await queue.idle()
    },
  }
}

/** More extended trials than that are looked at once too often, which does no harm. */
const maxRemembered = 10_000

/** Calls back when people here moved an end. Asked at every save, so it must cost next to nothing. */
function noteMoves(moved: (trialId: TrialId) => void): (trial: Trial) => void {
  // -1 stands for no end: the cache holds no null.
  const last = new LRUCache<TrialId, number>({ max: maxRemembered })
  return (trial) => {
    if (trial.clock.extensions.length === 0) return
    const wanted = wantedEnd(trial) ?? -1
    if (last.get(trial.id) === wanted) return
    last.set(trial.id, wanted)
    moved(trial.id)
  }
}
