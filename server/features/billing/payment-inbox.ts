import { dayMs, minuteMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { type BillingSubscription, nextAttemptAt } from '../../domain/billing.ts'
import type { Clock, Random } from '../../ports.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError, type BillingProvider, type WebhookHint } from './billing-provider.ts'
import type { Connection, Connections } from './connections.ts'
import { eachDocument, idOfEvent, keepMs, unmatchedTries } from './event-documents.ts'
import { type Payment, type PaymentType, typeOf } from './payments.ts'
import type { SubscriptionLinks } from './subscription-links.ts'

/** What an event told of money, until it stands among the figures. */
export interface PendingPayment {
  readonly workspaceId: WorkspaceId
  readonly connectionId: string
  readonly payments: readonly Payment[]
  /** What has to be read at the provider first. */
  readonly ask: string | null
  readonly since: number
  readonly failures: number
  /** null: given up; only where the provider says that there is nothing to read. */
  readonly nextAttemptAt: number | null
  readonly detail: string | null
}

/** Where payments go. */
export interface PaymentTaker {
  canTake(workspaceId: WorkspaceId, currency: string): Promise<boolean>
  take(
    workspaceId: WorkspaceId,
    payment: Omit<Payment, 'currency' | 'type' | 'subscriptionRef' | 'paidFrom'> & {
      readonly currency: string
      readonly type: PaymentType
    },
    trialId: TrialId | null,
  ): Promise<void>
}

export interface PaymentInbox {
  /** Durable when it resolves. */
  accept(connection: Connection, hint: WebhookHint): Promise<void>
  /** @param id of the event. */
  run(id: string): Promise<void>
  runDue(signal?: AbortSignal): Promise<void>
  /** At most {@link pageSize} in all. */
  list(connectionIds: readonly string[]): Promise<Versioned<PendingPayment>[]>
  purge(): Promise<void>
}

const kind = 'billing-payment'
const pageSize = 500
/** How often it is looked whether somebody has set the rate. */
const rateMs = 10 * minuteMs

type Outcome = Pick<PendingPayment, 'failures' | 'nextAttemptAt' | 'detail'>
type Opened = { readonly connection: Connection; readonly provider: BillingProvider }

export function createPaymentInbox({
  storage: { documents },
  connections,
  links,
  takePayments,
  clock,
  random,
}: {
  storage: Storage
  connections: Connections
  links: SubscriptionLinks
  takePayments: PaymentTaker
  clock: Clock
  random: Random
}): PaymentInbox {
  /** @returns null when it cannot be read any more. */
  async function subscriptionOf({ provider }: Opened, ref: string): Promise<BillingSubscription | null> {
    try {
      return await provider.fetchSubscription(ref)
    } catch (error) {
      if (error instanceof BillingError && error.reason !== 'transient') return null
      throw error
    }
  }

  /** The subscription is read only where the link to a trial does not say enough. */
  async function payerOf(opened: Opened, { subscriptionRef: ref, type, currency }: Payment) {
    if (ref === null) return { trialId: null, subscription: null }
    const linked = await links.trialOf(opened.connection.id, ref)
    if (linked !== null && type !== null && currency !== null) return { trialId: linked, subscription: null }
    const subscription = await subscriptionOf(opened, ref)
    const owner = linked ?? (subscription && (await links.ownerOf(opened.connection, subscription)))
    return { trialId: owner, subscription }
  }

  /** @returns what it still waits for; null: it is recorded, and it is known whose it is. */
  async function record(opened: Opened, payment: Payment): Promise<'rate' | 'currency' | 'owner' | null> {
    const { workspaceId } = opened.connection
    const { externalId, at, amountMinor } = payment
    if (payment.currency !== null && !(await takePayments.canTake(workspaceId, payment.currency)))
      return 'rate'
    const { trialId, subscription } = await payerOf(opened, payment)
    const currency = payment.currency ?? subscription?.currency?.toUpperCase()
    if (!currency) return 'currency'
    if (!(await takePayments.canTake(workspaceId, currency))) return 'rate'
    const type = typeOf(payment, subscription)
    await takePayments.take(workspaceId, { externalId, at, amountMinor, currency, type }, trialId)
    return trialId === null && payment.subscriptionRef !== null ? 'owner' : null
  }

  /** @returns what becomes of it; null: it is done. */
  async function attempt({ connectionId, ask, payments, failures }: PendingPayment): Promise<Outcome | null> {
    const now = clock.now()
    const again = (detail: string): Outcome => ({
      failures: failures + 1,
      nextAttemptAt: nextAttemptAt(failures + 1, now, random()) ?? now + dayMs,
      detail,
    })
    try {
      const opened = await connections.open(connectionId)
      if (!opened) return { failures, nextAttemptAt: null, detail: 'The billing system was disconnected.' }
      const told = ask === null ? payments : await opened.provider.fetchPayments(ask)
      const waits = new Set<Awaited<ReturnType<typeof record>>>()
      for (const payment of told) waits.add(await record(opened, payment))
      if (waits.has('rate'))
        return {
          failures,
          nextAttemptAt: now + rateMs,
          detail: 'Its currency has no rate: see PUT /api/rates.',
        }
      if (waits.has('currency')) return again('The billing system does not say in which currency it is.')
      return waits.has('owner') && failures + 1 < unmatchedTries
        ? again('Recorded; no trialist here has this subscription so far.')
        : null
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (error.reason === 'transient' || failures + 1 < unmatchedTries) return again(error.message)
      return { failures: failures + 1, nextAttemptAt: null, detail: error.message }
    }
  }

  async function run(id: string) {
    const found = await documents.get<PendingPayment>(kind, id)
    if (!found || found.body.nextAttemptAt === null || found.body.nextAttemptAt > clock.now()) return
    const outcome = await attempt(found.body)
    if (outcome === null) await documents.delete(kind, id)
    else await documents.put(kind, id, { ...found.body, ...outcome }, found.version)
  }

  return {
    run,
    async accept({ id: connectionId, workspaceId }, { eventId, payments, ask }) {
      if (payments.length === 0 && ask === null) return
      const now = clock.now()
      const pending: PendingPayment = {
        workspaceId,
        connectionId,
        payments,
        ask,
        since: now,
        failures: 0,
        nextAttemptAt: now,
        detail: null,
      }
      await documents.put(kind, idOfEvent(connectionId, eventId), pending)
    },
    async runDue(signal) {
      const now = clock.now()
      const due: string[] = []
      for await (const { id, body } of eachDocument<PendingPayment>(documents, kind))
        if (body.nextAttemptAt !== null && body.nextAttemptAt <= now) due.push(id)
      const errors: unknown[] = []
      // One that cannot be recorded keeps no other from it.
      for (const id of due) if (!signal?.aborted) await run(id).catch((error: unknown) => errors.push(error))
      if (errors.length > 0) throw errors[0]
    },
    async list(connectionIds) {
      const found: Versioned<PendingPayment>[] = []
      for (const id of connectionIds) {
        const limit = pageSize - found.length
        if (limit > 0)
          found.push(...(await documents.list<PendingPayment>(kind, { prefix: `${id}/`, limit })))
      }
      return found
    },
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of eachDocument<PendingPayment>(documents, kind))
        if (body.nextAttemptAt === null && body.since < before) await documents.delete(kind, id)
    },
  }
}
