import {
  type EmailAddress,
  type TrialId,
  trialIdOfCompany,
  trialIdOfUser,
  type WorkspaceId,
} from '../../../shared/trial.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { BillingCustomer } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import type { Payment } from './payments.ts'
import { emailHintOf, type SubscriptionRecord, type SubscriptionRecords } from './subscription-records.ts'

/** Whose subscription it is. */
export type FindOwner = (
  connection: Connection,
  subscription: BillingSubscription,
  record: SubscriptionRecord | null,
) => Promise<TrialId | null>

/** Whose a payment is that is for no subscription. */
export type FindPayer = (
  connection: Connection,
  payer: Pick<Payment, 'customerRef' | 'userId' | 'email'>,
  /** Answers null where it cannot be read. */
  fetchCustomer: (ref: string) => Promise<BillingCustomer | null>,
) => Promise<{
  readonly trialId: TrialId | null
  /** Where no one is found: by what they will be when they appear. */
  readonly awaited: { readonly userId: string } | { readonly email: EmailAddress } | null
}>

/**
 * By hand, then by the id of a company or user that the billing system was given, then by its customer’s other subscriptions, then by address.
 * An id that was given and is not known here is someone who is still to come: their address may be a colleague’s.
 */
export function createFindOwner({
  trials,
  records,
}: {
  trials: Pick<TrialStore, 'get' | 'list'>
  records: Pick<SubscriptionRecords, 'ofCustomer'>
}): { readonly ofSubscription: FindOwner; readonly ofPayment: FindPayer } {
  /** A member of a company pays for the company. */
  const existing = async (id: TrialId | null): Promise<TrialId | null> => {
    const trial = id === null ? null : await trials.get(id)
    return trial?.membership ? trial.mergedInto : (trial?.id ?? null)
  }

  const byReferenceOf = async (workspaceId: WorkspaceId, reference: string): Promise<TrialId | null> =>
    (await existing(trialIdOfCompany(workspaceId, reference))) ??
    existing(trialIdOfUser(workspaceId, reference))

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

  async function byEmail(workspaceId: WorkspaceId, { email }: Pick<BillingSubscription, 'email'>) {
    if (email === null) return null
    const found = await trials.list({ workspaceId, email, sort: '-createdAt', limit: 10 })
    return found.trials.find(({ userId, company }) => userId !== null || company)?.id ?? null
  }

  /** Whose the customer’s subscriptions are, where all are one person’s. */
  async function ownerOfCustomer({ id }: Connection, customerRef: string): Promise<TrialId | null> {
    const owners = new Set(
      (await records.ofCustomer(id, customerRef)).flatMap(({ trialId }) => trialId ?? []),
    )
    const [owner = null] = owners
    return owners.size === 1 ? existing(owner) : null
  }

  const ofPayment: FindPayer = async (connection, { customerRef, userId: told, email }, fetchCustomer) => {
    const { workspaceId, settings } = connection
    const byReference = async (userId: string) => ({
      trialId: await byReferenceOf(workspaceId, userId),
      awaited: { userId },
    })
    if (told !== null && settings.matchBy !== 'email') return byReference(told)
    const owner = customerRef === null ? null : await ownerOfCustomer(connection, customerRef)
    if (owner !== null) return { trialId: owner, awaited: null }
    const customer = customerRef === null ? null : await fetchCustomer(customerRef)
    if (customer && customer.userId !== null && settings.matchBy !== 'email')
      return byReference(customer.userId)
    const address = customer?.email ?? email ?? null
    if (address === null) return { trialId: null, awaited: null }
    return { trialId: await byEmail(workspaceId, { email: address }), awaited: { email: address } }
  }

  const ofSubscription: FindOwner = async (connection, subscription, record) => {
    const known = await existing(record?.trialId ?? null)
    if (record?.isByHand && known !== null) return known
    const { workspaceId, settings } = connection
    if (subscription.userId !== null && settings.matchBy !== 'email')
      return byReferenceOf(workspaceId, subscription.userId)
    return known ?? (await byCustomer(connection, subscription)) ?? byEmail(workspaceId, subscription)
  }
  return { ofSubscription, ofPayment }
}
