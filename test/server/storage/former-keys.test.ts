import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventKey } from '../../../server/storage/logged-event.ts'
import { packEvents } from '../../../server/storage/sqlite/event-record.ts'
import { migrations } from '../../../server/storage/sqlite/migrations.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { someTime, workspaceId } from '../../support/build-trial.ts'
import { sqliteDatabase } from '../../support/storages.ts'

/** Steps that were there before subjects had numbers. */
const formerVersion = 4
const perRecord = 15

const events = Array.from({ length: 300 }, (_, index) =>
  buildLogged(
    {
      messageId: index % 2 ? `m${index}` : `0197a3b2-1c00-7000-8000-${String(index).padStart(12, '0')}`,
      at: someTime + index,
      receivedAt: someTime + index,
    },
    { workspaceId, userId: `user-${index % 3}` },
  ),
)
const of = (user: number) => events.filter((_, index) => index % 3 === user)

describe('a SQLite file of before subjects had numbers', () => {
  let database: Awaited<ReturnType<typeof sqliteDatabase>>
  beforeEach(async () => {
    database = await sqliteDatabase()
    const raw = new Database(database.file)
    raw.exec('PRAGMA journal_mode = WAL')
    for (const step of migrations.slice(0, formerVersion))
      typeof step === 'string' ? raw.exec(step) : step(raw, () => {})
    const addRecord = raw.prepare('INSERT INTO event_records (id, received_at, body) VALUES (?, ?, ?)')
    const addKey = raw.prepare('INSERT INTO event_keys (key, record) VALUES (?, ?)')
    for (let id = 1; (id - 1) * perRecord < events.length; id++) {
      const some = events.slice((id - 1) * perRecord, id * perRecord)
      const { receivedAt, body } = packEvents(some)
      addRecord.run([id, receivedAt, body])
      for (const event of some) addKey.run([eventKey(event), id])
    }
    raw.exec(`PRAGMA user_version = ${formerVersion}`)
    raw.close()
  })
  afterEach(() => database.remove())

  const ask = (sql: string): number => {
    const raw = new Database(database.file)
    const { count } = raw.prepare(sql).get() as { count: number }
    raw.close()
    return count
  }
  const left = () => ask('SELECT count(*) AS count FROM former_event_keys')
  const allMoved = () => vi.waitFor(() => expect(left()).toBe(0), { timeout: 20_000 })

  it('knows every event again, before it was moved and after', async () => {
    const storage = await database.open()
    const fresh = buildLogged({ messageId: 'fresh' }, { workspaceId, userId: 'user-0' })
    const first = await storage.ingest([...events, fresh], foldByCounting)
    expect(left()).toBeGreaterThan(0)
    expect([...first.duplicates]).toHaveLength(events.length)
    expect(await storage.events.count()).toBe(events.length + 1)
    await allMoved()
    const second = await storage.ingest([...events, fresh], foldByCounting)
    expect(second.duplicates.size).toBe(events.length + 1)
    expect(await storage.events.count()).toBe(events.length + 1)
    for (const user of [1, 2])
      expect(await storage.events.ofSubject(workspaceId, `u:user-${user}`, 500)).toEqual(of(user))
  })

  it('goes on where it was closed', async () => {
    const handle = await database.open()
    await vi.waitFor(() => expect(left()).toBeLessThan(events.length), { timeout: 20_000 })
    await handle.close()
    const moved = ask('SELECT count(*) AS count FROM dedupe_keys')
    expect(moved + left()).toBe(events.length)
    const storage = await database.open()
    await allMoved()
    expect(ask('SELECT count(*) AS count FROM dedupe_keys')).toBe(events.length)
    expect((await storage.ingest(events, foldByCounting)).duplicates.size).toBe(events.length)
  })

  it('is moved by two processes at once, each key once', async () => {
    const [storage] = await Promise.all([database.open(), database.open()])
    await allMoved()
    expect(await storage.events.count()).toBe(events.length)
    expect((await storage.ingest(events, foldByCounting)).duplicates.size).toBe(events.length)
  })

  it('gives the timeline and forgets a subject while some of it is moved', async () => {
    const storage = await database.open()
    const fresh = buildLogged({ messageId: 'fresh', at: someTime + 999 }, { workspaceId, userId: 'user-1' })
    await storage.ingest([fresh], foldByCounting)
    expect(left()).toBeGreaterThan(0)
    expect(await storage.events.ofSubject(workspaceId, 'u:user-1', 500)).toEqual([...of(1), fresh])
    expect(await storage.events.eraseSubject(workspaceId, 'u:user-1')).toBe(of(1).length + 1)
    expect(await storage.events.purge(someTime + 30)).toBe(20)
    await allMoved()
    expect(await storage.events.ofSubject(workspaceId, 'u:user-1', 500)).toEqual([])
    expect(await storage.events.count()).toBe(180)
    expect(ask("SELECT count(*) AS count FROM event_subjects WHERE name LIKE '%user-1'")).toBe(0)
    const again = await storage.ingest(events, foldByCounting)
    expect(again.duplicates.size).toBe(180)
  })
})
