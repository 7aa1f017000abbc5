import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Storage } from '../../../server/storage/port.ts'
import { createCheckpoints } from '../../../server/storage/sqlite/checkpoints.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { workspaceId } from '../../support/build-trial.ts'
import { sqliteDatabase } from '../../support/storages.ts'
import { describeStorage } from './contract.ts'

/** A pass after every commit, so that one is nearly always under way. */
const eager = { passPages: 1, forcedFrames: 40, quietMs: 1, watches: 2, idleMs: 60_000 }

describe('SQLite whose log is moved all the time', () =>
  describeStorage(() => sqliteDatabase({ checkpoints: eager })))

/** No pass by itself: what is moved is moved at the end, or when nothing happens. */
const patient = { passPages: 1e9, forcedFrames: 1e9, quietMs: 1, watches: 2 }

describe('the file without its log', () => {
  const eventsIn = async (file: string): Promise<number> => {
    const copy = `${file}.copy`
    await copyFile(file, copy)
    const db = new Database(copy)
    try {
      return (db.prepare('SELECT count(*) AS count FROM dedupe_keys').get() as { count: number }).count
    } catch {
      // No tables yet.
      return 0
    } finally {
      db.close()
    }
  }

  it('is whole after close', async () => {
    const database = await sqliteDatabase({ checkpoints: { ...patient, idleMs: 60_000 } })
    const storage = await database.open()
    await storage.ingest([buildLogged({ messageId: 'm' })], foldByCounting)
    expect(await eventsIn(database.file)).toBe(0)
    await storage.close()
    expect(await eventsIn(database.file)).toBe(1)
    await database.remove()
  })

  it('is whole soon after the last commit', async () => {
    const database = await sqliteDatabase({ checkpoints: { ...patient, idleMs: 20 } })
    const storage = await database.open()
    await storage.ingest([buildLogged({ messageId: 'm' })], foldByCounting)
    await expect.poll(() => eventsIn(database.file)).toBe(1)
    await database.remove()
  })
})

describe('the thread that moves the log', () => {
  let database: Awaited<ReturnType<typeof sqliteDatabase>>
  let storage: Storage
  beforeEach(async () => {
    database = await sqliteDatabase({ checkpoints: eager })
    storage = await database.open()
  })
  afterEach(() => database.remove())

  const write = (n: number) =>
    storage.ingest(
      Array.from({ length: 20 }, (_, index) => buildLogged({ messageId: `m${n}-${index}` })),
      foldByCounting,
    )
  /** What would be there if the log were lost. */
  async function withoutLog(): Promise<number> {
    const copy = `${database.file}.copy`
    await copyFile(database.file, copy)
    const db = new Database(copy)
    try {
      const { count } = db.prepare('SELECT count(*) AS count FROM dedupe_keys').get() as { count: number }
      return count
    } catch {
      // Copied while a page was being written.
      return 0
    } finally {
      db.close()
    }
  }
  async function until(holds: () => Promise<boolean> | boolean) {
    while (!(await holds())) await sleep(5)
  }

  it('brings into the database what was committed, without anyone asking', async () => {
    for (let n = 0; n < 10; n++) await write(n)
    await until(async () => (await withoutLog()) === 200)
    expect((await storage.trials.get(trialIdOfUser(workspaceId, 'user-1')))?.usage.total).toBe(200)
  })

  it('lets the log begin again from its start, so that it does not grow', async () => {
    /** How often it has begun, as its header says (https://sqlite.org/fileformat2.html#walformat). */
    const beginnings = () => readFileSync(`${database.file}-wal`).readUInt32BE(12)
    await write(0)
    const first = beginnings()
    let n = 1
    await until(async () => {
      await write(n++)
      return beginnings() >= first + 3
    })
    expect(await storage.events.count()).toBe(n * 20)
  })

  it('leaves nothing of what was erased in any file, whatever it is doing', async () => {
    const mark = 'zebra7731'
    for (let round = 0; round < 5; round++) {
      const properties = { note: mark.repeat(500) }
      for (let n = 0; n < 10; n++)
        await storage.ingest([buildLogged({ messageId: `r${round}-${n}`, properties })], foldByCounting)
      await storage.events.eraseSubject(workspaceId, 'u:user-1')
      await storage.trials.erase(trialIdOfUser(workspaceId, 'user-1'))
      await storage.scrub()
      for (const suffix of ['', '-wal'])
        expect(readFileSync(database.file + suffix).includes(mark), suffix).toBe(false)
    }
  })

  it('is waited for by close, which loses nothing', async () => {
    for (let n = 0; n < 50; n++) await write(n)
    const writing = write(50).catch((error: unknown) => error)
    await storage.close()
    const isWritten = !((await writing) instanceof Error)
    const again = await database.open()
    expect(await again.events.count()).toBe(isWritten ? 1_020 : 1_000)
    expect(await withoutLog()).toBeGreaterThan(0)
  })

  it('can be done without: then it is said so, and nothing waits for it', async () => {
    let without = 0
    const checkpoints = createCheckpoints({
      file: `${database.file}.missing/none.db`,
      moveRest: () => {
        throw new Error('nothing was moved')
      },
      onNoThread: () => without++,
      limits: eager,
    })
    checkpoints.committed(100)
    await until(() => without === 1)
    checkpoints.committed(100)
    expect(await checkpoints.alone(async () => 'done')).toBe('done')
    await checkpoints.close()
    expect(without).toBe(1)
  })
})
