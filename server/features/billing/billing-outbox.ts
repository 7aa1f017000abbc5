import type { outboxStates } from '../../../shared/api/billing.ts'
import { dayMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { isSameEnd, openRequest, type Truth, wantedEnd } from '../../domain/billing/agreement.ts'
import { nextAttemptAt } from '../../domain/billing/retry.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock, Random } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { BillingError } from './billing-provider.ts'
import { createDueIndex } from './due-index.ts'
import type { SubscriptionLink, SubscriptionLinks } from './subscription-links.ts'
import type { SyncSubscription } from './sync-subscription.ts'
import { createTroubleIndex, type Trouble } from './trouble-index.ts'

/** A new end that the billing system is to be told. */
export interface OutboxRow {
  readonly workspaceId: WorkspaceId
  readonly trialId: TrialId
  readonly connectionId: string
  readonly ref: string
  readonly endsAt: number
  /** `superseded`: it moved on before it was sent. `dead`: given up, or refused; someone has to look. */
  readonly state: (typeof outboxStates)[number]
  readonly failures: number
  readonly nextAttemptAt: number | null
  readonly detail: string | null
  readonly createdAt: number
  readonly settledAt: number | null
}

export interface BillingOutbox {
  /** Compares the trial with what was agreed, enters what is to be sent, and sends what is due. */
  review(trialId: TrialId): Promise<void>
  /** Shows an end of ours that the provider refuses, or contradicts, as a dead row. */
  noteRefusal(link: SubscriptionLink): Promise<void>
  /** Sends all that is due. */
  runDue(signal?: AbortSignal): Promise<void>
  /** Opens a dead row again. @returns whose it is; null when there is no such dead row. */
  retry(workspaceId: WorkspaceId, id: string): Promise<TrialId | null>
  list(workspaceId: WorkspaceId, after: string | null, limit: number): Promise<Versioned<OutboxRow>[]>
  /** No one has to look at its dead rows any more. */
  settleDead(trialId: TrialId, detail: string): Promise<void>
  /** Rows of one trial, at most {@link pageSize}. */
  ofTrial(trialId: TrialId): Promise<Versioned<OutboxRow>[]>
  /** How many rows of each connection are dead, and how many are being tried again. */
  troubles(workspaceId: WorkspaceId): Promise<ReadonlyMap<string, { dead: number; retrying: number }>>
  purge(): Promise<void>
}

const kind = 'billing-outbox'
/** Its waiting rows by due time: settled ones are many and are not looked at. */
const dueKind = 'billing-outbox-due'
const maxDue = 200
const troubleOf = ({ state, failures }: OutboxRow): Trouble | null => {
  if (state === 'dead') return 'dead'
  return state === 'waiting' && failures > 0 ? 'retrying' : null
}
const keepMs = 30 * dayMs
const busyMs = 2 * secondMs
const pausedMs = 5 * minuteMs
const pageSize = 500

/** What became of a row; null while it has to be sent. */
function fateOf(
  row: OutboxRow,
  trial: Trial,
  { agreement }: SubscriptionLink,
  truth: Truth,
): Partial<OutboxRow> | null {
  if (isSameEnd(row.endsAt, agreement.endsAt)) return { state: 'sent', detail: null }
  if (agreement.refused && isSameEnd(row.endsAt, agreement.refused.endsAt))
    return { state: 'dead', detail: agreement.refused.why }
  const wanted = truth === 'trialpace' ? trial.clock.endsAt : wantedEnd(trial)
  return isSameEnd(row.endsAt, wanted)
    ? null
    : { state: 'superseded', detail: 'A newer end date replaced it.' }
}

export function createBillingOutbox({
  storage: { documents, trials },
  links,
  sync,
  truthOf,
  isPaused,
  clock,
  random,
}: {
  storage: Storage
  links: SubscriptionLinks
  sync: SyncSubscription
  truthOf: (connectionId: string) => Promise<Truth>
  isPaused: (connectionId: string) => Promise<boolean>
  clock: Clock
  random: Random
}): BillingOutbox {
  const due = createDueIndex(documents, dueKind)
  const troubled = createTroubleIndex({
    documents,
    rows: () => eachDocument(documents, kind),
    async troubleOf(id) {
      const row = (await documents.get(kind, id))?.body
      return row ? { connectionId: row.connectionId, trouble: troubleOf(row) } : null
    },
  })
  const settled = (fate: Partial<OutboxRow>): Partial<OutboxRow> => ({
    ...fate,
    nextAttemptAt: null,
    settledAt: clock.now(),
  })

  const waitingAt = (row: OutboxRow | undefined): number | null =>
    row?.state === 'waiting' ? row.nextAttemptAt : null

  async function save(id: string, before: Versioned<OutboxRow> | null, row: OutboxRow) {
    const [was, will] = [waitingAt(before?.body), waitingAt(row)]
    // An index entry without its row leads to nothing; a row without its entry would never be sent.
    if (will !== null && will !== was) await due.move(id, null, will)
    const [trouble, wasIn] = [troubleOf(row), before && troubleOf(before.body)]
    const noted = { connectionId: row.connectionId, trouble }
    if (trouble !== null && trouble !== wasIn) await troubled.note(id, noted)
    const saved = await documents.put(kind, id, row, before?.version ?? 0)
    if (saved !== null && trouble === null && wasIn !== null) await troubled.note(id, noted)
    if (saved !== null && was !== null && was !== will) await due.move(id, was, null)
  }

  const freshRow = (trial: Trial, { connectionId, ref }: SubscriptionLink, endsAt: number): OutboxRow => ({
    workspaceId: trial.workspaceId,
    trialId: trial.id,
    connectionId,
    ref,
    endsAt,
    state: 'waiting',
    failures: 0,
    nextAttemptAt: clock.now(),
    detail: null,
    createdAt: clock.now(),
    settledAt: null,
  })

  /** One row for each end; one that is asked for again after it was settled opens again. */
  async function enter(trial: Trial, link: SubscriptionLink, endsAt: number) {
    const rowId = attachedTo(trial.id) + endsAt
    const found = await documents.get(kind, rowId)
    if (found?.body.state !== 'waiting') await save(rowId, found, freshRow(trial, link, endsAt))
  }

  /** A refusal that came about without a row, e.g. a contradiction found by a webhook, is to be seen all the same. */
  async function noteRefusal({ trialId, agreement, ...link }: SubscriptionLink) {
    const { refused } = agreement
    const trial = refused && (await trials.get(trialId))
    if (!refused || !trial) return
    const rowId = attachedTo(trialId) + refused.endsAt
    const found = await documents.get(kind, rowId)
    const { state, detail } = found?.body ?? {}
    if (state === 'waiting' || (state === 'dead' && detail === refused.why)) return
    const row = freshRow(trial, { trialId, agreement, ...link }, refused.endsAt)
    await save(rowId, found, { ...row, ...settled({ state: 'dead', detail: refused.why }) })
  }

  /** Until someone acts, it is not sent on any other occasion either. */
  async function giveUp({ trialId, endsAt }: OutboxRow, why: string): Promise<Partial<OutboxRow>> {
    await links.refuse(trialId, { endsAt, why })
    return settled({ state: 'dead', detail: why })
  }

  async function attempt(row: OutboxRow, trial: Trial): Promise<Partial<OutboxRow>> {
    const now = clock.now()
    try {
      if (await isPaused(row.connectionId))
        return { nextAttemptAt: now + pausedMs, detail: 'The connection is paused.' }
      const result = await sync.byTrial(row.trialId)
      if (result.state === 'unmatched') return giveUp(row, 'Its connection to the billing system is gone.')
      const fate =
        result.state === 'synced' &&
        fateOf(row, (await trials.get(row.trialId)) ?? trial, result.link, await truthOf(row.connectionId))
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

  /** An end that no one wants any more is nothing to look at, whatever became of it. */
  async function supersede(row: Versioned<OutboxRow>): Promise<void> {
    const { trialId } = row.body
    const [trial, link] = [await trials.get(trialId), await links.ofTrial(trialId)]
    const fate = trial && link && fateOf(row.body, trial, link, await truthOf(link.connectionId))
    if (fate?.state === 'superseded') await save(row.id, row, { ...row.body, ...settled(fate) })
  }

  async function run(trialId: TrialId): Promise<void> {
    const rows = await documents.list(kind, { prefix: attachedTo(trialId), limit: pageSize })
    for (const row of rows) {
      if (row.body.state === 'dead') await supersede(row)
      if (row.body.state !== 'waiting') continue
      const { id, body } = row
      const [trial, link] = [await trials.get(trialId), await links.ofTrial(trialId)]
      if (!trial || !link) {
        await documents.delete(kind, id)
        await troubled.forget(id)
        await due.move(id, body.nextAttemptAt, null)
        continue
      }
      const fate = fateOf(body, trial, link, await truthOf(link.connectionId))
      const isDue = body.nextAttemptAt !== null && body.nextAttemptAt <= clock.now()
      const change = fate ? settled(fate) : isDue ? await attempt(body, trial) : null
      if (change) await save(id, row, { ...body, ...change })
    }
  }

  return {
    noteRefusal,
    async review(trialId) {
      const link = await links.ofTrial(trialId)
      const trial = link && (await trials.get(trialId))
      if (!link || !trial) return
      const { refused } = link.agreement
      const wanted = wantedEnd(trial)
      // Re-send if the same end is requested again later.
      if (refused && wanted !== null && !isSameEnd(wanted, refused.endsAt)) await links.refuse(trialId, null)
      const request = openRequest(trial, link.agreement, await truthOf(link.connectionId))
      if (request !== null) await enter(trial, link, request)
      await run(trialId)
    },
    async runDue(signal) {
      const now = clock.now()
      const ids = await due.due(now, maxDue)
      const trialIds = new Set<TrialId>()
      for (const id of ids) {
        const found = await documents.get(kind, id)
        const at = waitingAt(found?.body)
        if (found && at !== null && at <= now) trialIds.add(found.body.trialId)
        else await due.drop(id, now)
      }
      for (const trialId of trialIds) {
        if (signal?.aborted) return
        await run(trialId)
      }
    },
    async retry(workspaceId, id) {
      const found = await documents.get(kind, id)
      if (found?.body.workspaceId !== workspaceId || found.body.state !== 'dead') return null
      const { trialId } = found.body
      await links.refuse(trialId, null)
      const again = { state: 'waiting', failures: 0, nextAttemptAt: clock.now(), settledAt: null } as const
      await save(id, found, { ...found.body, ...again })
      return trialId
    },
    async list(workspaceId, after, limit) {
      const page = await documents.list(kind, {
        prefix: `${workspaceId}:`,
        limit,
        ...(after !== null && { after }),
      })
      return page.filter(({ body }) => body.workspaceId === workspaceId)
    },
    async settleDead(trialId, detail) {
      const rows = await documents.list(kind, { prefix: attachedTo(trialId), limit: pageSize })
      for (const row of rows)
        if (row.body.state === 'dead') await save(row.id, row, { ...row.body, state: 'superseded', detail })
    },
    ofTrial: (trialId) => documents.list(kind, { prefix: attachedTo(trialId), limit: pageSize }),
    troubles: (workspaceId) => troubled.count(`${workspaceId}:`),
    async purge() {
      const before = clock.now() - keepMs
      for await (const { id, body } of eachDocument(documents, kind))
        if (body.state !== 'waiting' && body.createdAt < before) {
          await documents.delete(kind, id)
          await troubled.forget(id)
        }
    },
  }
}
