import { dayMs, isoInstant } from '../../../shared/clock.ts'
import { type BillingDecision, decideBilling } from '../../domain/billing/decide.ts'
import {
  type BillingSubscription,
  isReturned,
  type Money,
  proofOf,
} from '../../domain/billing/subscription.ts'
import type { Actor, Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import { pseudonym } from '../../http/caller.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { BillingError, type BillingProvider } from './billing-provider.ts'
import type { Connection } from './connections.ts'
import type { SubscriptionLink } from './subscription-links.ts'

export interface SettleParts {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly workspaces: Workspaces
  readonly audit: AuditLog
  readonly clock: Clock
}

/** Each try loses only to someone who moved the trial in that very moment. */
const maxConflicts = 20

interface Seen {
  readonly subscription: BillingSubscription
  readonly money: Money
  readonly link: SubscriptionLink
  readonly connection: Connection
}

/** Decides on the trial as it is and saves; decides again when it moved meanwhile. null: the trial is gone. */
export async function settleTrial(
  { storage, changes, workspaces, audit, clock }: SettleParts,
  { subscription, money, link, connection, provider }: Seen & { provider: BillingProvider },
): Promise<{ decision: BillingDecision; trial: Trial } | null> {
  const { id, provider: name } = connection
  const { truth } = connection.settings
  const { shortens } = provider
  const by: Actor = { kind: 'billing', name }
  for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
    const trial = await storage.trials.get(link.trialId)
    if (!trial) return null
    const { agreement } = link
    const now = clock.now()
    const decision = decideBilling({ trial, subscription, money, agreement, shortens, truth, by, now })
    if (decision.commands.length === 0) return { decision, trial }
    const changed = await changes.change(trial.id, decision.commands)
    if (!changed) return null
    if (!changed.outcome.ok) {
      if (changed.outcome.reason === 'conflict') continue
      throw new BillingError('refused', changed.outcome.detail)
    }
    await record(trial, changed.trial)
    return { decision, trial: changed.trial }
  }
  throw new BillingError('transient', 'The trial kept moving.')

  async function record(before: Trial, after: Trial) {
    const workspace = workspaces.get(after.workspaceId)
    const subject = after.userId ?? after.company?.id
    if (!workspace || subject === undefined || after.version === before.version) return
    const facts = ({ clock: { endsAt, status } }: Trial) => ({
      endsAt: endsAt === null ? null : isoInstant(endsAt),
      status,
    })
    const isConverted = after.clock.status === 'converted'
    const wasConverted = before.clock.status === 'converted'
    await audit.write(after.workspaceId, {
      by: `billing:${id}`,
      action: isConverted ? 'trial.convert' : wasConverted ? 'trial.unconvert' : 'trial.dates',
      subject: pseudonym(workspace, subject),
      before: facts(before),
      after: facts(after),
    })
  }
}

/**
 * While a first payment is being tried, no email asks why no one bought. A rest that someone here asked for is left
 * alone, before and after.
 * @returns until when emails rest by our doing.
 */
export async function restWhilePending(
  { changes, clock }: SettleParts,
  { connection, subscription, money, link, trial }: Seen & { trial: Trial },
): Promise<number | null> {
  const { status, isFree } = subscription
  const isTried = (status === 'active' || status === 'past_due') && !isFree && !isReturned(money)
  const isPending = isTried && proofOf(subscription, money) === 'unpaid' && trial.clock.status !== 'converted'
  const { pausedUntil } = trial.contact
  const held = link.heldUntil ?? null
  if (isPending && held === null && pausedUntil === null && connection.settings.pendingRestDays > 0) {
    const until = clock.now() + connection.settings.pendingRestDays * dayMs
    await changes.change(trial.id, { type: 'pause', until })
    return until
  }
  if (isPending || held === null) return held
  if (pausedUntil === held) await changes.change(trial.id, { type: 'pause', until: null })
  return null
}
