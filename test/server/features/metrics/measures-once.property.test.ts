import fc from 'fast-check'
import { expect, it } from 'vitest'
import { allDaysRow } from '../../../../server/domain/metrics/measure-trial.ts'
import { createGenerations } from '../../../../server/features/metrics/generations.ts'
import { createLedger } from '../../../../server/features/metrics/ledger.ts'
import { createRollups } from '../../../../server/features/metrics/rollups.ts'
import type { DocumentStore } from '../../../../server/storage/port.ts'
import type { TrialId, WorkspaceId } from '../../../../shared/trial.ts'
import { memoryDocuments } from '../../../support/memory-documents.ts'

/**
 * Workers that share the roll-ups stop and go on at any database call, in any order and for any time, while the trials
 * change. In the end the roll-ups hold exactly what the trials add, and so does a rebuild.
 */
const row = '2026-05-04/welcome/welcome/a/en'
const people = '2026-05-01/*/*/*/*'

const stored = memoryDocuments()

/** Lets one worker make one database call at a time. */
function createGate() {
  const waiting: (() => void)[] = []
  let isOpen = false
  const pass = <T>(call: () => Promise<T>): Promise<T> =>
    isOpen
      ? call()
      : new Promise<void>((resolve) => {
          waiting.push(resolve)
        }).then(call)
  return {
    documents: (store: DocumentStore): DocumentStore => ({
      get: (...request) => pass(() => store.get(...request)),
      getAll: (...request) => pass(() => store.getAll(...request)),
      put: (...request) => pass(() => store.put(...request)),
      putAll: (...request) => pass(() => store.putAll(...request)),
      delete: (...request) => pass(() => store.delete(...request)),
      deleteAll: (...request) => pass(() => store.deleteAll(...request)),
      list: (...request) => pass(() => store.list(...request)),
    }),
    read: pass,
    /** Lets up to so many calls happen. */
    async step(calls: number) {
      await breathe()
      for (let call = 0; call < calls && waiting.length > 0; call++) {
        waiting.shift()?.()
        await breathe()
      }
    },
    open() {
      isOpen = true
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}

/** Until the answer has arrived and the next call waits. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let workspaces = 0

function createWorld(trials: number) {
  const workspaceId = `once${++workspaces}` as WorkspaceId
  const values = Array.from({ length: trials }, () => 1)
  const trialId = (index: number) => `${workspaceId}:u:${index}` as TrialId
  const measure = (index: number) => ({
    [row]: { accepted: values[index] as number },
    [people]: { started: 1 },
    [allDaysRow]: { subscribers: values[index] as number },
  })
  let changes = 0
  const worker = () => {
    const gate = createGate()
    const documents = gate.documents(stored)
    const ledger = createLedger({
      documents,
      rollups: createRollups(documents),
      newId: () => String(++changes),
    })
    const settle = (index: number, place: string) =>
      ledger.settle(place, trialId(index), () => gate.read(async () => measure(index)))
    const settleAll = (indexes: readonly number[], place: string) =>
      ledger.settleAll(
        place,
        indexes.map((index) => ({
          trialId: trialId(index),
          measure: () => gate.read(async () => measure(index)),
        })),
      )
    return { gate, documents, settle, settleAll }
  }
  const total = async (generation: string) => {
    const rollups = createRollups(stored)
    const [mails] = await rollups.read(workspaceId, generation, 'mails', '2026-01-01', '2026-12-31')
    const [started, all] = await rollups.read(workspaceId, generation, 'people', '2026-01-01', allDaysRow)
    return {
      accepted: mails?.counters.accepted ?? 0,
      started: started?.counters.started ?? 0,
      subscribers: all?.counters.subscribers ?? 0,
    }
  }
  const truth = () => {
    const sum = values.reduce((total, value) => total + value, 0)
    return { accepted: sum, started: trials, subscribers: sum }
  }
  return { workspaceId, values, worker, total, truth }
}

const bursts = (workers: number) =>
  fc.array(
    fc.record({
      worker: fc.nat(workers - 1),
      calls: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 20, max: 300 })),
      changed: fc.option(fc.nat(19), { nil: null }),
    }),
    { minLength: 5, maxLength: 40 },
  )

it('counts every trial once, wherever workers stop and however long', async () => {
  await fc.assert(
    fc.asyncProperty(bursts(3), async (plan) => {
      const world = createWorld(20)
      const place = `${world.workspaceId}/0`
      const workers = Array.from({ length: 3 }, world.worker)
      // Each comes to every trial, from another end, as those do that were marked for all.
      // The last takes several together.
      const works = workers.map(async ({ settle, settleAll }, which) => {
        const order = Array.from({ length: 20 }, (_, at) => (at + which * 7) % 20)
        if (which === 2) for (let at = 0; at < 20; at += 5) await settleAll(order.slice(at, at + 5), place)
        else for (const at of order) await settle(at, place)
      })
      for (const { worker, calls, changed } of plan) {
        if (changed !== null) world.values[changed] = (world.values[changed] as number) + 1
        await workers[worker]?.gate.step(calls)
      }
      for (const { gate } of workers) gate.open()
      await Promise.all(works)
      // Changes that came behind a worker have marks of their own.
      const last = world.worker()
      last.gate.open()
      for (let at = 0; at < 20; at++) await last.settle(at, place)
      expect(await world.total('0')).toEqual(world.truth())
      const rebuilt = world.worker()
      rebuilt.gate.open()
      await rebuilt.settleAll(
        Array.from({ length: 20 }, (_, at) => at),
        `${world.workspaceId}/1`,
      )
      expect(await world.total('1')).toEqual(world.truth())
    }),
    { numRuns: 100 },
  )
})

it('counts once when a worker sleeps between noting and adding while another adds for sixty trials', async () => {
  const world = createWorld(61)
  const place = `${world.workspaceId}/0`
  const sleeper = world.worker()
  const asleep = sleeper.settle(0, place)
  // Its measure is read, measured and noted; the roll-ups are not touched yet.
  await sleeper.gate.step(3)
  const other = world.worker()
  other.gate.open()
  for (let at = 0; at < 61; at++) await other.settle(at, place)
  sleeper.gate.open()
  await asleep
  expect(await world.total('0')).toEqual(world.truth())
})

it('begins a rebuild again when counting went on without it', async () => {
  let now = 0
  const workspaceId = `rebuild${++workspaces}` as WorkspaceId
  const generations = createGenerations(stored, { now: () => now })
  expect(await generations.build(workspaceId, 'job', true)).toBe(true)
  expect(await generations.counting(workspaceId)).toBeNull()
  now += 11 * 60_000
  expect(await generations.counting(workspaceId)).toBe('0')
  expect(await generations.switchTo(workspaceId, 'job')).toBe(false)
  expect(await generations.build(workspaceId, 'job', false)).toBe(false)
  expect(await generations.counting(workspaceId)).toBeNull()
  expect(await generations.switchTo(workspaceId, 'job')).toBe(true)
  expect(await generations.counting(workspaceId)).toBe('job')
})

it('asks for a rebuild where an older release has counted without the sum of all days', async () => {
  const generations = createGenerations(stored, { now: () => 0 })
  const fresh = `fresh${++workspaces}` as WorkspaceId
  expect(await generations.current(fresh)).toEqual({ id: '0', hasTotal: false })
  expect(await generations.prepare(fresh)).toBe(true)
  expect(await generations.current(fresh)).toEqual({ id: '0', hasTotal: true })

  const old = `old${++workspaces}` as WorkspaceId
  await stored.put('measure', `${old}/0/someone`, { rows: { [people]: { started: 1 } }, pending: null })
  expect(await generations.prepare(old)).toBe(false)
  expect(await generations.current(old)).toEqual({ id: '0', hasTotal: false })
  await generations.build(old, 'job', true)
  expect(await generations.prepare(old)).toBe(true)
  expect(await generations.switchTo(old, 'job')).toBe(true)
  expect(await generations.current(old)).toEqual({ id: 'job', hasTotal: true })
})
