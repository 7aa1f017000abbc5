import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js'
import mongoose from 'mongoose'
import { identifyServer } from '../../server/storage/mongo/connection.ts'

/** A database server that tests may make databases of their own in. */
export interface TestMongo {
  readonly uri: string
  /** For people: what it is, its version, and whether it is MongoDB itself. */
  readonly description: string
  readonly genuine: boolean
  stop(): Promise<void>
}

export const withoutMongo =
  'MONGODB WAS NOT TESTED. Set MONGODB_URI to a server, or MONGOD_BINARY to a mongod, or put mongod on the PATH.'

/**
 * In this order: MONGODB_URI; MONGOD_BINARY or mongod on the PATH, started as a replica set of one; the binary that
 * mongodb-memory-server has cached, or can download at once. Takes seconds at most when there is none.
 */
export async function findMongo(): Promise<TestMongo | null> {
  const given = process.env.MONGODB_URI
  if (given) return { uri: given, ...(await describe(given)), stop: async () => {} }
  const binary = process.env.MONGOD_BINARY || (await onPath('mongod')) || (await cachedOrDownloaded())
  if (!binary) return null
  return startReplicaSet(binary)
}

async function startReplicaSet(binary: string): Promise<TestMongo> {
  const { stdout } = await promisify(execFile)(binary, ['--version'])
  const version = /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  const servers = await MongoMemoryReplSet.create({
    binary: { systemBinary: binary, ...(version ? { version } : {}) },
    replSet: { count: 1, ip: '127.0.0.1', storageEngine: 'wiredTiger' },
  })
  const uri = servers.getUri()
  return { uri, ...(await describe(uri)), stop: async () => void (await servers.stop()) }
}

async function describe(uri: string): Promise<{ description: string; genuine: boolean }> {
  const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 5_000 }).asPromise()
  try {
    const { version, compatible } = await identifyServer(connection)
    const description = compatible
      ? `a server that is not MongoDB but compatible with MongoDB ${version}`
      : `MongoDB ${version}`
    return { description, genuine: !compatible }
  } finally {
    await connection.close()
  }
}

async function onPath(name: string): Promise<string | null> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  return null
}

/** A machine without the open internet must lose seconds here, so the download is tried only where it answers. */
async function cachedOrDownloaded(): Promise<string | null> {
  const cached = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions()).catch(
    () => undefined,
  )
  if (cached) return cached
  const reachable = await fetch('https://fastdl.mongodb.org/', {
    method: 'HEAD',
    signal: AbortSignal.timeout(2_000),
  }).then(
    ({ status }) => status < 500,
    () => false,
  )
  if (!reachable) return null
  const { MongoBinary } = await import('mongodb-memory-server-core')
  return MongoBinary.getPath({ version: '8.0.4' }).catch(() => null)
}

/** Removes a database that a test has made. */
export async function dropDatabase(uri: string, dbName: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise()
  await connection.dropDatabase()
  await connection.close()
}
