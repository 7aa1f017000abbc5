import { createHash } from 'node:crypto'
import { dayMs, minuteMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { ReplyLabel, Signal, Tracking } from '../../domain/metrics/measure-message.ts'
import { differenceOf, measureTrial, type Rows } from '../../domain/metrics/measure-trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock, Ids } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { Storage } from '../../storage/port.ts'
import type { JobStep } from '../jobs/job-service.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import type { Money } from './money.ts'
import type { Rollups } from './rollups.ts'

/** Where it is said that something did not work out. */
export interface WarnLog {
  warn(details: object, words: string): void
}

/**
 * Keeps the roll-ups up to date. Whatever changes what a trial adds to them leaves a mark; the fold measures marked
 * trials again and adds the difference. A difference is written down before it is applied, so a crash in between
 * neither loses nor repeats it.
 */
export interface Measures {
  /** Something countable has happened to this trial. Never throws, waits for nothing. */
  mark(trialId: TrialId): void
  /** Resolves when the marks made here so far are stored. */
  settled(): Promise<void>
  /** Measures some of the marked trials. @returns how many. */
  fold(): Promise<number>
  /** Goes on until no marked trial is left. */
  foldAll(signal?: AbortSignal): Promise<void>
  /** Counts a workspace anew from what is stored: a step of a job. */
  readonly rebuildStep: JobStep
  /** Which generation of roll-ups holds. */
  generation(workspaceId: WorkspaceId): Promise<string>
}

/** What one trial has added; kind `measure`, under a hash, because ids of trials name people. */
interface StoredMeasure {
  readonly rows: Rows
  readonly pending: { readonly id: string; readonly difference: Rows } | null
}

interface MeasureState {
  readonly current: string
  readonly building: { readonly generation: string; readonly until: number } | null
  /** To be deleted. */
  readonly old: readonly string[]
}

const markKind = 'measure-mark'
const firstGeneration = '0'
const marksAtOnce = 500
const trialsPerStep = 50
const deletesPerStep = 500
const maxSignals = 300
const maxLabels = 300
/** A rebuild that has not moved for so long has died; counting on goes on without it. */
const buildingMs = 10 * minuteMs
const everything: Tracking = { opens: 'individual', clicks: 'individual' }

export function createMeasures({
  storage,
  playbooks,
  money,
  settings,
  rollups,
  reclassify,
  clock,
  ids,
  log,
}: {
  storage: Storage
  playbooks: Playbooks
  money: Money
  settings: MeasuringStore
  rollups: Rollups
  /** Judges all hits of a mail again, by the rules as they are now. */
  reclassify: (token: string) => Promise<number>
  clock: Clock
  ids: Ids
  log: WarnLog
}): Measures {
  const { documents } = storage
  const marking = new Set<Promise<unknown>>()
  let folding: Promise<number> = Promise.resolve(0)

  const stateOf = async (workspaceId: WorkspaceId) => {
    const found = await documents.get<MeasureState>('measure-state', workspaceId)
    return {
      version: found?.version ?? 0,
      body: found?.body ?? { current: firstGeneration, building: null, old: [] },
    }
  }

  async function measured(trial: Trial): Promise<Rows> {
    const tokens = trial.outbox.flatMap(({ token }) => (token === null ? [] : [token]))
    const signals = new Map<string, Signal[]>()
    const trackings = new Map<string, Tracking>()
    for (const token of tokens) {
      const found = await documents.list<Signal>('signal', { prefix: `${token}/`, limit: maxSignals })
      signals.set(
        token,
        found.map(({ body }) => body),
      )
      const mail = await documents.get<{ tracking?: Tracking }>('mail', token)
      trackings.set(token, mail?.body.tracking ?? everything)
    }
    const payments = await money.paymentsOf(trial.id)
    const labels = await documents.list<ReplyLabel>('reply-label', {
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

  async function foldTrial(trial: Trial, generation: string): Promise<void> {
    const { workspaceId } = trial
    const hash = createHash('sha256').update(trial.id).digest('base64url')
    const id = `${workspaceId}/${generation}/${hash}`
    for (;;) {
      const found = await documents.get<StoredMeasure>('measure', id)
      let version = found?.version ?? 0
      const before = found?.body
      if (before?.pending) {
        await rollups.apply(workspaceId, generation, before.pending.id, before.pending.difference)
        const settled = await documents.put<StoredMeasure>(
          'measure',
          id,
          { ...before, pending: null },
          version,
        )
        if (settled === null) continue
        version = settled
      }
      const rows = await measured(trial)
      const difference = differenceOf(before?.rows ?? {}, rows)
      if (Object.keys(difference).length === 0) return
      const pending = { id: ids.uuid(clock.now()), difference }
      const noted = await documents.put<StoredMeasure>('measure', id, { rows, pending }, version)
      if (noted === null) continue
      await rollups.apply(workspaceId, generation, pending.id, difference)
      await documents.put<StoredMeasure>('measure', id, { rows, pending: null }, noted)
      return
    }
  }

  async function foldMarks(): Promise<number> {
    await Promise.allSettled(marking)
    const byTrial = new Map<TrialId, string[]>()
    for (const { id, body } of await documents.list<{ trialId: TrialId }>(markKind, { limit: marksAtOnce }))
      byTrial.set(body.trialId, [...(byTrial.get(body.trialId) ?? []), id])
    let folded = 0
    for (const [trialId, marks] of byTrial) {
      const trial = await storage.trials.get(trialId)
      if (trial) {
        const { body: state } = await stateOf(trial.workspaceId)
        if (state.building && state.building.until > clock.now()) continue
        await foldTrial(trial, state.current)
        folded++
      }
      for (const mark of marks) await documents.delete(markKind, mark)
    }
    return folded
  }

  /** Begins, or takes up, the counting anew. @throws Error while another one runs. */
  async function build(workspaceId: WorkspaceId, generation: string): Promise<void> {
    const { body, version } = await stateOf(workspaceId)
    const { building } = body
    if (building && building.generation !== generation && building.until > clock.now())
      throw new Error('The figures are being rebuilt already.')
    const abandoned = building && building.generation !== generation ? [building.generation] : []
    const next: MeasureState = {
      ...body,
      building: { generation, until: clock.now() + buildingMs },
      old: [...body.old, ...abandoned],
    }
    if ((await documents.put('measure-state', workspaceId, next, version)) === null)
      throw new Error('Another process changed the figures.')
  }

  async function switchTo(workspaceId: WorkspaceId, generation: string): Promise<void> {
    const { body, version } = await stateOf(workspaceId)
    const next: MeasureState = { current: generation, building: null, old: [...body.old, body.current] }
    if ((await documents.put('measure-state', workspaceId, next, version)) === null)
      throw new Error('Another process changed the figures.')
  }

  /** @returns whether nothing old is left. */
  async function clean(workspaceId: WorkspaceId): Promise<boolean> {
    const { body, version } = await stateOf(workspaceId)
    const [generation, ...rest] = body.old
    if (generation === undefined) return true
    let left = 0
    for (const kind of ['measure', 'rollup', 'rollup-people']) {
      const page = await documents.list(kind, {
        prefix: `${workspaceId}/${generation}/`,
        limit: deletesPerStep,
      })
      for (const { id } of page) await documents.delete(kind, id)
      left += page.length
    }
    if (left === 0) await documents.put('measure-state', workspaceId, { ...body, old: rest }, version)
    return false
  }

  return {
    mark(trialId) {
      const written = documents
        .put(markKind, ids.uuid(clock.now()), { trialId }, 0)
        .catch((error: unknown) =>
          log.warn({ err: error, trialId }, 'a change was not marked for the figures'),
        )
        .finally(() => marking.delete(written))
      marking.add(written)
    },
    async settled() {
      await Promise.allSettled(marking)
    },
    fold() {
      folding = folding.catch(() => 0).then(foldMarks)
      return folding
    },
    async foldAll(signal) {
      while (!signal?.aborted && (await this.fold()) > 0);
    },
    generation: async (workspaceId) => (await stateOf(workspaceId)).body.current,
    async rebuildStep({ id, workspaceId, cursor }, signal) {
      if (cursor === 'clean') return { cursor, done: 0, finished: await clean(workspaceId) }
      await build(workspaceId, id)
      const after = cursor === null ? null : (cursor.slice('trial '.length) as TrialId)
      const page = await storage.trials.scan(workspaceId, after, trialsPerStep)
      let last = after
      let done = 0
      for (const trial of page) {
        if (signal.aborted) break
        for (const { token } of trial.outbox) if (token !== null) await reclassify(token)
        await foldTrial(trial, id)
        last = trial.id
        done++
      }
      if (done === page.length && page.length < trialsPerStep) {
        await switchTo(workspaceId, id)
        return { cursor: 'clean', done, finished: false }
      }
      return { cursor: last === null ? null : `trial ${last}`, done, finished: false }
    },
  }
}
