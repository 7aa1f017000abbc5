import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { Connection } from './connections.ts'
import { emailHintOf, type SubscriptionRecord, type SubscriptionRecords } from './subscription-records.ts'

/** Whose subscription it is. */
export type FindOwner = (
  connection: Connection,
  subscription: BillingSubscription,
  record: SubscriptionRecord | null,
) => Promise<TrialId | null>

/**
 * By hand, then by the id the billing system was given, then by its customer’s other subscriptions, then by address.
 * An id that was given and is not known here is someone who is still to come: their address may be a colleague’s.
 */
export function createFindOwner({
  trials,
  records,
}: {
  trials: Pick<TrialStore, 'get' | 'list'>
  records: Pick<SubscriptionRecords, 'ofCustomer'>
}): FindOwner {
  const existing = async (id: TrialId | null): Promise<TrialId | null> =>
    id === null ? null : ((await trials.get(id))?.id ?? null)

  /** Only while its address is the same: one that changed hands says nothing of its older subscriptions. */
  async function byCustomer({ id }: Connection, { customerRef, ref, email }: BillingSubscription) {
    if (customerRef === null) return null
    const others = (await records.ofCustomer(id, customerRef)).filter(
      (other) => other.ref !== ref && other.seen?.emailHint === emailHintOf(email),
    )
    const owners = new Set(others.flatMap(({ trialId }) => trialId ?? []))
    const [owner = null] = owners
    return owners.size === 1 ? existing(owner) : null
  }

  async function byEmail(workspaceId: WorkspaceId, { email }: BillingSubscription) {
    if (email === null) return null
    const found = await trials.list({ workspaceId, email, sort: '-createdAt', limit: 10 })
    return found.trials.find(({ userId }) => userId !== null)?.id ?? null
  }

  return async (connection, subscription, record) => {
    const known = await existing(record?.trialId ?? null)
    if (record?.isByHand && known !== null) return known
    const { workspaceId, settings } = connection
    if (subscription.userId !== null && settings.matchBy !== 'email')
      return existing(trialIdOfUser(workspaceId, subscription.userId))
    return known ?? (await byCustomer(connection, subscription)) ?? byEmail(workspaceId, subscription)
  }
}
