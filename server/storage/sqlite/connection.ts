import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { breathe } from '../breathe.ts'
import { StorageUnavailable } from '../port.ts'
import { makePrivateFile, restrictSiblings } from '../private-files.ts'
import { type CheckpointLimits, createCheckpoints } from './checkpoints.ts'
import { migrate, type Progress } from './migrations.ts'

export type Value = string | number | null

/** Booleans and undefined abort the process inside libsql, hence the narrow type of the values. */
interface Statement {
  run(values: readonly Value[]): { changes: number }
  get<Row>(values: readonly Value[]): Row | undefined
  all<Row>(values: readonly Value[]): Row[]
}

export interface Connection {
  readonly version: string
  prepare(sql: string): Statement
  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT, without a pause in between; on disk when this resolves. While
   * another process writes, it waits and begins again.
   * @throws StorageUnavailable
   */
  write<T>(work: () => T): Promise<T>
  /** Each statement sees the last commit. @throws StorageUnavailable */
  read<T>(work: () => T): Promise<T>
  /** Moves the write-ahead log into the database and cuts it to nothing: what was deleted may still be written there. */
  emptyLog(): Promise<void>
  close(): Promise<void>
}

/**
 * SQLite waits for a lock with the whole process standing still, so it waits briefly and we wait the rest, letting
 * other requests go on.
 */
const busyTimeoutMs = 50
const patienceMs = 5_000

/**
 * Pages in the log at which SQLite itself moves them into the database, inside the COMMIT that reaches it: late where
 * a thread does that before.
 */
const autoCheckpoint = { withThread: 64_000, alone: 16_000 }

/** @throws SchemaTooNew, StorageUnavailable */
export async function openConnection(
  file: string,
  {
    limits,
    progress = () => {},
  }: { limits?: CheckpointLimits | undefined; progress?: Progress | undefined } = {},
): Promise<Connection> {
  const isFile = file !== ':memory:'
  if (isFile) makePrivateFile(file)
  const db = new Database(file)
  let isClosing = false
  const retry = <T>(work: () => T) => whileBusy(() => db.open && !isClosing, work)
  try {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    await retry(() => db.exec('PRAGMA journal_mode = WAL'))
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA foreign_keys = OFF')
    // What is deleted is overwritten with zeros.
    db.exec('PRAGMA secure_delete = ON')
    db.exec('PRAGMA cache_size = -16000')
    db.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpoint.withThread}`)
    db.exec('PRAGMA journal_size_limit = 67108864')
    await retry(() => migrate(db, file, progress))
    if (isFile) restrictSiblings(file)
  } catch (error) {
    db.close()
    throw error
  }

  const checkpoints = isFile
    ? createCheckpoints({
        file,
        ...(limits && { limits }),
        moveRest: () => moveRest(db),
        onNoThread: () => db.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpoint.alone}`),
      })
    : null
  const weight: Weight = { pages: 0 }
  const prepared = new Map<string, Statement>()
  const prepare = (sql: string): Statement => {
    const known = prepared.get(sql)
    if (known) return known
    const statement = wrap(db.prepare(sql), weight)
    prepared.set(sql, statement)
    return statement
  }
  const { version } = prepare('SELECT sqlite_version() AS version').get<{ version: string }>([])!

  return {
    version,
    prepare,
    async write(work) {
      const result = await retry(() => transaction(db, work))
      checkpoints?.committed(weight.pages + pagesOfCommit)
      weight.pages = 0
      return result
    },
    read: retry,
    async emptyLog() {
      const empty = async () => {
        // Another process may be reading the log; it is asked again for a while, then at the next erasure.
        for (let tries = 0; tries < 20; tries++) {
          if (await retry(() => checkpoint(db, 'TRUNCATE'))) return
          await sleep(busyTimeoutMs)
        }
      }
      await (checkpoints ? checkpoints.alone(empty) : empty())
    },
    async close() {
      isClosing = true
      await checkpoints?.close()
      prepared.clear()
      if (!db.open) return
      // A file copied after the end is whole without its log.
      if (isFile) moveRest(db, 'TRUNCATE')
      db.close()
    },
  }
}

/** @returns false while another connection is in the way. */
const checkpoint = (db: Database.Database, mode: 'PASSIVE' | 'TRUNCATE'): boolean =>
  (db.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as { busy: number }).busy === 0

function moveRest(db: Database.Database, mode: 'PASSIVE' | 'TRUNCATE' = 'PASSIVE'): void {
  try {
    checkpoint(db, mode)
  } catch {
    // Locked by another process, or the disk is full: whoever writes next hears of that.
  }
}

/**
 * Pages of the log, guessed: what changes beside the rows themselves, a row by itself, rows of one statement, which
 * mostly are neighbours, and long texts.
 */
interface Weight {
  pages: number
}
const pagesOfCommit = 4
const rowsPerPage = 40
const charsPerPage = 4_000

const wrap = (statement: Database.Statement, weight: Weight): Statement => ({
  run(values) {
    const result = statement.run(values)
    let chars = 0
    for (const value of values) if (typeof value === 'string') chars += value.length
    weight.pages += (result.changes === 1 ? 1 : result.changes / rowsPerPage) + chars / charsPerPage
    return result
  },
  get: <Row>(values: readonly Value[]) => statement.get(values) as Row | undefined,
  all: <Row>(values: readonly Value[]) => statement.all(values) as Row[],
})

function transaction<T>(db: Database.Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}

async function whileBusy<T>(isOpen: () => boolean, work: () => T): Promise<T> {
  const startedAt = performance.now()
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const others = breathe()
    if (others) await others
    if (!isOpen()) throw new StorageUnavailable('the database is closed')
    try {
      return work()
    } catch (error) {
      if (!isSqliteError(error)) throw error
      const busy = error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED')
      if (!busy || performance.now() - startedAt > patienceMs)
        throw new StorageUnavailable(`SQLite: ${error.message}`, { cause: error })
    }
    await sleep(pauseMs)
  }
}

export const isSqliteError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
