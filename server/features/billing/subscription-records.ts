import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import {
  type BillingStatus,
  type BillingSubscription,
  type Money,
  noMoney,
} from '../../domain/billing/subscription.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Connection } from './connections.ts'
import { refKey } from './event-documents.ts'

/** What a subscription was when it was last read. Names no one in clear. */
export interface SeenSubscription {
  readonly at: number
  readonly status: BillingStatus
  readonly userId: string | null
  /** `k…@example.com`, for anyone who looks for its owner. */
  readonly emailHint: string | null
  readonly planId: string | null
  readonly currency: string | null
  readonly startedAt: number | null
  readonly trialEndsAt: number | null
  readonly cancelsAt: number | null
  readonly mrrMinor: number | null
  readonly potentialMrrMinor: number | null
  readonly proof: BillingSubscription['proof']
}

/** What we know of one subscription: whose it is, what it was, what was paid. */
export interface SubscriptionRecord {
  readonly workspaceId: WorkspaceId
  readonly connectionId: string
  readonly ref: string
  readonly trialId: TrialId | null
  /** Someone here said whose it is; that outweighs what the billing system says. */
  readonly isByHand: boolean
  readonly customerRef: string | null
  readonly money: Money
  readonly seen: SeenSubscription | null
}

export interface SubscriptionRecords {
  get(connectionId: string, ref: string): Promise<SubscriptionRecord | null>
  /** @param next null: nothing to change. @returns the record as it is now. */
  update(
    connection: Pick<Connection, 'id' | 'workspaceId'>,
    ref: string,
    next: (record: SubscriptionRecord) => SubscriptionRecord | null,
  ): Promise<SubscriptionRecord>
  /** At most {@link maxOfCustomer}. */
  ofCustomer(connectionId: string, customerRef: string): Promise<SubscriptionRecord[]>
  /** Notes that a subscription belongs to this customer. */
  noteCustomer(connectionId: string, customerRef: string, ref: string): Promise<void>
  all(connectionId: string): AsyncGenerator<SubscriptionRecord>
  forget(connectionId: string, ref: string): Promise<void>
}

const kind = 'billing-ref'
const customerKind = 'billing-customer'
const maxOfCustomer = 50

export const emailHintOf = (email: string | null): string | null =>
  email === null ? null : `${email.slice(0, 1)}…${email.slice(email.lastIndexOf('@'))}`

export const seenOf = (subscription: BillingSubscription, at: number): SeenSubscription => ({
  at,
  status: subscription.status,
  userId: subscription.userId,
  emailHint: emailHintOf(subscription.email),
  planId: subscription.planId,
  currency: subscription.currency?.toUpperCase() ?? null,
  startedAt: subscription.startedAt,
  trialEndsAt: subscription.trialEndsAt,
  cancelsAt: subscription.cancelsAt,
  mrrMinor: subscription.mrr.now,
  potentialMrrMinor: subscription.mrr.potential,
  proof: subscription.proof,
})

export function createSubscriptionRecords(documents: DocumentStore): SubscriptionRecords {
  const blank = (connectionId: string, workspaceId: WorkspaceId, ref: string): SubscriptionRecord => ({
    workspaceId,
    connectionId,
    ref,
    trialId: null,
    isByHand: false,
    customerRef: null,
    money: noMoney,
    seen: null,
  })
  const customerKey = (connectionId: string, customerRef: string) => `${refKey(connectionId, customerRef)}/`

  async function get(connectionId: string, ref: string): Promise<SubscriptionRecord | null> {
    const found = await documents.get(kind, refKey(connectionId, ref))
    return found && { ...blank(connectionId, '' as WorkspaceId, ref), ...found.body }
  }

  return {
    get,
    async update({ id, workspaceId }, ref, next) {
      const fresh = blank(id, workspaceId, ref)
      const { after } = await updateDocument(documents, kind, refKey(id, ref), (before) =>
        next({ ...fresh, ...before, workspaceId }),
      )
      return { ...fresh, ...after }
    },
    async ofCustomer(connectionId, customerRef) {
      const found = await documents.list(customerKind, {
        prefix: customerKey(connectionId, customerRef),
        limit: maxOfCustomer,
      })
      const records = await Promise.all(found.map(({ body }) => get(connectionId, body.ref)))
      return records.filter((record) => record !== null)
    },
    async noteCustomer(connectionId, customerRef, ref) {
      const key = customerKey(connectionId, customerRef) + refKey('', ref).slice(1)
      if (!(await documents.get(customerKind, key))) await documents.put(customerKind, key, { ref })
    },
    async *all(connectionId) {
      for await (const { body } of eachDocument(documents, kind, {
        prefix: `${connectionId}/`,
      }))
        if (body.ref !== undefined) yield body
    },
    async forget(connectionId, ref) {
      await documents.delete(kind, refKey(connectionId, ref))
    },
  }
}
