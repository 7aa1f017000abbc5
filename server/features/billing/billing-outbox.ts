import { dayMs, secondMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { isSameEnd, nextAttemptAt, openWish, wantedEnd } from '../../domain/billing.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock, Random } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError } from './billing-provider.ts'
import type { SubscriptionLink, SubscriptionLinks } from './subscription-links.ts'
import type { SyncSubscription } from './sync-subscription.ts'

export const outboxStates = ['waiting', 'sent', 'superseded', 'dead'] as const

/** A new end that the billing system is to be told. */
export interface OutboxRow {
  readonly workspaceId: WorkspaceId
  readonly trialId: TrialId
  readonly connectionId: string
  readonly ref: string
  readonly endsAt: number
  /** `superseded`: it moved on before it was sent. `dead`: given up, or refused; somebody has to look. */
  readonly state: (typeof outboxStates)[number]
  readonly failures: number
  readonly nextAttemptAt: number | null
  readonly detail: string | null
  readonly createdAt: number
  readonly settledAt: number | null
}

export interface BillingOutbox {
  /** Compares the trial with what was agreed, enters what is to be sent, and sends what is due. */
  look(trialId: TrialId): Promise<void>
  /** Sends all that is due. */
  runDue(signal?: AbortSignal): Promise<void>
  /** Opens a dead row again. @returns whose it is; null when there is no such dead row. */
  retry(workspaceId: WorkspaceId, id: string): Promise<TrialId | null>
  list(workspaceId: WorkspaceId, after: string | null, limit: number): Promise<Versioned<OutboxRow>[]>
  purge(): Promise<void>
}

const kind = 'billing-outbox'
const keepMs = 30 * dayMs
const busyMs = 2 * secondMs
const pageSize = 500

/** What became of a row; null while it has to be sent. */
function fateOf(row: OutboxRow, trial: Trial, { agreement }: SubscriptionLink): Partial<OutboxRow> | null {
  if (isSameEnd(row.endsAt, agreement.endsAt)) return { state: 'sent', detail: null }
  if (agreement.refused && isSameEnd(row.endsAt, agreement.refused.endsAt))
    return { state: 'dead', detail: agreement.refused.why }
  return isSameEnd(row.endsAt, wantedEnd(trial))
    ? null
    : { state: 'superseded', detail: 'The end has moved on.' }
}

export function createBillingOutbox({
  storage: { documents, trials },
  links,
  sync,
  clock,
  random,
}: {
  storage: Storage
  links: SubscriptionLinks
  sync: SyncSubscription
  clock: Clock
  random: Random
}): BillingOutbox {
  const settled = (fate: Partial<OutboxRow>): Partial<OutboxRow> => ({
    ...fate,
    nextAttemptAt: null,
    settledAt: clock.now(),
  })

  /** One row for each end; one that is asked for again after it was settled opens again. */
  async function enter({ id, workspaceId }: Trial, { connectionId, ref }: SubscriptionLink, endsAt: number) {
    const rowId = attachedTo(id) + endsAt
    const found = await documents.get<OutboxRow>(kind, rowId)
    if (found?.body.state === 'waiting') return
    const row: OutboxRow = {
      workspaceId,
      trialId: id,
      connectionId,
      ref,
      endsAt,
      state: 'waiting',
      failures: 0,
      nextAttemptAt: clock.now(),
      detail: null,
      createdAt: clock.now(),
      settledAt: null,
    }
    await documents.put(kind, rowId, row, found?.version ?? 0)
  }

  /** Until somebody acts, it is not sent on any other occasion either. */
  async function giveUp({ trialId, endsAt }: OutboxRow, why: string): Promise<Partial<OutboxRow>> {
    await links.refuse(trialId, { endsAt, why })
    return settled({ state: 'dead', detail: why })
  }

  async function attempt(row: OutboxRow, trial: Trial): Promise<Partial<OutboxRow>> {
    const now = clock.now()
    try {
      const result = await sync.byTrial(row.trialId)
      if (result.state === 'unmatched') return giveUp(row, 'Its connection to the billing system is gone.')
      const fate =
        result.state === 'synced' && fateOf(row, (await trials.get(row.trialId)) ?? trial, result.link)
      return fate ? settled(fate) : { nextAttemptAt: now + busyMs }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      const failures = row.failures + 1
      const next = error.reason === 'transient' ? nextAttemptAt(failures, now, random()) : null
      return next === null
        ? { ...(await giveUp(row, error.message)), failures }
        : { failures, nextAttemptAt: next, detail: error.message }
    }
  }

  async function run(trialId: TrialId): Promise<void> {
    const rows = await documents.list<OutboxRow>(kind, { prefix: attachedTo(trialId), limit: pageSize })
    const waiting = rows.filter(({ body }) => body.state === 'waiting')
    for (const { id, version, body } of waiting) {
      const [trial, link] = [await trials.get(trialId), await links.ofTrial(trialId)]
      if (!trial || !link) {
        await documents.delete(kind, id)
        continue
      }
      const fate = fateOf(body, trial, link)
      const isDue = body.nextAttemptAt !== null && body.nextAttemptAt <= clock.now()
      const change = fate ? settled(fate) : isDue ? await attempt(body, trial) : null
      if (change) await documents.put(kind, id, { ...body, ...change }, version)
    }
  }

  async function* all(): AsyncGenerator<Versioned<OutboxRow>> {
    for (let after: string | undefined; ; ) {
      const page = await documents.list<OutboxRow>(kind, { limit: pageSize, ...(after && { after }) })
      yield* page
      after = page.at(-1)?.id
      if (page.length < pageSize) return
    }
  }

  return {
    async look(trialId) {
      const link = await links.ofTrial(trialId)
      const trial = link && (await trials.get(trialId))
      if (!link || !trial) return
      const { refused } = link.agreement
      const wanted = wantedEnd(trial)
      // Asked for anew later on, the same end is to be sent again.
      if (refused && wanted !== null && !isSameEnd(wanted, refused.endsAt)) await links.refuse(trialId, null)
      const wish = openWish(trial, link.agreement)
      if (wish !== null) await enter(trial, link, wish)
      await run(trialId)
    },
    async runDue(signal) {
      const due = new Set<TrialId>()
      for await (const { body } of all())
        if (body.state === 'waiting' && (body.nextAttemptAt ?? 0) <= clock.now()) due.add(body.trialId)
      for (const trialId of due) {
        if (signal?.aborted) return
        await run(trialId)
      }
    },
    async retry(workspaceId, id) {
      const found = await documents.get<OutboxRow>(kind, id)
      if (found?.body.workspaceId !== workspaceId || found.body.state !== 'dead') return null
      const { trialId } = found.body
      await links.refuse(trialId, null)
      const again = { state: 'waiting', failures: 0, nextAttemptAt: clock.now(), settledAt: null } as const
      await documents.put(kind, id, { ...found.body, ...again }, found.version)
      return trialId
    },
    async list(workspaceId, after, limit) {
      const page = await documents.list<OutboxRow>(kind, {
        prefix: `${workspaceId}:`,
        limit,
        ...(after !== null && { after }),
      })
      return page.filter(({ body }) => body.workspaceId === workspaceId)
    },
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of all())
        if (body.state !== 'waiting' && body.createdAt < before) await documents.delete(kind, id)
    },
  }
}
