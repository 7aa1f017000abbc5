import { randomUUID } from 'node:crypto'
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

/** @returns events a second of a driver that does nothing else. */
async function rawRound(write: (events: RawEvent[]) => Promise<unknown>): Promise<number> {
  const until = performance.now() + roundMs
  const startedAt = performance.now()
  let written = 0
  const lane = async () => {
    while (performance.now() < until) {
      await write(Array.from({ length: rawGroup }, (_, index) => rawEvent(index)))
      written += rawGroup
    }
  }
  await Promise.all(Array.from({ length: rawInFlight }, lane))
  return (written * 1000) / (performance.now() - startedAt)
}

/**
 * Durable ingest on MongoDB beside, in turns and on the same server, a driver that only inserts, and one that also marks
 * what it has inserted, as the adapter does.
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
    createBatches('pk_main', eventsPerBatch, users),
  )
  const raw = async (name: string): Promise<mongo.Collection<RawEvent>> => {
    const collection = connection.collection<RawEvent>(name) as unknown as mongo.Collection<RawEvent>
    await collection.createIndex({ receivedAt: 1 })
    await collection.createIndex({ unfolded: 1 }, { sparse: true })
    return collection
  }
  const [plain, marked] = [await raw('plain'), await raw('marked')]
  const inserts = (events: RawEvent[]) => plain.insertMany(events, acknowledged)
  const insertsAndMarks = async (events: RawEvent[]) => {
    await marked.insertMany(events, acknowledged)
    await marked.updateMany(
      { _id: { $in: events.map(({ _id }) => _id) } },
      { $unset: { unfolded: '' } },
      { writeConcern: acknowledged.writeConcern },
    )
  }
  const ours: number[] = []
  const plainRates: number[] = []
  const markedRates: number[] = []
  const saturatedUs: number[] = []
  const steadyUs: number[] = []
  try {
    await load.flood(warmUpMs)
    for (let round = 0; round < rounds; round++) {
      const before = await server.usage()
      const flood = await load.flood(roundMs)
      const after = await server.usage()
      const events = flood.requests * eventsPerBatch
      ours.push((events * 1000) / flood.elapsedMs)
      saturatedUs.push((after.cpuUs - before.cpuUs) / events)
      plainRates.push(await rawRound(inserts))
      markedRates.push(await rawRound(insertsAndMarks))
      const calm = await server.usage()
      const pace = await load.pace(steadyPerSecond / eventsPerBatch, roundMs)
      steadyUs.push(((await server.usage()).cpuUs - calm.cpuUs) / (pace.requests * eventsPerBatch))
    }
  } finally {
    load.close()
    await server.close()
    await connection.dropDatabase()
    await connection.close()
  }
  const share = ours.map((rate, round) => rate / (plainRates[round] as number))
  return {
    bench: 'ingest on MongoDB',
    rounds,
    rows: [
      medianRow('insertMany alone', plainRates, 'events/s'),
      medianRow('insertMany and marking', markedRates, 'events/s'),
      medianRow('durable ingest', ours, 'events/s'),
      medianRow('of insertMany alone', share, ''),
      medianRow(
        'of insertMany and marking',
        ours.map((rate, round) => rate / (markedRates[round] as number)),
        '',
      ),
      medianRow('processor at saturation', saturatedUs, 'µs/event'),
      medianRow(`processor at ${steadyPerSecond} events/s`, steadyUs, 'µs/event'),
    ],
    checks: [
      metAtLeast('of insertMany alone', medianOf(share), 0.6),
      metAtMost('processor at saturation, µs/event', medianOf(saturatedUs), 20),
      metAtMost(`processor at ${steadyPerSecond} events/s, µs/event`, medianOf(steadyUs), 60),
    ],
  }
}
