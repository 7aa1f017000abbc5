import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScheduledBackups } from '../../../server/compose/scheduled-backups.ts'
import { backupName, backupsIn, deleteOldBackups } from '../../../server/storage/backup-files.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { someTime } from '../../support/build-trial.ts'
import { buildCli, lastJson, runCli } from '../../support/built-cli.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

const outdir = '.cache/test-backup'
const encryptionKey = Buffer.alloc(32, 7).toString('base64')

let api: ServedApi
let folder: string
beforeAll(async () => {
  await buildCli(outdir, ['server/cli.ts'])
  api = await serveApi(someTime, { env: { TRIALPACE_ENCRYPTION_KEY: encryptionKey } })
  folder = await mkdtemp(join(tmpdir(), 'trialpace-backup-'))
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

const run = (dataDir: string, args: string[], env: Record<string, string> = {}) =>
  runCli(outdir, args, { TRIALPACE_DATA_DIR: dataDir, TRIALPACE_ENCRYPTION_KEY: encryptionKey, ...env })

const track = async (userId: string) => {
  const response = await fetch(`http://127.0.0.1:${api.server.port}/v1/track`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${secretKey}:`)}` },
    body: JSON.stringify({ userId, event: 'Login' }),
  })
  expect(response.status).toBe(200)
}

async function peopleIn(file: string, userIds: readonly string[]): Promise<string[]> {
  const copy = join(folder, `read-${Math.random()}.db`)
  await copyFile(file, copy)
  const storage = await openSqliteStorage({ file: copy })
  try {
    const [workspace] = api.server.services.workspaces.all()
    const found: string[] = []
    for (const userId of userIds)
      if (await storage.trials.get(trialIdOfUser(workspace!.id, userId))) found.push(userId)
    return found
  } finally {
    await storage.close()
  }
}

/** Another process has the file open; within one, the driver may keep it open after its end. */
async function openElsewhere(file: string): Promise<() => Promise<void>> {
  const script = `const db = new (require('libsql'))(process.argv[1])
    db.exec('PRAGMA journal_mode = WAL')
    db.prepare('SELECT count(*) FROM trials').get()
    console.log('open')
    process.stdin.resume().on('end', () => process.exit())`
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return async () => {
    child.stdin.end()
    await ended
  }
}

/** A backup, and who was acknowledged before it began. */
async function backupUnderLoad(name: string): Promise<{ file: string; before: string[] }> {
  const acknowledged: string[] = []
  let isOver = false
  const load = Array.from({ length: 4 }, async (_, lane) => {
    for (let n = 0; !isOver; n++) {
      const userId = `${name}-${lane}-${n}`
      await track(userId)
      acknowledged.push(userId)
    }
  })
  while (acknowledged.length < 100) await track('someone')
  const before = [...acknowledged]
  const file = join(folder, `${name}.db`)
  const { code, stderr } = await run(api.dataDir, ['backup', file])
  isOver = true
  await Promise.all(load)
  expect(stderr).toContain('The key is not in it')
  expect(code).toBe(0)
  return { file, before }
}

describe('a backup', () => {
  it('taken while events arrive has all that was acknowledged before', async () => {
    const { file, before } = await backupUnderLoad('busy')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await peopleIn(file, before)).toEqual(before)
    expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([])
  })

  it('replaces nothing, and says what is missing', async () => {
    const there = join(folder, 'there.db')
    await writeFile(there, 'mine')
    const [taken, nowhere, mongo, keep] = await Promise.all([
      run(api.dataDir, ['backup', there]),
      run(join(folder, 'none'), ['backup', join(folder, 'x.db')]),
      run(api.dataDir, ['backup', folder], { MONGODB_URI: 'mongodb://127.0.0.1/x' }),
      run(api.dataDir, ['backup', folder, '--keep', 'all']),
    ])
    expect([taken.code, nowhere.code, mongo.code, keep.code]).toEqual([1, 1, 2, 2])
    expect(taken.stderr).toContain('is there already')
    expect(nowhere.stderr).toContain('There is no database')
    expect(mongo.stderr).toContain('mongodump')
    expect(await readFile(there, 'utf8')).toBe('mine')
  })

  it('goes into a folder under its time, and old ones go', async () => {
    const home = join(folder, 'many')
    await mkdir(home)
    for (const day of [1, 2, 3]) await writeFile(join(home, backupName(someTime - day * dayMs)), '')
    await writeFile(join(home, 'notes.txt'), 'kept')
    const { stdout, code } = await run(api.dataDir, ['backup', home, '--keep', '2', '--json'])
    expect(code).toBe(0)
    expect(lastJson(stdout)).toMatchObject({ deleted: 2 })
    expect((await readdir(home)).sort()).toContain('notes.txt')
    expect(backupsIn(home).map(({ takenAt }) => takenAt)[1]).toBe(someTime - dayMs)
  })
})

