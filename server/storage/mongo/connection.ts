import mongoose, { type Connection } from 'mongoose'
import { type Engine, StorageUnavailable } from '../port.ts'

const { MongoError, MongoBulkWriteError } = mongoose.mongo

/** How long the server may work on one write; afterwards it is certain that nothing of it comes later. */
export const writeLimitMs = 10_000

/** Called with every command just before the driver sends it. */
export type OnCommand = (command: Readonly<Record<string, unknown>>) => void

/** @throws StorageUnavailable */
export async function connect(
  uri: string,
  dbName: string | undefined,
  onCommand?: OnCommand,
): Promise<Connection> {
  const instance = new mongoose.Mongoose({
    strictQuery: false,
    sanitizeFilter: true,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  })
  const connection = await available(() =>
    instance
      .createConnection(uri, {
        monitorCommands: onCommand !== undefined,
        dbName: dbName ?? databaseNameIn(uri) ?? 'trialpace',
        appName: 'trialpace',
        maxPoolSize: 16,
        serverSelectionTimeoutMS: 3_000,
        connectTimeoutMS: 3_000,
        socketTimeoutMS: 15_000,
        waitQueueTimeoutMS: 5_000,
        writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
        // A version that is read and later rolled back could be given to another content.
        readConcernLevel: 'majority',
        readPreference: 'primary',
      })
      .asPromise(),
  )
  if (onCommand) connection.getClient().on('commandStarted', ({ command }) => onCommand(command))
  return connection
}

/** The driver itself would fall back to `test`. */
const databaseNameIn = (uri: string): string | undefined =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1]

/** Whatever the driver reports means that nothing is known to be stored. @throws StorageUnavailable */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MongoError || error instanceof mongoose.Error)
      throw new StorageUnavailable(`MongoDB: ${error.message}`, { cause: error })
    throw error
  }
}

/**
 * Unordered writes of which some may find their key taken.
 * @returns positions of those.
 * @throws the driver’s error when anything else went wrong with any of them.
 */
export async function keyConflicts(write: () => Promise<unknown>): Promise<Set<number>> {
  try {
    await write()
    return new Set()
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const failures = [error.writeErrors].flat()
    const onlyKeys = failures.length > 0 && failures.every(({ code }) => code === duplicateKey)
    if (!onlyKeys || error.result?.getWriteConcernError()) throw error
    return new Set(failures.map(({ index }) => index))
  }
}

const duplicateKey = 11000

export const isKeyConflict = (error: unknown): boolean =>
  error instanceof MongoError && error.code === duplicateKey

interface BuildInfo {
  readonly version: string
  readonly gitVersion?: string
  readonly storageEngines?: readonly string[]
  readonly ferretdb?: unknown
}

/** @throws StorageUnavailable, also for a MongoDB server that is no member of a replica set. */
export async function identifyServer(connection: Connection): Promise<Engine> {
  const admin = connection.getClient().db('admin')
  const build = (await available(() => admin.command({ buildInfo: 1 }))) as unknown as BuildInfo
  const genuine =
    /^[0-9a-f]{40}$/.test(build.gitVersion ?? '') &&
    build.storageEngines !== undefined &&
    build.ferretdb === undefined
  if (genuine) await refuseStandalone(connection)
  return { name: 'mongodb', version: build.version, compatible: !genuine }
}

/** Retried writes and the majority’s confirmation exist only in a replica set, be it of one member. */
async function refuseStandalone(connection: Connection): Promise<void> {
  const hello = await available(() => connection.getClient().db('admin').command({ isMaster: 1 }))
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    throw new StorageUnavailable(
      'MongoDB runs standalone. Start it with --replSet and run rs.initiate() once; one member is enough.',
    )
}

/** The server’s clock, epoch milliseconds. */
export async function serverNow(connection: Connection): Promise<number> {
  const answer = await available(() => connection.getClient().db('admin').command({ isMaster: 1 }))
  const { localTime } = answer as { localTime: Date | number | { toNumber(): number } }
  // A compatible server may answer with a number where MongoDB answers with a date.
  const now =
    localTime instanceof Date
      ? localTime.getTime()
      : Number(typeof localTime === 'object' ? localTime.toNumber() : localTime)
  if (Number.isFinite(now)) return now
  throw new StorageUnavailable('MongoDB: the server does not tell its time')
}
