import { createServer } from 'node:net'
import mongoose from 'mongoose'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { openMongoStorage } from '../../../server/storage/mongo/index.ts'
import type { IngestPoint } from '../../../server/storage/mongo/ingest.ts'
import type { Storage } from '../../../server/storage/port.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { workspaceId } from '../../support/build-trial.ts'
import { mongoDatabase } from '../../support/storages.ts'
import { describeStorage } from './contract.ts'

const note = { at: 1, by: 'Dana', text: 'Called.' }

const mongodb = inject('mongodb')
const trialId = trialIdOfUser(workspaceId, 'user-1')
const event = (messageId: string, userId = 'user-1') => buildLogged({ messageId }, { userId })

/** After every fold there is: nothing is being folded in these tests while they sweep. */
const sweepAll = (storage: Storage) => storage.sweep(Date.now() + 600_000, foldByCounting)

describe.skipIf(!mongodb)('MongoDB', () => describeStorage(() => mongoDatabase(mongodb!.uri)))

describe.skipIf(!mongodb)('a MongoDB database', () => {
  let database: Awaited<ReturnType<typeof mongoDatabase>>
  beforeEach(async () => {
    database = await mongoDatabase(mongodb!.uri)
  })
  afterEach(() => database.remove())

  async function raw<T>(work: (connection: mongoose.Connection) => Promise<T>): Promise<T> {
    const connection = await mongoose.createConnection(mongodb!.uri, { dbName: database.dbName }).asPromise()
    try {
      return await work(connection)
    } finally {
      await connection.close()
    }
  }
  const unfolded = () =>
    raw((connection) => connection.collection('events').countDocuments({ unfolded: { $gte: '' } }))
  /** A fold is marked after its request was answered: in a moment, but no one promises when. */
  const everythingMarked = () => vi.waitFor(async () => expect(await unfolded()).toBe(0), { timeout: 10_000 })
  const folds = () =>
    raw(async (connection) => {
      const trial = await connection.collection('trials').findOne({ _id: trialId as never })
      return (trial?.folds ?? []) as string[]
    })

  /** A handle whose process “crashes” at that point. */
  const openCrashing = (point: IngestPoint) =>
    database.open({
      reached: (reached) => {
        if (reached === point) throw new Error(`crash after ${point}`)
      },
    })

  it.each(['logged', 'folded'] as const)(
    'counts every event once when the process crashes after they were %s',
    async (point) => {
      const healthy = await database.open()
      await healthy.ingest([event('before')], foldByCounting)
      const crashing = await openCrashing(point)
      const batch = [event('a'), event('b'), event('other', 'user-2'), event('before')]
      await expect(crashing.ingest(batch, foldByCounting)).rejects.toThrow('crash')
      // The client never got an answer, so it sends them again.
      const again = await healthy.ingest(batch, foldByCounting)
      expect(again.duplicates.size).toBe(4)
      expect(await sweepAll(healthy)).toBe(point === 'logged' ? 3 : 0)
      expect(await sweepAll(healthy)).toBe(0)
      expect((await healthy.trials.get(trialId))?.absorbed).toEqual(['before', 'a', 'b'])
      expect((await healthy.trials.get(trialIdOfUser(workspaceId, 'user-2')))?.absorbed).toEqual(['other'])
      expect(await unfolded()).toBe(0)
    },
  )

  it('leaves alone what was logged a moment ago', async () => {
    const storage = await openCrashing('logged')
    await expect(storage.ingest([event('a')], foldByCounting)).rejects.toThrow('crash')
    expect(await storage.sweep((await storage.now()) - 60_000, foldByCounting)).toBe(0)
    expect(await unfolded()).toBe(1)
  })

  it('counts once when several sweepers and the writer itself fold the same events', async () => {
    const sweepers = await Promise.all(Array.from({ length: 3 }, () => database.open()))
    let sweeps: Promise<number>[] = []
    const slow = await database.open({
      reached: (point) => {
        if (point === 'logged') sweeps = sweepers.map(sweepAll)
      },
    })
    const expected: string[] = []
    for (let round = 0; round < 15; round++) {
      const ids = [`${round}-a`, `${round}-b`]
      expected.push(...ids)
      await slow.ingest(
        ids.map((id) => event(id)),
        foldByCounting,
      )
      await Promise.all(sweeps)
    }
    const trial = await slow.trials.get(trialId)
    expect(trial?.absorbed.toSorted()).toEqual(expected.toSorted())
    await sweepAll(slow)
    expect(await unfolded()).toBe(0)
  })

  it('never folds again what was swept, marked and forgotten while the writer slept', async () => {
    const healthy = await database.open()
    await healthy.ingest([event('before')], foldByCounting)
    const sleeper = await database.open({
      async reached(point) {
        if (point === 'folded') return
        expect(await sweepAll(healthy)).toBe(1)
        for (const id of ['b', 'c', 'd']) {
          await healthy.ingest([event(id)], foldByCounting)
          await everythingMarked()
        }
        expect((await folds()).length).toBeLessThanOrEqual(2)
      },
    })
    const { trials } = await sleeper.ingest([event('a')], foldByCounting)
    expect(trials.get(trialId)?.absorbed).toEqual(['before', 'a', 'b', 'c', 'd'])
    expect((await healthy.trials.get(trialId))?.absorbed).toEqual(['before', 'a', 'b', 'c', 'd'])
  })

  it('forgets a fold once its events are marked, and keeps the list short over crashes', async () => {
    const storage = await database.open()
    for (let index = 0; index < 5; index++) {
      await storage.ingest([event(`m${index}`)], foldByCounting)
      await everythingMarked()
    }
    expect((await folds()).length).toBeLessThanOrEqual(2)
    for (let index = 0; index < 40; index++) {
      const crashing = await openCrashing('folded')
      await expect(crashing.ingest([event(`c${index}`)], foldByCounting)).rejects.toThrow('crash')
      await sweepAll(storage)
    }
    expect((await folds()).length).toBeLessThanOrEqual(17)
    expect((await storage.trials.get(trialId))?.usage.total).toBe(45)
  })

  it('is migrated once by processes that start at the same time', async () => {
    const handles = await Promise.all(Array.from({ length: 4 }, () => database.open()))
    await handles[0]!.documents.put('note', 'a', note)
    expect((await handles[3]!.documents.get('note', 'a'))?.body).toEqual(note)
    const meta = await raw((connection) => connection.collection('meta').find({}).toArray())
    expect(meta).toEqual([{ _id: 'schema', version: 4 }])
  })

  it('written by a newer Trialpace is refused', async () => {
    await (await database.open()).close()
    await raw((connection) =>
      connection.collection('meta').updateOne({ _id: 'schema' as never }, { $set: { version: 99 } }),
    )
    await expect(database.open()).rejects.toThrow('schema version 99')
  })
})

describe('a MongoDB that is not there', () => {
  it('is StorageUnavailable within seconds', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    await expect(openMongoStorage({ uri: `mongodb://127.0.0.1:${port}/x` })).rejects.toMatchObject({
      name: 'StorageUnavailable',
    })
  })
})
