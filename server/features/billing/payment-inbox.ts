import { dayMs, minuteMs } from '../../../shared/clock.ts'
import type { EmailAddress, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { nextAttemptAt } from '../../domain/billing/retry.ts'
import { type Money, withEntry } from '../../domain/billing/subscription.ts'
import type { Clock, Random } from '../../ports.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError, type BillingProvider, type WebhookHint } from './billing-provider.ts'
import type { Connection, Connections } from './connections.ts'
import { idOfEvent, keepMs, unmatchedTries } from './event-documents.ts'
import type { FindOwner, FindPayer } from './find-owner.ts'
import { type Payment, type PaymentFailure, type PaymentType, typeOf } from './payments.ts'
import type { SubscriptionRecords } from './subscription-records.ts'

/** Those of earlier versions name no payer. */
type StoredPayment = Omit<Payment, 'customerRef' | 'userId' | 'email'> &
  Partial<Pick<Payment, 'customerRef' | 'userId'>>

/** What an event told of money, until it stands among the figures. */
export interface PendingPayment {
  readonly workspaceId: WorkspaceId
  readonly connectionId: string
  readonly payments: readonly StoredPayment[]
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
    payment: Pick<Payment, 'externalId' | 'at' | 'amountMinor'> & {
      readonly currency: string
      readonly type: PaymentType
    },
    trialId: TrialId | null,
  ): Promise<void>
  /** What was recorded is of someone who has no trial here yet: it is theirs once they appear. */
  awaitPayer(
    workspaceId: WorkspaceId,
    externalId: string,
    payer: { readonly userId: string } | { readonly email: EmailAddress },
  ): Promise<void>
  /** What was recorded turns out to be this person’s, or no longer that one’s. What is not recorded yet is passed over. */
  attach(
    workspaceId: WorkspaceId,
    externalIds: readonly string[],
    owner: { readonly to: TrialId | null; readonly from: TrialId | null },
  ): Promise<void>
}

export interface PaymentInbox {
  /** Durable when it resolves. */
  accept(connection: Connection, hint: WebhookHint): Promise<void>
  /** Notes that money should have come and did not; durable when it resolves. */
  noteFailures(
    connection: Pick<Connection, 'id' | 'workspaceId'>,
    failures: readonly PaymentFailure[],
  ): Promise<void>
  /** @param id of the event. */
  run(id: string): Promise<void>
  runDue(signal?: AbortSignal): Promise<void>
  /** At most {@link pageSize} in all. */
  list(connectionIds: readonly string[]): Promise<Versioned<PendingPayment>[]>
  purge(): Promise<void>
}

const kind = 'billing-payment'
const pageSize = 500
/** How often it is looked whether someone has set the rate. */
const rateMs = 10 * minuteMs
export const rateDetail = 'Its currency has no exchange rate yet: Settings › Billing, or PUT /api/rates.'

type Outcome = Pick<PendingPayment, 'failures' | 'nextAttemptAt' | 'detail'>
type Opened = { readonly connection: Connection; readonly provider: BillingProvider }

/** What is known of a subscription’s money once this payment, refund or chargeback is. */
function withPayment(money: Money, { externalId, at, amountMinor, currency }: Payment, type: PaymentType) {
  const counted = withEntry(money, { id: externalId, amountMinor, currency })
  if (amountMinor <= 0 || type === 'refund' || type === 'chargeback') return counted
  return {
    ...counted,
    firstPaidAt: type === 'new' ? Math.min(at, money.firstPaidAt ?? at) : money.firstPaidAt,
    hasPaid: true,
    failedAt: money.failedAt !== null && money.failedAt > at ? money.failedAt : null,
  }
}

