import { createHash } from 'node:crypto'
import { isoInstant } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import {
  type BillingDecision,
  type BillingSubscription,
  decideBilling,
  isSameEnd,
} from '../../domain/billing.ts'
import type { Actor, Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import { pseudonym } from '../../http/caller.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { BillingError, type BillingProvider } from './billing-provider.ts'
import type { Connection, Connections } from './connections.ts'
import type { HeldLink, SubscriptionLink, SubscriptionLinks } from './subscription-links.ts'

/**
 * - `synced`: trial and subscription say the same, or what they differ in was refused for good (link.agreement).
 * - `busy`: somebody else is at it; come again soon.
 * - `unmatched`: nobody here has this subscription.
 */
type SyncResult =
  | { readonly state: 'synced'; readonly link: SubscriptionLink }
  | { readonly state: 'busy' }
  | { readonly state: 'unmatched' }

export interface SyncSubscription {
  /** @throws BillingError */
  byRef(connectionId: string, ref: string): Promise<SyncResult>
  /** @throws BillingError */
  byTrial(trialId: TrialId): Promise<SyncResult>
}

interface Parts {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly connections: Connections
  readonly links: SubscriptionLinks
  readonly workspaces: Workspaces
  readonly audit: AuditLog
  readonly clock: Clock
}

/** Each try loses only to somebody who moved the trial in that very moment. */
const maxConflicts = 20

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
  const { storage, connections, links, clock } = parts
  const serially = createTurns()

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
      `The billing system took the call but its trial ends ${theirs === null ? 'never' : isoInstant(theirs)}.`,
    )
  }

  async function tell(provider: BillingProvider, held: HeldLink, decision: BillingDecision) {
    const { link } = held
    const endsAt = decision.push as number
    try {
      const answer = await push(provider, link, endsAt)
      const agreement = {
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

  async function syncHeld(held: HeldLink, provider: BillingProvider, connection: Connection) {
    const { link } = held
    const subscription = await provider.fetchSubscription(link.ref)
    const decision = await settle(parts, subscription, link, connection, provider)
    if (!decision) return null
    const told =
      decision.push === null ? { agreement: decision.agreement } : await tell(provider, held, decision)
    return { ...told, readAt: clock.now(), status: subscription.status }
  }

  async function byTrial(trialId: TrialId): Promise<SyncResult> {
    const linked = await links.ofTrial(trialId)
    const opened = linked && (await connections.open(linked.connectionId))
    if (!linked || !opened) return { state: 'unmatched' }
    const held = await links.hold(trialId)
    if (held?.link.ref !== linked.ref) {
      if (held) await links.release(held, {})
      return { state: 'busy' }
    }
    let changes: Partial<SubscriptionLink> | null = {}
    try {
      changes = await syncHeld(held, opened.provider, opened.connection)
    } catch (error) {
      await links.release(held, {})
      throw error
    }
    const isKept = await links.release(held, changes ?? {})
    if (changes === null) return { state: 'unmatched' }
    return isKept ? { state: 'synced', link: { ...held.link, ...changes } } : { state: 'busy' }
  }

  return {
    byTrial: (trialId) => serially(trialId, () => byTrial(trialId)),
    async byRef(connectionId, ref) {
      let trialId = await links.trialOf(connectionId, ref)
      if (trialId === null || !(await storage.trials.get(trialId))) {
        const opened = await connections.open(connectionId)
        if (!opened) return { state: 'unmatched' }
        trialId = await links.connect(opened.connection, await opened.provider.fetchSubscription(ref))
      }
      const found = trialId
      return found === null ? { state: 'unmatched' } : serially(found, () => byTrial(found))
    },
  }
}

/** Within this process one after the other, so that only other processes are ever met with `busy`. */
function createTurns() {
  const last = new Map<TrialId, Promise<unknown>>()
  return async <T>(trialId: TrialId, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(trialId) ?? Promise.resolve()).then(work, work)
    last.set(trialId, mine)
    try {
      return await mine
    } finally {
      if (last.get(trialId) === mine) last.delete(trialId)
    }
  }
}

/** Decides on the trial as it is and saves; decides anew when it moved meanwhile. null: the trial is gone. */
async function settle(
  { storage, changes, workspaces, audit, clock }: Parts,
  subscription: BillingSubscription,
  link: SubscriptionLink,
  { id, provider: name }: Connection,
  { shortens }: BillingProvider,
): Promise<BillingDecision | null> {
  const by: Actor = { kind: 'billing', name }
  for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
    const trial = await storage.trials.get(link.trialId)
    if (!trial) return null
    const { agreement } = link
    const decision = decideBilling({ trial, subscription, agreement, shortens, by, now: clock.now() })
    if (decision.commands.length === 0) return decision
    const changed = await changes.change(trial.id, decision.commands)
    if (!changed) return null
    if (!changed.outcome.ok) {
      if (changed.outcome.reason === 'conflict') continue
      throw new BillingError('refused', changed.outcome.detail)
    }
    await record(trial, changed.trial)
    return decision
  }
  throw new BillingError('transient', 'The trial kept moving.')

  async function record(before: Trial, after: Trial) {
    const workspace = workspaces.get(after.workspaceId)
    if (!workspace || after.userId === null || after.version === before.version) return
    const facts = ({ clock: { endsAt, status } }: Trial) => ({
      endsAt: endsAt === null ? null : isoInstant(endsAt),
      status,
    })
    await audit.write(after.workspaceId, {
      by: `billing:${id}`,
      action: after.clock.status === 'converted' ? 'trial.convert' : 'trial.dates',
      subject: pseudonym(workspace, after.userId),
      before: facts(before),
      after: facts(after),
    })
  }
}