describe('a restored backup', () => {
  const home = () => mkdtemp(join(folder, 'home-'))
  const doctor = async (dataDir: string) => {
    const { stdout } = await run(dataDir, ['doctor', '--json'])
    const { findings } = lastJson(stdout) as { findings: { check: string; state: string }[] }
    return findings.find(({ check }) => check === 'Home of the data')?.state
  }

  it('is whole elsewhere, and sends nothing before that is confirmed', async () => {
    const { file, before } = await backupUnderLoad('moved')
    const dataDir = await home()
    const { code, stdout, stderr } = await run(dataDir, ['restore', file])
    expect([code, stderr]).toEqual([0, expect.stringContaining('No email is sent until')])
    expect(stdout).toContain('Restored')
    expect(await peopleIn(join(dataDir, 'trialpace.db'), before)).toEqual(before)
    expect(await doctor(dataDir)).toBe('wrong')
    expect((await run(dataDir, ['doctor', '--confirm-instance'])).code).toBe(0)
    expect(await doctor(dataDir)).toBe('ok')
  })

  it('takes the place of another only when told, which is put aside, and not while it is in use', async () => {
    const { file } = await backupUnderLoad('other')
    const dataDir = await home()
    expect((await run(dataDir, ['restore', file])).code).toBe(0)
    const refused = await run(dataDir, ['restore', file])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--replace')])
    const letGo = await openElsewhere(join(dataDir, 'trialpace.db'))
    const inUse = await run(dataDir, ['restore', file, '--replace'])
    await letGo()
    expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringContaining('Stop the server')])
    const replaced = await run(dataDir, ['restore', file, '--replace'])
    expect([replaced.code, replaced.stderr]).toEqual([0, expect.stringContaining('No email')])
    const aside = (await readdir(dataDir)).filter((name) => name.includes('.before-'))
    expect(aside).toHaveLength(1)
    expect(await doctor(dataDir)).toBe('wrong')
  })

  it('is refused with another key, without one, and when it is not whole', async () => {
    const { file } = await backupUnderLoad('strict')
    const dataDir = await home()
    const key = (word: string) => ({ TRIALPACE_ENCRYPTION_KEY: word })
    const damaged = join(folder, 'damaged.db')
    const bytes = await readFile(file)
    bytes.fill(0x5a, 8192, 16_384)
    await writeFile(damaged, bytes)
    const [other, none, broken, text] = await Promise.all([
      run(dataDir, ['restore', file], key(Buffer.alloc(32, 8).toString('base64'))),
      run(dataDir, ['restore', file], key('')),
      run(dataDir, ['restore', damaged]),
      run(dataDir, ['restore', join(folder, 'there.db')]),
    ])
    expect([other.code, none.code, broken.code, text.code]).toEqual([1, 1, 1, 1])
    expect(other.stderr).toContain('not the one of the backup')
    expect(none.stderr).toContain('without its key')
    expect(broken.stderr).toContain('damaged')
    expect(text.stderr).toContain('no database of Trialpace')
    expect(await readdir(dataDir)).toEqual([])
  })

  it('takes its key along when it is named', async () => {
    const { file } = await backupUnderLoad('keyed')
    const dataDir = await home()
    const keyFile = join(folder, 'kept.key')
    await writeFile(keyFile, `${encryptionKey}\n`)
    const { code } = await run(dataDir, ['restore', file, '--key', keyFile], { TRIALPACE_ENCRYPTION_KEY: '' })
    expect(code).toBe(0)
    expect((await stat(join(dataDir, 'encryption.key'))).mode & 0o777).toBe(0o600)
    expect((await run(dataDir, ['keys', 'list'], { TRIALPACE_ENCRYPTION_KEY: '' })).code).toBe(0)
  })
})

