import { minuteMs } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { type Agreement, noAgreement } from '../../domain/billing/agreement.ts'
import { type BillingStatus, type Candidate, mainCandidate } from '../../domain/billing/subscription.ts'
import type { Storage } from '../../storage/port.ts'
import { untilStored, updateDocument } from '../../storage/update-document.ts'
import { refKey } from './event-documents.ts'

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
  /** All subscriptions of this person that count; the main one is the link’s. Absent on links of older versions. */
  readonly candidates?: readonly LinkCandidate[]
  /** Until when emails rest while a first payment is tried; null: we asked for no rest. */
  readonly heldUntil?: number | null
  /** Held by one writer at a time, by the database’s clock; 0 when free. */
  readonly leasedUntil: number
}

interface LinkCandidate extends Candidate {
  /** Id of its record, for an erasure. */
  readonly key: string
}

export interface HeldLink {
  readonly version: number
  readonly link: SubscriptionLink
}

export interface SubscriptionLinks {
  ofTrial(trialId: TrialId): Promise<SubscriptionLink | null>
  /**
   * Notes what a subscription of this person is now, and chooses again which one is the trial’s.
   * @returns whether it, or another one than before, is the trial’s now.
   */
  consider(trialId: TrialId, candidate: Candidate): Promise<'main' | 'moved' | 'other'>
  /** It belongs to someone else, does not count, or is gone. */
  drop(trialId: TrialId, connectionId: string, ref: string): Promise<void>
  /** @returns null while someone else holds it. */
  hold(trialId: TrialId): Promise<HeldLink | null>
  /** Gives it back, changed. @returns false when the lease had run out and someone else has it. */
  release(held: HeldLink, changes: Partial<Omit<SubscriptionLink, 'trialId'>>): Promise<boolean>
  /** Notes an end that is not to be sent any more; null: any may be sent again. */
  refuse(trialId: TrialId, refused: Agreement['refused']): Promise<void>
  /** All links, in pages. */
  scan(afterId: string | null, limit: number): Promise<SubscriptionLink[]>
}

const linkKind = 'billing-link'
/** Longer than all calls of one synchronisation together. */
const leaseMs = 2 * minuteMs
const maxCandidates = 20

const isSame = (a: Pick<Candidate, 'connectionId' | 'ref'>, b: Pick<Candidate, 'connectionId' | 'ref'>) =>
  a.connectionId === b.connectionId && a.ref === b.ref

const candidatesOf = (link: SubscriptionLink): readonly LinkCandidate[] =>
  link.candidates ?? [
    {
      connectionId: link.connectionId,
      ref: link.ref,
      status: (link.status ?? 'trialing') as BillingStatus,
      startedAt: link.startedAt,
      key: refKey(link.connectionId, link.ref),
    },
  ]

/** The link’s candidates with what its main one is now. @returns null when another one is the main one then. */
export function stillMain(link: SubscriptionLink, status: BillingStatus): readonly LinkCandidate[] | null {
  const candidates = candidatesOf(link).map((one) => (isSame(one, link) ? { ...one, status } : one))
  const main = mainCandidate(candidates)
  return main && isSame(main, link) ? candidates : null
}

/** Another subscription has agreed on nothing so far. */
const turnTo = (link: SubscriptionLink, { connectionId, ref, startedAt, status }: Candidate) =>
  isSame(link, { connectionId, ref })
    ? link
    : { ...link, connectionId, ref, startedAt, status, agreement: noAgreement, pushes: 0, readAt: null }

export function createSubscriptionLinks({
  storage,
  isConnected,
}: {
  storage: Storage
  isConnected: (connectionId: string) => Promise<boolean>
}): SubscriptionLinks {
  const { documents } = storage

  async function connected(candidates: readonly LinkCandidate[]) {
    const ids = [...new Set(candidates.map(({ connectionId }) => connectionId))]
    const answers = await Promise.all(ids.map(isConnected))
    const gone = new Set(ids.filter((_, index) => !answers[index]))
    return candidates.filter(({ connectionId }) => !gone.has(connectionId))
  }

  /** @param next of all candidates; null: nothing to change. Without any left the link goes. */
  async function change(
    trialId: TrialId,
    next: (link: SubscriptionLink | null) => LinkCandidate[] | null,
  ): Promise<{ before: SubscriptionLink | null; after: SubscriptionLink | null }> {
    return untilStored(documents, `${linkKind} ${trialId}`, async () => {
      const found = await documents.get(linkKind, trialId)
      const before = found?.body ?? null
      const listed = next(before)
      if (listed === null) return { before, after: before }
      const candidates = await connected(listed)
      const main = mainCandidate(candidates)
      if (!main) {
        if (found) await documents.delete(linkKind, trialId)
        return { before, after: null }
      }
      const { connectionId, ref, startedAt, status } = main
      const blank: SubscriptionLink = {
        trialId,
        connectionId,
        ref,
        startedAt,
        status,
        agreement: noAgreement,
        pushes: 0,
        readAt: null,
        leasedUntil: 0,
      }
      const after = { ...turnTo(before ?? blank, main), candidates }
      if (before && JSON.stringify(before) === JSON.stringify(after)) return { before, after: before }
      const version = await documents.put(linkKind, trialId, after, found?.version ?? 0)
      return version === null ? null : { before, after }
    })
  }

  return {
    async ofTrial(trialId) {
      return (await documents.get(linkKind, trialId))?.body ?? null
    },
    async consider(trialId, candidate) {
      const entry = { ...candidate, key: refKey(candidate.connectionId, candidate.ref) }
      const { before, after } = await change(trialId, (link) => {
        const known = link ? candidatesOf(link) : []
        return known.some((other) => isSame(other, candidate))
          ? known.map((other) => (isSame(other, candidate) ? entry : other))
          : [entry, ...known].slice(0, maxCandidates)
      })
      if (after && isSame(after, candidate)) return 'main'
      return before && after && isSame(before, after) ? 'other' : 'moved'
    },
    async drop(trialId, connectionId, ref) {
      await change(trialId, (link) => {
        if (!link) return null
        const left = candidatesOf(link).filter((other) => !isSame(other, { connectionId, ref }))
        return left.length === candidatesOf(link).length ? null : left
      })
    },
    async hold(trialId) {
      const found = await documents.get(linkKind, trialId)
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
      await updateDocument(documents, linkKind, trialId, (link) =>
        link && link.agreement.refused !== refused
          ? { ...link, agreement: { ...link.agreement, refused } }
          : link,
      )
    },
    async scan(afterId, limit) {
      const page = await documents.list(linkKind, {
        limit,
        ...(afterId !== null && { after: afterId }),
      })
      return page.map(({ body }) => body)
    },
  }
}
