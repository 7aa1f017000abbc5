import { secretKey } from '../support/serve-collect.ts'
import { type ServerProcess, startServer, teamSize } from './collect-process.ts'
import { createBatches, createSdkBatches, learnRulesEtag } from './event-batches.ts'
import { type Load, openLoad } from './http-load.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast, metAtMost } from './report.ts'

const eventsPerBatch = 20
const users = 1000
/** Fewer, so that all of them have begun before anything is measured: the first request of a browser costs more. */
const sdkUsers = 200
/** Machines that are slower than this are held to the ratio alone. */
const usualFloor = 400_000
const connections = 64
const warmUpMs = 2000
const mostWarmUps = 10
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

async function open(
  kind: 'floor' | 'sqlite' | 'companies',
  batchesFor: (port: number) => Promise<() => Buffer>,
) {
  const server = await startServer(kind)
  const load = await openLoad(server.port, '/v1/b', connections, await batchesFor(server.port))
  for (let sent = 0, rounds = 0; sent < users && rounds < mostWarmUps; rounds++)
    sent += (await load.flood(warmUpMs)).requests
  return { server, load }
}

const sdkShape = { events: eventsPerBatch, users: sdkUsers }
const shape = { events: eventsPerBatch, users }
const plain = async () => createBatches(shape)
/** As a team’s own server sends them, which may say whose companies its users are of. */
const trusted = async () => createBatches({ ...shape, key: secretKey })
const perCore = (cpuUsPerRequest: number): number => (eventsPerBatch * 1e6) / cpuUsPerRequest
const perEvent = (cpuUsPerRequest: number): number => cpuUsPerRequest / eventsPerBatch

/**
 * The same events of the same users, who have trials of their own, or share those of companies.
 * @returns what companies take of what persons do, round by round. By themselves: a connection that rests for long is
 * closed.
 */
async function companiesBesidePersons(): Promise<number[]> {
  const persons = await open('sqlite', trusted)
  const companies = await open('companies', trusted)
  const shares: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { cpuUsPerRequest } = await flooded(persons)
    shares.push(cpuUsPerRequest / (await flooded(companies)).cpuUsPerRequest)
  }
  for (const { load, server } of [persons, companies]) {
    load.close()
    await server.close()
  }
  return shares
}

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
  const floor = await open('floor', plain)
  const ours = await open('sqlite', plain)
  const sdk = await open('sqlite', async (port) => createSdkBatches(sdkShape, await learnRulesEtag(port)))
  const etag = await learnRulesEtag(sdk.server.port)
  const sdkFloor = await open('floor', async () => createSdkBatches(sdkShape, etag))
  const floorPerCore: number[] = []
  const oursPerCore: number[] = []
  const perSecond: number[] = []
  const p99: number[] = []
  const p50: number[] = []
  const busy: number[] = []
  const sdkUs: number[] = []
  const sdkFloorUs: number[] = []
  for (let round = 0; round < rounds; round++) {
    floorPerCore.push(perCore((await flooded(floor)).cpuUsPerRequest))
    const flood = await flooded(ours)
    oursPerCore.push(perCore(flood.cpuUsPerRequest))
    perSecond.push((eventsPerBatch * flood.requests * 1000) / flood.elapsedMs)
    sdkFloorUs.push(perEvent((await flooded(sdkFloor)).cpuUsPerRequest))
    sdkUs.push(perEvent((await flooded(sdk)).cpuUsPerRequest))
    const pace = await paced(ours, flood.cpuUsPerRequest)
    busy.push(pace.busy)
    p50.push(quantile(pace.latenciesMs, 0.5))
    p99.push(quantile(pace.latenciesMs, 0.99))
  }
  const { rssBytes } = await ours.server.usage()
  for (const { load, server } of [floor, ours, sdk, sdkFloor]) {
    load.close()
    await server.close()
  }
  const besidePersons = await companiesBesidePersons()
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
      medianRow(`companies of ${teamSize} beside persons`, besidePersons, ''),
      medianRow('p50 while paced', p50, 'ms'),
      medianRow('p99 while paced', p99, 'ms'),
      medianRow('memory', [rssBytes / 1e6], 'MB'),
      medianRow('as our SDK sends: node:http + JSON.parse', sdkFloorUs, 'CPU µs/event'),
      medianRow('as our SDK sends: durable ingest and answer', sdkUs, 'CPU µs/event'),
    ],
    checks: [
      metAtLeast('events/s per core beside node:http + JSON.parse', medianOf(shares), 0.28),
      ...(medianOf(floorPerCore) >= usualFloor
        ? [metAtLeast('events/s per core', medianOf(oursPerCore), 120_000)]
        : []),
      metAtLeast('companies beside persons, events/s per core', medianOf(besidePersons), 0.8),
      metAtMost('p99 at 60 % CPU, ms', medianOf(p99), 20),
      metAtMost('as our SDK sends, CPU µs an event', medianOf(sdkUs), 9),
    ],
  }
}
