import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { bundleWholeServer, type Usage, usageOf } from './collect-process.ts'
import { createBatches } from './event-batches.ts'
import type { Attack } from './hostile-attack.ts'
import { type Load, openLoad } from './http-load.ts'
import { type BenchReport, medianRow, metAtMost } from './report.ts'
import type { Hold } from './watch-holds.ts'
import type { Target } from './whole-server.ts'

/**
 * What a quiet client notices while a stranger with the public key attacks from one other address, and by email over
 * one connection: collect's p99 quiet and under attack, and the memory of the server over the time. `--seconds 1800`
 * is the half hour; `--only flood,tokens` attacks in these ways alone.
 */

const quietPerSecond = 20
/** In turns, so that what else the machine does bends both alike. */
const quietMs = 5_000
const attackMs = 15_000
/** The first part of the attack fills caches and pools; from there on memory has to stay where it is. */
const settledShare = 0.25

const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0

export async function run({
  seconds: asked = '180',
  only,
}: {
  seconds?: string
  only?: string
} = {}): Promise<BenchReport> {
  const seconds = Number(asked)
  const { server, attacker, target } = await start()
  const load = await openLoad(
    target.port,
    '/v1/b',
    4,
    createBatches({ events: 1, users: 5, as: 'anonymousId', key: target.writeKey }),
  )
  try {
    await measure(load, server, quietMs, nothing())
    const quiet = nothing()
    const busy = nothing()
    for (let left = seconds * 1000; left > 0; left -= attackMs) {
      await measure(load, server, quietMs, quiet)
      attacker.send({ ...target, only: only?.split(',') ?? null } satisfies Attack)
      await measure(load, server, Math.min(attackMs, Math.max(left, 1000)), busy)
      attacker.send('rest')
      const [answers] = (await once(attacker, 'message')) as [Record<string, number>]
      if (left <= attackMs)
        for (const [what, count] of Object.entries(answers).sort()) console.error(`${what}: ${count}`)
    }
    return reportOf(quiet, busy, await usageOf(server))
  } finally {
    load.close()
    attacker.kill()
    const ended = once(server, 'exit')
    server.send('close')
    await ended
  }
}

interface Measured {
  readonly latenciesMs: number[]
  readonly megabytes: number[]
  /** Of one core. */
  readonly busyShares: number[]
  readonly holds: Hold[]
}
const nothing = (): Measured => ({ latenciesMs: [], megabytes: [], busyShares: [], holds: [] })

async function measure(load: Load, server: ChildProcess, forMs: number, into: Measured): Promise<void> {
  const before = await usageOf(server)
  const { latenciesMs, elapsedMs } = await load.pace(quietPerSecond, forMs)
  const after = await usageOf(server)
  into.latenciesMs.push(...latenciesMs)
  into.megabytes.push(after.rssBytes / 1e6)
  into.holds.push(after.hold)
  into.busyShares.push((after.cpuUs - before.cpuUs) / 1000 / elapsedMs)
}

function reportOf(quiet: Measured, busy: Measured, after: Usage): BenchReport {
  const p = (share: number, { latenciesMs }: Measured) =>
    quantile(
      [...latenciesMs].sort((a, b) => a - b),
      share,
    )
  const row = (name: string, value: number, unit: string, all: readonly number[] = [value]) => ({
    name,
    value,
    unit,
    min: Math.min(...all),
    max: Math.max(...all),
  })
  /** The middle of the rounds, and the least and most of them. */
  const holdRow = (name: string, { holds }: Measured, which: keyof Hold) =>
    medianRow(
      name,
      holds.map((hold) => hold[which]),
      'ms',
    )
  const settled = busy.megabytes.slice(Math.floor(busy.megabytes.length * settledShare))
  const half = Math.ceil(settled.length / 2)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const growth = mean(settled.slice(-half)) / mean(settled.slice(0, half))
  return {
    bench: 'hostile',
    rounds: 1,
    rows: [
      row('collect p50, quiet', p(0.5, quiet), 'ms'),
      row('collect p50, under attack', p(0.5, busy), 'ms'),
      row('collect p99, quiet', p(0.99, quiet), 'ms'),
      row('collect p99, under attack', p(0.99, busy), 'ms'),
      row('collect longest, under attack', p(1, busy), 'ms'),
      holdRow('thread held by computing, p99 of moments, quiet', quiet, 'busyAtP99Ms'),
      holdRow('thread held by computing, p99 of moments, under attack', busy, 'busyAtP99Ms'),
      holdRow('thread held by computing, longest, under attack', busy, 'busyMs'),
      holdRow('thread held by the clock, longest, under attack', busy, 'ms'),
      row('processor, under attack', 100 * mean(busy.busyShares), '%'),
      row('memory, quiet', mean(quiet.megabytes), 'MB', quiet.megabytes),
      row('memory, under attack', mean(busy.megabytes), 'MB', busy.megabytes),
      row('memory, afterwards', after.rssBytes / 1e6, 'MB'),
    ],
    checks: [
      metAtMost('collect p99 under attack beside quiet', p(0.99, busy) / p(0.99, quiet), 2),
      metAtMost('memory of the second half beside the first', growth, 1.1),
    ],
  }
}

async function start(): Promise<{ server: ChildProcess; attacker: ChildProcess; target: Target }> {
  const files = await bundleWholeServer({ 'hostile-attack': 'test/bench/hostile-attack.ts' })
  const server = fork(files('whole-server'))
  const [target] = (await once(server, 'message')) as [Target]
  const attacker = fork(files('hostile-attack'))
  // It has a machine of its own.
  if (attacker.pid !== undefined) setPriority(attacker.pid, constants.priority.PRIORITY_LOW)
  await once(attacker, 'message')
  return { server, attacker, target }
}
