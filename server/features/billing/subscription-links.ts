import { minuteMs } from '../../../shared/clock.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { type Agreement, type BillingSubscription, noAgreement } from '../../domain/billing.ts'
import type { Storage } from '../../storage/port.ts'
import type { Connection } from './connections.ts'

/** Which subscription is a trial’s, and what both last agreed on. One per trial. */
export interface SubscriptionLink {
  readonly trialId: TrialId
  readonly connectionId: string
  readonly ref: string
  readonly startedAt: number | null
  readonly agreement: Agreement
  /** How often the provider was told a new end: part of the idempotency key. */
  readonly pushes: number
  /** When the subscription was last read, and what it was. */
  readonly readAt: number | null
  readonly status: string | null
  /** Held by one writer at a time, by the database’s clock; 0 when free. */
  readonly leasedUntil: number
}

export interface HeldLink {
  readonly version: number
  readonly link: SubscriptionLink
}

export interface SubscriptionLinks {
  ofTrial(trialId: TrialId): Promise<SubscriptionLink | null>
  trialOf(connectionId: string, ref: string): Promise<TrialId | null>
  /**
   * Finds whose subscription it is: by the user id the billing system was told, else by address. Of two
   * subscriptions of one person the one that began later counts.
   * @returns null when nobody here has it.
   */
  connect(connection: Connection, subscription: BillingSubscription): Promise<TrialId | null>
  /** The same person, also for a subscription that does not count any more, and without noting anything. */
  ownerOf(connection: Connection, subscription: BillingSubscription): Promise<TrialId | null>
  /** @returns null while somebody else holds it. */
  hold(trialId: TrialId): Promise<HeldLink | null>
  /** Gives it back, changed. @returns false when the lease had run out and somebody else has it. */
  release(held: HeldLink, changes: Partial<Omit<SubscriptionLink, 'trialId'>>): Promise<boolean>
  /** Notes an end that is not to be sent any more; null: any may be sent again. */
  refuse(trialId: TrialId, refused: Agreement['refused']): Promise<void>
  /** All links, in pages. */
  scan(afterId: string | null, limit: number): Promise<SubscriptionLink[]>
}

const linkKind = 'billing-link'
const refKind = 'billing-ref'
/** Longer than all calls of one synchronisation together. */
const leaseMs = 2 * minuteMs
const refId = (connectionId: string, ref: string): string => `${connectionId}/${ref}`

export function createSubscriptionLinks({
  storage,
  isConnected,
}: {
  storage: Storage
  isConnected: (connectionId: string) => Promise<boolean>
}): SubscriptionLinks {
  const { documents, trials } = storage

  async function trialFor(workspaceId: WorkspaceId, { userId, email }: BillingSubscription) {
    if (userId !== null) {
      const trial = await trials.get(trialIdOfUser(workspaceId, userId))
      if (trial) return trial.id
    }
    if (email === null) return null
    const found = await trials.list({ workspaceId, email, sort: '-createdAt', limit: 1 })
    return found.trials[0]?.id ?? null
  }

  /** @returns whether this subscription is the trial’s from now on. */
  async function claim(trialId: TrialId, connectionId: string, subscription: BillingSubscription) {
    for (;;) {
      const found = await documents.get<SubscriptionLink>(linkKind, trialId)
      const { ref, startedAt } = subscription
      if (found?.body.connectionId === connectionId && found.body.ref === ref) return true
      const isOlder = found && (found.body.startedAt ?? 0) >= (startedAt ?? 0)
      if (isOlder && (await isConnected(found.body.connectionId))) return false
      const link: SubscriptionLink = {
        trialId,
        connectionId,
        ref,
        startedAt,
        agreement: noAgreement,
        pushes: 0,
        readAt: null,
        status: null,
        leasedUntil: 0,
      }
      if ((await documents.put(linkKind, trialId, link, found?.version ?? 0)) === null) continue
      if (found) await documents.delete(refKind, refId(found.body.connectionId, found.body.ref))
      return true
    }
  }

  return {
    async ofTrial(trialId) {
      return (await documents.get<SubscriptionLink>(linkKind, trialId))?.body ?? null
    },
    async trialOf(connectionId, ref) {
      const id = refId(connectionId, ref)
      const trialId = (await documents.get<{ trialId: TrialId }>(refKind, id))?.body.trialId
      if (!trialId) return null
      const link = (await documents.get<SubscriptionLink>(linkKind, trialId))?.body
      return link?.connectionId === connectionId && link.ref === ref ? trialId : null
    },
    async connect({ id, workspaceId }, subscription) {
      const trialId = await trialFor(workspaceId, subscription)
      if (trialId === null || !(await claim(trialId, id, subscription))) return null
      await documents.put(refKind, refId(id, subscription.ref), { trialId })
      return trialId
    },
    ownerOf: ({ workspaceId }, subscription) => trialFor(workspaceId, subscription),
    async hold(trialId) {
      const found = await documents.get<SubscriptionLink>(linkKind, trialId)
      const now = await storage.now()
      if (!found || found.body.leasedUntil > now) return null
      const link = { ...found.body, leasedUntil: now + leaseMs }
      const version = await documents.put(linkKind, trialId, link, found.version)
      return version === null ? null : { version, link }
    },
    async release({ version, link }, changes) {
      const next = { ...link, ...changes, leasedUntil: 0 }
      return (await documents.put(linkKind, link.trialId, next, version)) !== null
    },
    async refuse(trialId, refused) {
      for (;;) {
        const found = await documents.get<SubscriptionLink>(linkKind, trialId)
        if (!found || found.body.agreement.refused === refused) return
        const link = { ...found.body, agreement: { ...found.body.agreement, refused } }
        if ((await documents.put(linkKind, trialId, link, found.version)) !== null) return
      }
    },
    async scan(afterId, limit) {
      const page = await documents.list<SubscriptionLink>(linkKind, {
        limit,
        ...(afterId !== null && { after: afterId }),
      })
      return page.map(({ body }) => body)
    },
  }
}
