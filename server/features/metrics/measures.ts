import { LRUCache } from 'lru-cache'
import { dayMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { Tracking } from '../../domain/metrics/measure-message.ts'
import { measureTrial, type Rows } from '../../domain/metrics/measure-trial.ts'
import type { Signal } from '../../domain/metrics/signal.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock, Ids } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import { eachDocument } from '../../storage/each.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { manyDocuments, type Storage } from '../../storage/port.ts'
import type { JobStep } from '../jobs/job-service.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { createGenerations, type Generation } from './generations.ts'
import { createLedger } from './ledger.ts'
import { createMarkQueue, markKind } from './mark-queue.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import type { Money } from './money.ts'
import type { Rollups } from './rollups.ts'

/** Where it is said that something did not work out. */
export interface WarnLog {
  warn(details: object, words: string): void
}

/**
 * Keeps the roll-ups up to date. Whatever changes what a trial adds to them leaves a mark; the fold measures marked
 * trials again and adds the difference, exactly once (ledger.ts).
 */
export interface Measures {
  /** Something countable has happened to this trial. Never throws, waits for nothing. */
  mark(trialId: TrialId): void
  /** Called at each mark made here. */
  onMarked(listener: () => void): void
  /** Resolves when the marks made here so far are stored. */
  settled(): Promise<void>
  /** Measures the marked trials. @returns how many. */
  fold(signal?: AbortSignal): Promise<number>
  /** Goes on until no marked trial is left. */
  foldAll(signal?: AbortSignal): Promise<void>
  /** Counts a workspace again from what is stored: a step of a job. */
  readonly rebuildStep: JobStep
  /** Which generation of roll-ups holds. */
  generation(workspaceId: WorkspaceId): Promise<Generation>
}

const trialsAtOnce = 500
const trialsPerFold = 50
const trialsPerStep = 100
const maxSignals = 300
const maxLabels = 300
const maxPrepared = 10_000
const workspaceOf = (trialId: TrialId) => trialId.slice(0, trialId.indexOf(':')) as WorkspaceId

const everything: Tracking = { opens: 'individual', clicks: 'individual' }

export function createMeasures({
  storage,
  playbooks,
  money,
  settings,
  rollups,
  reclassify,
  recount,
  clock,
  ids,
  log,
}: {
  storage: Storage
  playbooks: Playbooks
  money: Money
  settings: MeasuringStore
  rollups: Rollups
  /** Judges all hits of an email again, by the rules as they are now. */
  reclassify: (token: string) => Promise<number>
  /** Starts counting a workspace again from what is stored. */
  recount: (workspaceId: WorkspaceId) => Promise<unknown>
  clock: Clock
  ids: Ids
  log: WarnLog
}): Measures {
  const { documents } = storage
  const queue = createMarkQueue({ documents, newId: () => ids.uuid(clock.now()), log })
  const listeners: (() => void)[] = []
  /** Looked at once in the life of this process. */
  const prepared = new LRUCache<WorkspaceId, true>({ max: maxPrepared })
  let folding: Promise<number> = Promise.resolve(0)

  const generations = createGenerations(documents, clock)
  const ledger = createLedger({ documents, rollups, newId: () => ids.uuid(clock.now()) })

  async function measured(trial: Trial): Promise<Rows> {
    const tokens = trial.outbox.flatMap(({ token }) => (token === null ? [] : [token]))
    const signals = new Map<string, Signal[]>()
    const trackings = new Map<string, Tracking>()
    for (const token of tokens) {
      const found = await documents.list('signal', { prefix: `${token}/`, limit: maxSignals })
      signals.set(
        token,
        found.map(({ body }) => body),
      )
      const mail = await documents.get('mail', token)
      trackings.set(token, mail?.body.tracking ?? everything)
    }
    const payments = await money.paymentsOf(trial.id)
    const labels = await documents.list('reply-label', {
      prefix: attachedTo(trial.id),
      reverse: true,
      limit: maxLabels,
    })
    const { attributionDays } = await settings.get(trial.workspaceId)
    return measureTrial(
      trial,
      {
        signalsOf: (token) => signals.get(token) ?? [],
        trackingOf: (token) => trackings.get(token) ?? everything,
        payments: payments.map(({ at, baseMinor }) => ({ at, amountMinor: baseMinor })),
        replyLabels: labels.map(({ body }) => body).reverse(),
      },
      playbooks.current(trial.workspaceId),
      attributionDays * dayMs,
    )
  }

  const measureOf = (trialId: TrialId) => async (): Promise<Rows | null> => {
    const trial = await storage.trials.get(trialId)
    return trial && (await measured(trial))
  }

  /** @returns how many were folded, and those whose marks stay because a rebuild is under way. */
  async function foldTrials(trialIds: readonly TrialId[]) {
    const byWorkspace = new Map<WorkspaceId, TrialId[]>()
    for (const trialId of trialIds) {
      const workspaceId = workspaceOf(trialId)
      byWorkspace.set(workspaceId, [...(byWorkspace.get(workspaceId) ?? []), trialId])
    }
    const waiting = new Set<TrialId>()
    let folded = 0
    for (const [workspaceId, some] of byWorkspace) {
      const generation = await generations.counting(workspaceId)
      if (generation === null) for (const trialId of some) waiting.add(trialId)
      else {
        const ready = some.map((trialId) => ({ trialId, measure: measureOf(trialId) }))
        await ledger.settleAll(`${workspaceId}/${generation}`, ready)
        folded += some.length
      }
    }
    return { folded, waiting }
  }

  /** Whether its changes wait for a rebuild. */
  async function waits(workspaceId: WorkspaceId): Promise<boolean> {
    if (!prepared.has(workspaceId)) {
      if (!(await generations.prepare(workspaceId))) await recount(workspaceId)
      prepared.set(workspaceId, true)
    }
    return (await generations.counting(workspaceId)) === null
  }

  /** Oldest marks first; those that wait for a rebuild keep no others waiting. */
  async function markedTrials(): Promise<Map<TrialId, string[]>> {
    const byTrial = new Map<TrialId, string[]>()
    const isWaiting = new Map<WorkspaceId, boolean>()
    for await (const { id, body } of eachDocument(documents, markKind)) {
      const workspaceId = workspaceOf(body.trialId)
      if (!isWaiting.has(workspaceId)) isWaiting.set(workspaceId, await waits(workspaceId))
      if (isWaiting.get(workspaceId)) continue
      byTrial.set(body.trialId, [...(byTrial.get(body.trialId) ?? []), id])
      if (byTrial.size >= trialsAtOnce) break
    }
    return byTrial
  }

  async function foldMarks(signal: AbortSignal | undefined): Promise<number> {
    await queue.settled()
    const byTrial = await markedTrials()
    let folded = 0
    for (const group of inGroups([...byTrial], trialsPerFold)) {
      if (signal?.aborted) break
      const done = await foldTrials(group.map(([trialId]) => trialId))
      folded += done.folded
      const marks = group.flatMap(([trialId, ids]) => (done.waiting.has(trialId) ? [] : ids))
      for (const some of inGroups(marks, manyDocuments)) await documents.deleteAll(markKind, some)
    }
    return folded
  }

  return {
    mark(trialId) {
      queue.mark(trialId)
      for (const listener of listeners) listener()
    },
    onMarked(listener) {
      listeners.push(listener)
    },
    settled: queue.settled,
    fold(signal) {
      folding = folding.catch(() => 0).then(() => foldMarks(signal))
      return folding
    },
    async foldAll(signal) {
      while (!signal?.aborted && (await this.fold(signal)) > 0);
    },
    generation: generations.current,
    async rebuildStep({ id, workspaceId, cursor }, signal) {
      if (cursor === 'clean') return { cursor, done: 0, finished: await generations.clean(workspaceId) }
      const isWhole = await generations.build(workspaceId, id, cursor === null)
      const after = cursor === null || !isWhole ? null : (cursor.slice('trial '.length) as TrialId)
      const page = await storage.trials.scan(workspaceId, after, trialsPerStep)
      const ready: { trialId: TrialId; measure: () => Promise<Rows | null> }[] = []
      for (const trial of page) {
        if (signal.aborted) break
        for (const { token } of trial.outbox) if (token !== null) await reclassify(token)
        ready.push({ trialId: trial.id, measure: measureOf(trial.id) })
      }
      await ledger.settleAll(`${workspaceId}/${id}`, ready)
      const last = ready.at(-1)?.trialId ?? after
      const done = ready.length
      if (done === page.length && page.length < trialsPerStep) {
        const isCurrent = await generations.switchTo(workspaceId, id)
        return { cursor: isCurrent ? 'clean' : null, done, finished: false }
      }
      return { cursor: last === null ? null : `trial ${last}`, done, finished: false }
    },
  }
}