export function createPaymentInbox({
  storage: { documents },
  connections,
  records,
  findOwner,
  findPayer,
  takePayments,
  onMoney,
  clock,
  random,
}: {
  storage: Storage
  connections: Connections
  records: SubscriptionRecords
  findOwner: FindOwner
  findPayer: FindPayer
  takePayments: PaymentTaker
  /** Called when what is known of a subscription’s money has changed: a trial may convert by it, or no longer. */
  onMoney: (connection: Pick<Connection, 'id' | 'workspaceId'>, ref: string, why: string) => Promise<void>
  clock: Clock
  random: Random
}): PaymentInbox {
  /** @returns null when it cannot be read any more, or may not be read. */
  async function ifReadable<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read()
    } catch (error) {
      if (error instanceof BillingError && error.reason !== 'transient') return null
      throw error
    }
  }

  /** The subscription is read only where the link to a trial does not say enough. */
  async function payerOf(opened: Opened, payment: Payment) {
    const { subscriptionRef: ref, type, currency } = payment
    if (ref === null) {
      const { connection, provider } = opened
      const read = (customer: string) => ifReadable(() => provider.fetchCustomer(customer))
      return { subscription: null, ...(await findPayer(connection, payment, read)) }
    }
    const record = await records.get(opened.connection.id, ref)
    const linked = record?.trialId ?? null
    if (linked !== null && type !== null && currency !== null)
      return { trialId: linked, subscription: null, awaited: null }
    const subscription = await ifReadable(() => opened.provider.fetchSubscription(ref))
    const owner = linked ?? (subscription && (await findOwner(opened.connection, subscription, record)))
    return { trialId: owner, subscription, awaited: null }
  }

  /** What a customer pays beside the subscription they already pay for is no first payment. */
  async function hasPaidBefore({ connection }: Opened, { subscriptionRef, customerRef, type }: Payment) {
    if (subscriptionRef !== null || customerRef === null || type !== null) return false
    return (await records.ofCustomer(connection.id, customerRef)).some(({ money }) => money.hasPaid)
  }

  async function noteMoney({ connection }: Opened, payment: Payment, type: PaymentType) {
    const { subscriptionRef: ref, externalId } = payment
    if (ref === null) return
    let isNews = false
    await records.update(connection, ref, (record) => {
      const money = withPayment(record.money, payment, type)
      isNews = JSON.stringify(money) !== JSON.stringify(record.money)
      return isNews ? { ...record, money } : null
    })
    if (isNews) await onMoney(connection, ref, `payment-${externalId}`)
  }

  /** @returns what it still waits for; null: it is recorded, and it is known whose it is. */
  async function record(opened: Opened, payment: Payment): Promise<'rate' | 'currency' | 'owner' | null> {
    const { workspaceId } = opened.connection
    const { externalId, at, amountMinor } = payment
    const { trialId, subscription, awaited } = await payerOf(opened, payment)
    const type = (await hasPaidBefore(opened, payment)) ? 'expansion' : typeOf(payment, subscription)
    await noteMoney(opened, payment, type)
    const currency = payment.currency ?? subscription?.currency?.toUpperCase()
    if (!currency) return 'currency'
    if (!(await takePayments.canTake(workspaceId, currency))) return 'rate'
    await takePayments.take(workspaceId, { externalId, at, amountMinor, currency, type }, trialId)
    if (trialId !== null) return null
    if (awaited) await takePayments.awaitPayer(workspaceId, externalId, awaited)
    return payment.subscriptionRef === null ? null : 'owner'
  }

  async function noteFailures(
    connection: Pick<Connection, 'id' | 'workspaceId'>,
    failures: readonly PaymentFailure[],
  ) {
    for (const { subscriptionRef: ref, at } of failures) {
      let isNews = false
      await records.update(connection, ref, (record) => {
        isNews = record.money.failedAt === null || at > record.money.failedAt
        return isNews ? { ...record, money: { ...record.money, failedAt: at } } : null
      })
      if (isNews) await onMoney(connection, ref, `failure-${at}`)
    }
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
      if (opened.connection.settings.isPaused)
        return { failures, nextAttemptAt: now + rateMs, detail: 'The connection is paused.' }
      const { payments: told, failures: failed } =
        ask === null ? { payments, failures: [] } : await opened.provider.fetchPayments(ask)
      await noteFailures(opened.connection, failed)
      const waits = new Set<Awaited<ReturnType<typeof record>>>()
      for (const payment of told)
        waits.add(await record(opened, { customerRef: null, userId: null, ...payment }))
      if (waits.has('rate'))
        return {
          failures,
          nextAttemptAt: now + rateMs,
          detail: rateDetail,
        }
      if (waits.has('currency')) return again('The billing system does not name its currency.')
      return waits.has('owner') && failures + 1 < unmatchedTries
        ? again('Recorded; no trialist here has this subscription yet.')
        : null
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (error.reason === 'transient' || failures + 1 < unmatchedTries) return again(error.message)
      return { failures: failures + 1, nextAttemptAt: null, detail: error.message }
    }
  }

  async function run(id: string) {
    const found = await documents.get(kind, id)
    if (!found || found.body.nextAttemptAt === null || found.body.nextAttemptAt > clock.now()) return
    const outcome = await attempt(found.body)
    if (outcome === null) await documents.delete(kind, id)
    else await documents.put(kind, id, { ...found.body, ...outcome }, found.version)
  }

  return {
    run,
    noteFailures,
    async accept({ id: connectionId, workspaceId }, { eventId, payments, ask }) {
      if (payments.length === 0 && ask === null) return
      const now = clock.now()
      const pending: PendingPayment = {
        workspaceId,
        connectionId,
        payments: payments.map(({ email: _, ...payment }) => payment),
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
      for await (const { id, body } of eachDocument(documents, kind))
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
        if (limit > 0) found.push(...(await documents.list(kind, { prefix: `${id}/`, limit })))
      }
      return found
    },
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of eachDocument(documents, kind))
        if (body.nextAttemptAt === null && body.since < before) await documents.delete(kind, id)
    },
  }
}
