import { startServer } from './collect-process.ts'
import { createBatches } from './event-batches.ts'
import { openLoad } from './http-load.ts'

const eventsPerBatch = 20
const users = 1000
const connections = 64
const warmUpMs = 2000
const roundMs = 2500
const rounds = 5
const pacedShare = 0.6

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0

const row = (name: string, values: readonly number[], unit: string) => ({
  name,
  value: median(values),
  unit,
  min: Math.min(...values),
  max: Math.max(...values),
})

/** Durable ingest on SQLite: each request is answered after its events are on disk and folded into their trial. */
export async function bench() {
  const server = await startServer('sqlite')
  const load = await openLoad(
    server.port,
    '/v1/b',
    connections,
    createBatches('pk_main', eventsPerBatch, users),
  )
  await load.flood(warmUpMs)
  const perCore: number[] = []
  const perSecond: number[] = []
  const p99: number[] = []
  const p50: number[] = []
  const busy: number[] = []
  let cpuUsPerRequest = 0
  for (let round = 0; round < rounds; round++) {
    const before = await server.usage()
    const flooded = await load.flood(roundMs)
    const after = await server.usage()
    cpuUsPerRequest = (after.cpuUs - before.cpuUs) / flooded.requests
    perCore.push((eventsPerBatch * 1e6) / cpuUsPerRequest)
    perSecond.push((eventsPerBatch * flooded.requests * 1000) / flooded.elapsedMs)

    const paced = await load.pace((pacedShare * 1e6) / cpuUsPerRequest, roundMs)
    const end = await server.usage()
    busy.push((100 * (end.cpuUs - after.cpuUs)) / (paced.elapsedMs * 1000))
    p50.push(quantile(paced.latenciesMs, 0.5))
    p99.push(quantile(paced.latenciesMs, 0.99))
  }
  const { rssBytes } = await server.usage()
  load.close()
  await server.close()
  return {
    bench: 'ingest',
    rounds,
    rows: [
      row('durable ingest', perCore, 'events/s per core'),
      row('durable ingest, all at once', perSecond, 'events/s'),
      row('processor while paced', busy, '%'),
      row('p50 while paced', p50, 'ms'),
      row('p99 while paced', p99, 'ms'),
      row('memory', [rssBytes / 1e6], 'MB'),
    ],
    checks: [
      {
        name: 'events/s per core',
        value: median(perCore),
        op: '>=',
        target: 120_000,
        met: median(perCore) >= 120_000,
      },
      { name: 'p99 at 60 % CPU, ms', value: median(p99), op: '<=', target: 20, met: median(p99) <= 20 },
    ],
  }
}
