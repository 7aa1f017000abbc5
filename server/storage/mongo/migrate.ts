import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import mongoose, { type Model, type mongo } from 'mongoose'
import type { Trial } from '../../domain/trial/model.ts'
import { companyKeysOf } from '../company-keys.ts'
import { StorageUnavailable } from '../port.ts'
import { SchemaTooNew } from '../schema-version.ts'
import { isKeyConflict } from './connection.ts'
import { type Models, native } from './models.ts'

/**
 * Step i leads from version i to i + 1. A step may be run again after a crash, so it must be repeatable. A published
 * step is never changed; new ones are added at the end.
 */
const migrations: readonly ((models: Models) => Promise<void>)[] = [
  async (models) => {
    await createIndexes(models.trials)
    await createIndexes(models.events)
  },
  async (models) => {
    await createIndexes(models.trials)
    await dropIndex(models, 'workspaceId_1_lastSeenHour_1')
  },
  async (models) => {
    await fillCompanyKeys(models)
    await createIndexes(models.trials)
  },
  async (models) => {
    await createIndexes(models.trials)
  },
]

/** What each trial says of its company, for those saved before it was kept. One that is saved meanwhile says it itself. */
async function fillCompanyKeys({ trials }: Models): Promise<void> {
  const collection = native(trials)
  for (let after = ''; ; ) {
    const page = await collection
      .find({ _id: { $gt: after } }, { projection: { body: 1, version: 1 } })
      .sort({ _id: 1 })
      .limit(500)
      .toArray()
    const operations = page.flatMap(({ _id, body, version }) => {
      const { domain, company } = companyKeysOf((JSON.parse(body) as Trial).person)
      const $set = { ...(domain !== null && { domain }), ...(company !== null && { company }) }
      return Object.keys($set).length > 0
        ? [{ updateOne: { filter: { _id, version }, update: { $set } } }]
        : []
    })
    if (operations.length > 0) await collection.bulkWrite(operations, { ordered: false })
    const last = page.at(-1)
    if (!last) return
    after = last._id
  }
}

/** All of a collection with one command; mongoose would send one for each and wait for it. */
async function createIndexes<Document extends { _id: string }>(model: Model<Document>): Promise<void> {
  const wanted = model.schema.indexes().map(([key, { sparse }]) => ({ key, ...(sparse && { sparse }) }))
  await native(model).createIndexes(wanted as mongo.IndexDescription[])
}

async function dropIndex({ trials }: Models, name: string): Promise<void> {
  const there = await native(trials).listIndexes().toArray()
  if (there.some((index) => index.name === name)) await native(trials).dropIndex(name)
}

/** Longer than any step without progress; then the one who held the lock is taken for dead. */
const lockMs = 120_000
const pauseMs = 200

/**
 * Brings the database to the newest schema; of several processes that start at once one migrates, the others wait.
 * @throws SchemaTooNew, StorageUnavailable
 */
export async function migrate(models: Models, databaseName: string): Promise<void> {
  const owner = randomUUID()
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const stored = (await models.meta.findById('schema').lean())?.version ?? 0
    if (stored > migrations.length) throw new SchemaTooNew(databaseName, stored, migrations.length)
    if (stored === migrations.length) return
    if (waitedMs > lockMs) throw new StorageUnavailable('another process has been migrating for too long')
    if (await takeLock(models, owner)) await runSteps(models, owner)
    else await sleep(pauseMs)
  }
}

/**
 * Two plain steps, because `$expr` may not are in the filter of an upsert: anyone who let the lock expire loses it; then
 * the lock is taken where no one has it, which also makes the document on an empty database.
 */
async function takeLock({ meta }: Models, owner: string): Promise<boolean> {
  const lockAge = { $subtract: ['$$NOW', '$lockTakenAt'] }
  const expired = mongoose.trusted({ $gte: [lockAge, lockMs] })
  const taken = { $set: { lockOwner: owner }, $currentDate: { lockTakenAt: true } }
  const takenOver = await meta.updateOne(
    { _id: 'schema', lockOwner: mongoose.trusted({ $exists: true }), $expr: expired },
    taken,
  )
  if (takenOver.matchedCount === 1) return true
  try {
    const result = await meta.updateOne({ _id: 'schema', lockOwner: null }, taken, { upsert: true })
    return result.matchedCount + result.upsertedCount === 1
  } catch (error) {
    // Someone holds it: the filter misses, and the upsert finds the id taken.
    if (isKeyConflict(error)) return false
    throw error
  }
}

async function runSteps(models: Models, owner: string): Promise<void> {
  const mine = { _id: 'schema', lockOwner: owner }
  try {
    const stored = (await models.meta.findById('schema').lean())?.version ?? 0
    for (let version = stored; version < migrations.length; version++) {
      await migrations[version]!(models)
      await models.meta.updateOne(mine, {
        $set: { version: version + 1 },
        $currentDate: { lockTakenAt: true },
      })
    }
  } finally {
    await models.meta.updateOne(mine, { $unset: { lockOwner: '', lockTakenAt: '' } })
  }
}
