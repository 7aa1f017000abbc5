import type { TrialId } from '../../../shared/trial.ts'
import {
  type BillingSubscription,
  counts,
  isClaimable,
  ledgerIds,
} from '../../domain/billing/subscription.ts'
import type { Clock } from '../../ports.ts'
import type { BillingProvider } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import type { FindOwner } from './find-owner.ts'
import type { PaymentTaker } from './payment-inbox.ts'
import { type SubscriptionLink, type SubscriptionLinks, stillMain } from './subscription-links.ts'
import { type SubscriptionRecords, seenOf } from './subscription-records.ts'
import type { Unmatched } from './unmatched.ts'

/** A subscription as it was just read. */
export interface Read {
  readonly connection: Connection
  readonly provider: BillingProvider
  readonly subscription: BillingSubscription
}

export interface AssignParts {
  readonly links: SubscriptionLinks
  readonly records: SubscriptionRecords
  readonly unmatched: Unmatched
  readonly findOwner: FindOwner
  readonly takePayments: Pick<PaymentTaker, 'attach'>
  readonly clock: Clock
}

type Place = 'main' | 'moved' | 'other' | 'aside' | 'nobody'

/** Whose a subscription is, and whether it is the one that counts. */
export function createAssign({ links, records, unmatched, findOwner, takePayments, clock }: AssignParts) {
  const isAside = ({ subscription, connection }: Read) =>
    !isClaimable(subscription) || !counts(subscription, connection.settings.products)

  /** Gone from anyone who had it. One that has only not begun keeps what it had. */
  async function layAside({ connection, subscription }: Read, owner: TrialId | null) {
    const { ref, status } = subscription
    if (status === 'pending') return
    if (owner !== null) await links.drop(owner, connection.id, ref)
    await unmatched.remove(connection.id, ref)
  }

  return {
    /** Whether what was read of a trial’s main subscription makes another one the main one, or another person’s. */
    async isElsewhere(read: Read, link: SubscriptionLink): Promise<boolean> {
      const { connection, subscription } = read
      if (subscription.status === 'pending') return false
      if (isAside(read) || stillMain(link, subscription.status) === null) return true
      const record = await records.get(connection.id, subscription.ref)
      return (await findOwner(connection, subscription, record)) !== link.trialId
    },

    async toOwner(read: Read): Promise<{ trialId: TrialId | null; place: Place }> {
      const { connection, subscription } = read
      const { ref, customerRef, status, startedAt } = subscription
      const before = await records.get(connection.id, ref)
      if (isAside(read)) {
        await layAside(read, before?.trialId ?? null)
        return { trialId: before?.trialId ?? null, place: 'aside' }
      }
      const trialId = await findOwner(connection, subscription, before)
      if (before && before.trialId !== null && before.trialId !== trialId)
        await links.drop(before.trialId, connection.id, ref)
      const seen = seenOf(subscription, clock.now())
      const { money } = await records.update(connection, ref, (record) => ({
        ...record,
        trialId,
        customerRef,
        seen,
      }))
      const from = before?.trialId ?? null
      // Its payments go with it.
      if (from !== trialId)
        await takePayments.attach(connection.workspaceId, ledgerIds(money), { to: trialId, from })
      if (customerRef !== null) await records.noteCustomer(connection.id, customerRef, ref)
      if (trialId === null) {
        const isOver = status === 'canceled' || status === 'expired'
        if (isOver) await unmatched.remove(connection.id, ref)
        else await unmatched.add(connection, subscription, clock.now())
        return { trialId, place: 'nobody' }
      }
      await unmatched.remove(connection.id, ref)
      return {
        trialId,
        place: await links.consider(trialId, { connectionId: connection.id, ref, status, startedAt }),
      }
    },
  }
}
