import { createHash } from 'node:crypto'
import { isoInstant } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { isSameEnd } from '../../domain/billing/agreement.ts'
import type { BillingDecision } from '../../domain/billing/decide.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import { type AssignParts, createAssign, type Read } from './assign-subscription.ts'
import { BillingError, type BillingProvider } from './billing-provider.ts'
import type { Connections } from './connections.ts'
import { restWhilePending, type SettleParts, settleTrial } from './settle-trial.ts'
import {
  type HeldLink,
  type SubscriptionLink,
  type SubscriptionLinks,
  stillMain,
} from './subscription-links.ts'
import { seenOf } from './subscription-records.ts'
import { createTurns } from './turns.ts'

/**
 * - `synced`: trial and subscription say the same, or what they differ in was refused for good (link.agreement).
 * - `aside`: it says nothing of a trial: not begun, not a product that counts, or beside the trial’s own subscription.
 * - `busy`: someone else is at it; come again soon.
 * - `unmatched`: no one here has this subscription.
 */
export type SyncResult =
  | { readonly state: 'synced'; readonly link: SubscriptionLink }
  | { readonly state: 'aside' }
  | { readonly state: 'busy' }
  | { readonly state: 'unmatched' }

export interface SyncSubscription {
  /** @throws BillingError */
  byRef(connectionId: string, ref: string): Promise<SyncResult>
  /** @throws BillingError */
  byTrial(trialId: TrialId): Promise<SyncResult>
}

interface Parts extends AssignParts, SettleParts {
  readonly connections: Connections
  readonly links: SubscriptionLinks
}

/** A person has few subscriptions; each turn goes from one that ended to the next. */
const maxTurns = 5

/** The same move gets the same key however often it is tried; there and back again are different moves. */
const idempotencyKey = ({ connectionId, ref, pushes }: SubscriptionLink, endsAt: number): string =>
  createHash('sha256').update(`${connectionId}/${ref}/${pushes}/${endsAt}`).digest('base64url')

const endOf = ({ status, trialEndsAt }: BillingSubscription): number | null =>
  status === 'trialing' ? trialEndsAt : null

/**
 * Brings a trial and its subscription together, whichever of them moved: one way for webhooks, the outbox and the
 * daily comparison, so that they cannot contradict each other. One at a time for each trial, under a lease.
 */
export function createSyncSubscription(parts: Parts): SyncSubscription {
  const { connections, links, records, clock } = parts
  const serially = createTurns<TrialId>()
  const assign = createAssign(parts)

  /** The subscription was just read as in trial. The answer is believed only when it names the new end. */
  async function push(provider: BillingProvider, link: SubscriptionLink, endsAt: number) {
    const answer = await provider.extendTrial(link.ref, endsAt, idempotencyKey(link, endsAt))
    if (isSameEnd(endOf(answer), endsAt)) return answer
    // A replayed or partial answer says little: what it is now counts.
    const read = await provider.fetchSubscription(link.ref)
    if (isSameEnd(endOf(read), endsAt)) return read
    const theirs = endOf(read)
    throw new BillingError(
      'refused',
      `The billing system accepted the call, but its trial ends ${theirs === null ? 'never' : isoInstant(theirs)}.`,
    )
  }

  async function tell(provider: BillingProvider, { link }: HeldLink, decision: BillingDecision) {
    const endsAt = decision.push as number
    try {
      const answer = await push(provider, link, endsAt)
      const agreement = {
        ...decision.agreement,
        endsAt: answer.trialEndsAt,
        refused: null,
        version: answer.version ?? decision.agreement.version,
      }
      return { agreement, pushes: link.pushes + 1 }
    } catch (error) {
      if (!(error instanceof BillingError) || error.reason === 'transient') throw error
      return { agreement: { ...decision.agreement, refused: { endsAt, why: error.message } } }
    }
  }

  async function syncHeld(
    held: HeldLink,
    { provider, subscription, connection }: Read,
  ): Promise<Partial<SubscriptionLink> | null> {
    const { link } = held
    const { ref, status } = subscription
    const candidates = stillMain(link, status) ?? link.candidates ?? []
    const { money } = await records.update(connection, ref, (record) => ({
      ...record,
      seen: seenOf(subscription, clock.now()),
    }))
    const settled = await settleTrial(parts, { subscription, money, link, connection, provider })
    if (!settled) return null
    const told =
      settled.decision.push === null
        ? { agreement: settled.decision.agreement }
        : await tell(provider, held, settled.decision)
    const heldUntil = await restWhilePending(parts, {
      connection,
      subscription,
      money,
      link,
      trial: settled.trial,
    })
    return { ...told, heldUntil, candidates, readAt: clock.now(), status }
  }

  /** @returns 'again' when another subscription is the trial’s now. */
  async function once(trialId: TrialId): Promise<SyncResult | 'again'> {
    const linked = await links.ofTrial(trialId)
    const opened = linked && (await connections.open(linked.connectionId))
    if (!linked || !opened) return { state: 'unmatched' }
    const held = await links.hold(trialId)
    if (held?.link.ref !== linked.ref) {
      if (held) await links.release(held, {})
      return { state: 'busy' }
    }
    let changes: Partial<SubscriptionLink> | null = {}
    let elsewhere: Read | null = null
    try {
      const read = { ...opened, subscription: await opened.provider.fetchSubscription(linked.ref) }
      if (await assign.isElsewhere(read, held.link)) elsewhere = read
      else changes = await syncHeld(held, read)
    } catch (error) {
      await links.release(held, {})
      throw error
    }
    const isKept = await links.release(held, changes ?? {})
    if (elsewhere) {
      const { trialId: owner } = await assign.toOwner(elsewhere)
      return owner === trialId ? 'again' : { state: owner === null ? 'unmatched' : 'aside' }
    }
    if (changes === null) return { state: 'unmatched' }
    return isKept ? { state: 'synced', link: { ...held.link, ...changes } } : { state: 'busy' }
  }

  async function byTrial(trialId: TrialId): Promise<SyncResult> {
    for (let turn = 0; turn < maxTurns; turn++) {
      const result = await once(trialId)
      if (result !== 'again') return result
    }
    return { state: 'busy' }
  }

  return {
    byTrial: (trialId) => serially(trialId, () => byTrial(trialId)),
    async byRef(connectionId, ref) {
      const known = (await records.get(connectionId, ref))?.trialId ?? null
      const link = known && (await links.ofTrial(known))
      const isMain = link?.connectionId === connectionId && link.ref === ref
      if (known && isMain && (await parts.storage.trials.get(known)))
        return serially(known, () => byTrial(known))
      const opened = await connections.open(connectionId)
      if (!opened) return { state: 'unmatched' }
      const subscription = await opened.provider.fetchSubscription(ref)
      const { trialId, place } = await assign.toOwner({ ...opened, subscription })
      if (place === 'aside' || place === 'other') return { state: 'aside' }
      return trialId === null ? { state: 'unmatched' } : serially(trialId, () => byTrial(trialId))
    },
  }
}
