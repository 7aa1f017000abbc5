import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql/promise'
import { makePrivateFile } from '../private-files.ts'
import { migrations } from './migrations.ts'

/** Copies of the embedded database: taken while it is written to, looked at before they are believed. */

/** What a file says of itself. */
export interface DatabaseFacts {
  readonly bytes: number
  readonly schemaVersion: number
  readonly trials: number
  /** Of each workspace a sealed secret, by its place: who has the key can open it. */
  readonly sealed: readonly { readonly place: string; readonly text: string }[]
}

/** The schema that this Trialpace writes. */
export const knownSchema = migrations.length

/** The file is no database of ours, or not whole. */
export class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase'
}

type Row = Record<string, unknown>

/** One that has not begun yet does not hear of it. */
const interruptEveryMs = 20

/** Statements run on a thread of the driver, so a long one holds nothing up. */
async function withDatabase<T>(
  file: string,
  work: (db: Database) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const db = new Database(file, {})
  const interrupting = setInterval(() => signal?.aborted && db.interrupt(), interruptEveryMs).unref()
  try {
    await db.exec('PRAGMA busy_timeout = 5000')
    return await work(db)
  } finally {
    clearInterval(interrupting)
    db.close()
  }
}

const rowsOf = async (db: Database, sql: string): Promise<Row[]> =>
  (await (await db.prepare(sql)).all([])) as Row[]

/**
 * A consistent copy of a database that others go on writing to, without what was deleted, whole and looked through
 * before it has its name. The schema stays as it is.
 * @throws DamagedDatabase
 */
export async function copyDatabase(from: string, to: string, signal?: AbortSignal): Promise<DatabaseFacts> {
  const part = `${to}.${process.pid}.part`
  rmSync(part, { force: true })
  makePrivateFile(part)
  try {
    // SQLite fills an empty file, which has its rights already. A reader sees one moment of a log that goes on.
    await withDatabase(from, (db) => db.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`), signal)
    const facts = await inspectDatabase(part, signal)
    syncToDisk(part)
    renameSync(part, to)
    syncToDisk(dirname(to))
    return facts
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

function syncToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Reads all of a file. @throws DamagedDatabase */
export async function inspectDatabase(file: string, signal?: AbortSignal): Promise<DatabaseFacts> {
  const inspect = async (db: Database): Promise<DatabaseFacts> => {
    const found = (await rowsOf(db, 'PRAGMA integrity_check')).map((row) => String(row.integrity_check))
    if (found.join() !== 'ok') throw new DamagedDatabase(`${file} is damaged: ${found[0]}`)
    const [version] = await rowsOf(db, 'PRAGMA user_version')
    const [count] = await rowsOf(db, 'SELECT count(*) AS trials FROM trials')
    const workspaces = await rowsOf(
      db,
      "SELECT id, json_extract(body, '$.identitySecret') AS sealed FROM documents WHERE kind = 'workspace'",
    )
    return {
      bytes: statSync(file).size,
      schemaVersion: Number(version?.user_version),
      trials: Number(count?.trials),
      sealed: workspaces.flatMap(({ id, sealed }) =>
        typeof sealed === 'string' ? [{ place: `${id}/identitySecret`, text: sealed }] : [],
      ),
    }
  }
  try {
    return await withDatabase(file, inspect, signal)
  } catch (error) {
    if (error instanceof DamagedDatabase) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new DamagedDatabase(`${file} is no database of Trialpace, or damaged: ${why}`, { cause: error })
  }
}

/** The schema of a file, which stays as it is. */
export const schemaOf = (file: string): Promise<number> =>
  withDatabase(file, async (db) => Number((await rowsOf(db, 'PRAGMA user_version'))[0]?.user_version))

/** From now on the file does not know where it lives, so whoever opens it must confirm that before email is sent. */
export const forgetHome = (file: string): Promise<unknown> =>
  withDatabase(file, (db) =>
    db.exec(
      `UPDATE documents SET body = json_set(body, '$.fingerprint', 'restored') WHERE kind = 'instance'`,
    ),
  )

/**
 * Puts all of a database into its one file, so that it can be moved.
 * @returns false while anyone else has it open.
 */
export async function settleAlone(file: string): Promise<boolean> {
  try {
    return await withDatabase(file, async (db) => {
      await db.exec('PRAGMA busy_timeout = 0')
      // In this mode no one else may have a connection, not even to read.
      await db.exec('PRAGMA locking_mode = EXCLUSIVE')
      await db.exec('BEGIN EXCLUSIVE')
      await db.exec('COMMIT')
      const [log] = await rowsOf(db, 'PRAGMA wal_checkpoint(TRUNCATE)')
      return log?.busy === 0
    })
  } catch {
    return false
  }
}
