import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import mongoose, { type mongo } from 'mongoose'
import { startServer } from './collect-process.ts'
import { createBatches } from './event-batches.ts'
import { openLoad } from './http-load.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast, metAtMost } from './report.ts'

const eventsPerBatch = 20
const users = 1000
const connections = 64
const warmUpMs = 2000
const roundMs = 4000
const rounds = 4
const steadyPerSecond = 1000
/** What the adapter has under way at most: groups of so many events. */
const rawGroup = 1000
const rawInFlight = 4

const acknowledged = { writeConcern: { w: 'majority', journal: true }, ordered: false } as const

interface RawEvent {
  _id: string
  at: number
  receivedAt: number
  body: string
  unfolded?: string
}

const rawEvent = (index: number): RawEvent => ({
  _id: `main:u:user-${index % users}|${randomUUID()}`,
  at: Date.now(),
  receivedAt: Date.now(),
  body: '{"type":"track","name":"Card Completed","verified":false,"properties":{"board":"b1","cards":3}}',
  unfolded: `raw-${index % 50}`,
})

interface RawTrial {
  _id: string
  version: number
  body: string
}

/** As long as a trial of the load is. */
const rawBody = 'x'.repeat(1500)

interface RawRound {
  readonly perSecond: number
  /** Of this process, which does nothing else meanwhile. */
  readonly cpuUsPerEvent: number
}

/** What a driver does that does nothing else. */
async function rawRound(
  group: number,
  write: (events: RawEvent[]) => Promise<unknown>,
  everyMs = 0,
): Promise<RawRound> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  let written = 0
  const lane = async () => {
    while (performance.now() - startedAt < roundMs) {
      const begunAt = performance.now()
      await write(Array.from({ length: group }, (_, index) => rawEvent(index)))
      written += group
      if (everyMs > 0) await sleep(Math.max(0, everyMs - (performance.now() - begunAt)))
    }
  }
  await Promise.all(Array.from({ length: rawInFlight }, lane))
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    perSecond: (written * 1000) / (performance.now() - startedAt),
    cpuUsPerEvent: (user + system) / written,
  }
}

/**
 * Durable ingest on MongoDB beside, in turns and on the same server, a driver that only inserts, and one that does
 * the adapter’s three writes and nothing beside them: what that one costs is the driver’s own share.
 * @param uri a server for measuring: the stand-in of the tests keeps all in memory.
 */
export async function runOnMongo(uri: string): Promise<BenchReport> {
  const dbName = `bench_${randomUUID().slice(0, 8)}`
  const connection = await mongoose.createConnection(uri, { dbName, maxPoolSize: 16 }).asPromise()
  const server = await startServer('mongo', { MONGODB_URI: uri })
  const load = await openLoad(
    server.port,
    '/v1/b',
    connections,
    createBatches({ events: eventsPerBatch, users }),
  )
  const raw = async (name: string): Promise<mongo.Collection<RawEvent>> => {
    const collection = connection.collection<RawEvent>(name) as unknown as mongo.Collection<RawEvent>
    await collection.createIndex({ receivedAt: 1 })
    await collection.createIndex({ unfolded: 1 }, { sparse: true })
    return collection
  }
  const [plain, marked] = [await raw('plain'), await raw('marked')]
  const trials = connection.collection<RawTrial>('raw') as unknown as mongo.Collection<RawTrial>
  await trials.insertMany(
    Array.from({ length: users }, (_, index) => ({ _id: `trial-${index}`, version: 0, body: rawBody })),
  )
  const inserts = (events: RawEvent[]) => plain.insertMany(events, acknowledged)
  /** The adapter’s three: the events, their trials, and that they are in them. */
  const threeWrites = async (events: RawEvent[]) => {
    await marked.insertMany(events, acknowledged)
    const touched = Math.ceil(events.length / eventsPerBatch)
    await trials.bulkWrite(
      Array.from({ length: touched }, (_, index) => ({
        updateOne: { filter: { _id: `trial-${index}` }, update: { $set: { version: 1, body: rawBody } } },
      })),
      acknowledged,
    )
    await marked.updateMany(
      { unfolded: { $in: [...new Set(events.map(({ unfolded }) => unfolded as string))] } },
      { $unset: { unfolded: '' } },
      { writeConcern: acknowledged.writeConcern },
    )
  }
  const ours: number[] = []
  const plainRates: number[] = []
  const three: RawRound[] = []
  const saturatedUs: number[] = []
  const steadyUs: number[] = []
  const steadyRawUs: number[] = []
  try {
    await load.flood(warmUpMs)
    for (let round = 0; round < rounds; round++) {
      const before = await server.usage()
      const flood = await load.flood(roundMs)
      const after = await server.usage()
      const events = flood.requests * eventsPerBatch
      ours.push((events * 1000) / flood.elapsedMs)
      saturatedUs.push((after.cpuUs - before.cpuUs) / events)
      plainRates.push((await rawRound(rawGroup, inserts)).perSecond)
      three.push(await rawRound(rawGroup, threeWrites))
      const calm = await server.usage()
      const pace = await load.pace(steadyPerSecond / eventsPerBatch, roundMs)
      steadyUs.push(((await server.usage()).cpuUs - calm.cpuUs) / (pace.requests * eventsPerBatch))
      const everyMs = (1000 * eventsPerBatch * rawInFlight) / steadyPerSecond
      steadyRawUs.push((await rawRound(eventsPerBatch, threeWrites, everyMs)).cpuUsPerEvent)
    }
  } finally {
    load.close()
    await server.close()
    await connection.dropDatabase()
    await connection.close()
  }
  const threeRates = three.map(({ perSecond }) => perSecond)
  const threeUs = three.map(({ cpuUsPerEvent }) => cpuUsPerEvent)
  const share = ours.map((rate, round) => rate / (plainRates[round] as number))
  return {
    bench: 'ingest on MongoDB',
    rounds,
    rows: [
      medianRow('insertMany alone', plainRates, 'events/s'),
      medianRow('a driver doing our three writes', threeRates, 'events/s'),
      medianRow('durable ingest', ours, 'events/s'),
      medianRow('of insertMany alone', share, ''),
      medianRow(
        'of a driver doing our three writes',
        ours.map((rate, round) => rate / (threeRates[round] as number)),
        '',
      ),
      medianRow('processor at saturation', saturatedUs, 'µs/event'),
      medianRow('processor of that driver at saturation', threeUs, 'µs/event'),
      medianRow(`processor at ${steadyPerSecond} events/s`, steadyUs, 'µs/event'),
      medianRow(`processor of that driver at ${steadyPerSecond} events/s`, steadyRawUs, 'µs/event'),
    ],
    checks: [
      metAtLeast('of insertMany alone', medianOf(share), 0.6),
      metAtMost('processor at saturation, µs/event', medianOf(saturatedUs), 20),
      metAtMost(`processor at ${steadyPerSecond} events/s, µs/event`, medianOf(steadyUs), 60),
    ],
  }
}