describe('an upgrade', () => {
  /** As an earlier version left it: the last step creates only what may be there. */
  async function earlier(): Promise<{ dataDir: string; version: () => number }> {
    const dataDir = await mkdtemp(join(folder, 'earlier-'))
    const file = join(dataDir, 'trialpace.db')
    await (await openSqliteStorage({ file })).close()
    const withFile = <T>(work: (db: Database.Database) => T): T => {
      const db = new Database(file)
      try {
        return work(db)
      } finally {
        db.close()
      }
    }
    const version = () =>
      withFile((db) => (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version)
    const known = version()
    withFile((db) => db.exec(`PRAGMA user_version = ${known - 1}`))
    return { dataDir, version }
  }

  it('is tried on a copy, and neither that nor doctor changes the database', async () => {
    const { dataDir, version } = await earlier()
    const before = version()
    const { code, stdout, stderr } = await run(dataDir, ['upgrade', '--check'])
    expect([code, stdout]).toEqual([3, expect.stringContaining('1 step from schema')])
    expect(stderr).toContain('trialpace backup')
    const doctor = await run(dataDir, ['doctor'])
    expect(doctor.stdout).toContain('written by an earlier version')
    expect(version()).toBe(before)
    expect((await readdir(dataDir)).filter((name) => name.includes('rehearsal'))).toEqual([])
  })

  it('has nothing to do where the schema is this one', async () => {
    const { code, stdout } = await run(api.dataDir, ['upgrade', '--check'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing to do')])
    expect((await run(api.dataDir, ['upgrade'])).code).toBe(2)
  })
})

describe('daily backups', () => {
  const never = new AbortController().signal
  const log = pino({ level: 'silent' })

  it('are taken once a day, and as many are kept as wanted', async () => {
    const backupDir = join(folder, 'daily')
    let now = someTime
    const step = createScheduledBackups({ dataDir: api.dataDir, backupDir, backupKeep: 2 }, () => now, log)
    const times = () => backupsIn(backupDir).map(({ takenAt }) => takenAt - someTime)
    await step?.(never)
    expect(times()).toEqual([0])
    now += 12 * hourMs
    await step?.(never)
    expect(times()).toEqual([0])
    now = someTime + dayMs
    await step?.(never)
    now += dayMs
    await step?.(never)
    expect(times()).toEqual([2 * dayMs, dayMs])
    expect((await stat(backupDir)).mode & 0o777).toBe(0o700)
  })

  it('that fail leave nothing behind, and the next one is tried', async () => {
    const backupDir = join(folder, 'failing')
    const dataDir = await mkdtemp(join(folder, 'no-database-'))
    await writeFile(join(dataDir, 'trialpace.db'), 'not a database')
    const step = createScheduledBackups({ dataDir, backupDir, backupKeep: 2 }, () => someTime, log)
    await expect(step?.(never)).rejects.toThrow()
    expect(await readdir(backupDir)).toEqual([])
  })

  it('are none where no folder is named', () => {
    expect(createScheduledBackups({ dataDir: 'x', backupDir: null, backupKeep: 2 }, Date.now, log)).toBeNull()
  })
})

describe('names of backups', () => {
  it('sort by time and are told from other files', async () => {
    const home = await mkdtemp(join(folder, 'names-'))
    expect(backupName(Date.UTC(2026, 10, 27, 23, 5, 9))).toBe('trialpace-20261127T230509Z.db')
    for (const name of [
      'trialpace-20261399T000000Z.db',
      'trialpace.db',
      'trialpace-20261127T230509Z.db.1.part',
    ])
      await writeFile(join(home, name), '')
    expect(backupsIn(home)).toEqual([])
    expect(backupsIn(join(home, 'none'))).toEqual([])
    expect(deleteOldBackups(home, 1)).toBe(0)
  })
})
