import { type ServerProcess, startServer } from './collect-process.ts'
import { createBatches } from './event-batches.ts'
import { type Load, openLoad } from './http-load.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast, metAtMost } from './report.ts'

const eventsPerBatch = 20
const users = 1000
const connections = 64
const warmUpMs = 2000
const roundMs = 2500
const rounds = 5
const pacedShare = 0.6

const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0

/** Processor time per request while all connections send as fast as answers come. */
async function flooded({ server, load }: { server: ServerProcess; load: Load }) {
  const before = await server.usage()
  const result = await load.flood(roundMs)
  const after = await server.usage()
  return { ...result, cpuUsPerRequest: (after.cpuUs - before.cpuUs) / result.requests }
}

/** Requests at the rate that keeps a processor busy for the share asked. */
async function paced({ server, load }: { server: ServerProcess; load: Load }, cpuUsPerRequest: number) {
  const before = await server.usage()
  const result = await load.pace((pacedShare * 1e6) / cpuUsPerRequest, roundMs)
  const after = await server.usage()
  return { ...result, busy: (100 * (after.cpuUs - before.cpuUs)) / (result.elapsedMs * 1000) }
}

async function open(kind: 'floor' | 'sqlite') {
  const server = await startServer(kind)
  const batches = createBatches('pk_main', eventsPerBatch, users)
  const load = await openLoad(server.port, '/v1/b', connections, batches)
  await load.flood(warmUpMs)
  return { server, load }
}

const perCore = (cpuUsPerRequest: number): number => (eventsPerBatch * 1e6) / cpuUsPerRequest

/**
 * Durable ingest on SQLite: each request is answered after its events are on disk and folded into their trial.
 * Beside it, in turns, what `node:http` with `JSON.parse` can take on this machine at this moment.
 */
export async function run({ mongo = false }: { mongo?: boolean } = {}): Promise<BenchReport> {
  if (mongo) {
    const uri = process.env.MONGODB_URI
    if (!uri) throw new Error('Set MONGODB_URI to a server for measuring.')
    const { runOnMongo } = await import('./ingest-mongo.ts')
    return runOnMongo(uri)
  }
  const floor = await open('floor')
  const ours = await open('sqlite')
  const floorPerCore: number[] = []
  const oursPerCore: number[] = []
  const perSecond: number[] = []
  const p99: number[] = []
  const p50: number[] = []
  const busy: number[] = []
  for (let round = 0; round < rounds; round++) {
    floorPerCore.push(perCore((await flooded(floor)).cpuUsPerRequest))
    const flood = await flooded(ours)
    oursPerCore.push(perCore(flood.cpuUsPerRequest))
    perSecond.push((eventsPerBatch * flood.requests * 1000) / flood.elapsedMs)
    const pace = await paced(ours, flood.cpuUsPerRequest)
    busy.push(pace.busy)
    p50.push(quantile(pace.latenciesMs, 0.5))
    p99.push(quantile(pace.latenciesMs, 0.99))
  }
  const { rssBytes } = await ours.server.usage()
  for (const { load, server } of [floor, ours]) {
    load.close()
    await server.close()
  }
  const shares = oursPerCore.map((rate, round) => rate / (floorPerCore[round] as number))
  return {
    bench: 'ingest',
    rounds,
    rows: [
      medianRow('node:http + JSON.parse, nothing kept', floorPerCore, 'events/s per core'),
      medianRow('durable ingest', oursPerCore, 'events/s per core'),
      medianRow('ratio', shares, ''),
      medianRow('durable ingest, all at once', perSecond, 'events/s'),
      medianRow('processor while paced', busy, '%'),
      medianRow('p50 while paced', p50, 'ms'),
      medianRow('p99 while paced', p99, 'ms'),
      medianRow('memory', [rssBytes / 1e6], 'MB'),
    ],
    checks: [
      metAtLeast('events/s per core', medianOf(oursPerCore), 120_000),
      metAtMost('p99 at 60 % CPU, ms', medianOf(p99), 20),
    ],
  }
}
