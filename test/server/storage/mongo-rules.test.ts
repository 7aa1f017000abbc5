import mongoose from 'mongoose'
import { describe, expect, inject, it } from 'vitest'
import { breachesOf, mongoRules, type SentCommand, standInLeniencies } from '../../support/mongo-rules.ts'
import { mongoDatabase } from '../../support/storages.ts'

const safely = { writeConcern: { w: 'majority', j: true } }
const update = (change: object): SentCommand => ({ update: 'trials', updates: [change], ...safely })

/** For each rule a command that breaks it and no other. */
const refused: Readonly<Record<string, SentCommand>> = {
  'no expression in the filter of an upsert': update({
    q: { _id: 'a', $or: [{ lockOwner: null }, { $expr: { $gte: ['$$NOW', '$at'] } }] },
    u: { $set: { b: 1 } },
    upsert: true,
  }),
  'no JavaScript': { find: 'trials', filter: { $where: 'true' }, readConcern: { level: 'majority' } },
  'no pipeline update': update({ q: { _id: 'a' }, u: [{ $set: { b: 1 } }] }),
  'no two operators on one path': update({ q: { _id: 'a' }, u: { $set: { 'b.c': 1 }, $unset: { b: '' } } }),
  'no operator without a field': update({ q: { _id: 'a' }, u: { $set: { b: 1 }, $unset: {} } }),
  'no change of _id': update({ q: { _id: 'a' }, u: { $set: { _id: 'b' } } }),
  'no field name with a dollar or a dot': {
    insert: 'documents',
    documents: [{ _id: 'a', body: { 'a.b': 1 } }],
    ...safely,
  },
  'no partial, unique or expiring index': {
    createIndexes: 'trials',
    indexes: [{ key: { a: 1 }, name: 'a', partialFilterExpression: { a: { $gt: 1 } } }],
  },
  'no long $in': {
    find: 'events',
    filter: { _id: { $in: Array.from({ length: 1001 }, String) } },
    readConcern: { level: 'majority' },
  },
  'every sort is in the order of an index': {
    find: 'trials',
    filter: { workspaceId: 'w' },
    sort: { search: 1 },
    readConcern: { level: 'majority' },
  },
  'every write waits for the majority and the journal': {
    update: 'trials',
    updates: [{ q: { _id: 'a' }, u: { $set: { b: 1 } } }],
    writeConcern: { w: 1 },
  },
  'every read sees what a majority has': { find: 'trials', filter: {} },
  'one document for each atomic step': {
    ...update({ q: { _id: 'a' }, u: { $set: { b: 1 } } }),
    startTransaction: true,
  },
  'a write of many documents may be repeated': update({ q: { a: 1 }, u: { $inc: { b: 1 } }, multi: true }),
  'a write of one document names its _id': {
    delete: 'trials',
    deletes: [{ q: { email: 'a' }, limit: 1 }],
    ...safely,
  },
  'no stage that compatible servers lack': {
    aggregate: 'trials',
    pipeline: [{ $lookup: { from: 'events' } }],
    readConcern: { level: 'majority' },
  },
}

describe('what real servers refuse', () => {
  it.each(mongoRules.map(({ name }) => name))('is noticed: %s', (name) => {
    const breaches = breachesOf(refused[name] ?? {})
    expect(breaches).toHaveLength(1)
    expect(breaches[0]).toContain(name)
  })

  it('names a page of MongoDB for every rule, and a rule for what the stand-in lets pass', () => {
    for (const { source } of mongoRules) expect(source).toContain('mongodb.')
    const names = mongoRules.map(({ name }) => name)
    for (const { rule } of standInLeniencies) if (rule !== null) expect(names).toContain(rule)
  })

  it.each([
    ['ascending', { workspaceId: 'w' }, { endsAt: 1, _id: 1 }],
    ['descending', { workspaceId: 'w' }, { endsAt: -1, _id: -1 }],
    ['by a range of the key itself', { _id: { $gte: 'a' } }, { _id: -1 }],
  ])('is not: a sort that an index gives, %s', (_, filter, sort) => {
    const read = { find: 'trials', filter, sort, readConcern: { level: 'majority' } }
    expect(breachesOf(read)).toEqual([])
  })

  it.each([
    ['with fields that turn round', { workspaceId: 'w' }, { endsAt: 1, _id: -1 }],
    ['whose first field is not fixed by the filter', { workspaceId: { $gt: 'w' } }, { endsAt: 1, _id: 1 }],
  ])('is: a sort %s', (_, filter, sort) => {
    const read = { find: 'trials', filter, sort, readConcern: { level: 'majority' } }
    expect(breachesOf(read)).toHaveLength(1)
  })
})

const mongodb = inject('mongodb')

describe.skipIf(!mongodb)('a database of the tests', () => {
  it('fails when an adapter puts $expr into an upsert again', async () => {
    const database = await mongoDatabase(mongodb!.uri)
    const storage = await database.open()
    // The lock of the migration as it was: taken over and made in one upsert.
    const flawed = await mongoose
      .createConnection(mongodb!.uri, { dbName: database.dbName, monitorCommands: true })
      .asPromise()
    flawed.getClient().on('commandStarted', ({ command }) => database.watch(command))
    await flawed
      .collection('meta')
      .updateOne(
        { _id: 'other' as never, $or: [{ lockOwner: null }, { $expr: { $gte: ['$$NOW', '$lockTakenAt'] } }] },
        { $set: { lockOwner: 'me' } },
        { upsert: true, writeConcern: { w: 'majority', journal: true } },
      )
      // A real server refuses it, and the stand-in does not.
      .catch(() => undefined)
    await flawed.close()
    await storage.ping()
    await expect(database.remove()).rejects.toThrow('no expression in the filter of an upsert')
  })
})
