import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { migrations } from '../../../server/storage/sqlite/migrations.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { buildTrial, workspaceId } from '../../support/build-trial.ts'
import { sqliteDatabase } from '../../support/storages.ts'
import { describeStorage } from './contract.ts'

/** What counting trials added. */
const withoutCounts = `
  DROP TRIGGER trials_count_insert; DROP TRIGGER trials_count_update; DROP TRIGGER trials_count_delete;
  DROP TABLE trial_counts;`

/** As bodies were before the usage had a text of its own. */
const wholeBody = "json_set(body, '$.version', version, '$.usage', json_extract(usage, '$.usage'))"

/** What that text added. */
const withoutUsage = `
  ${withoutCounts}
  UPDATE trials SET body = ${wholeBody};
  ALTER TABLE trials DROP COLUMN usage;`

/** What numbers of subjects added. */
const withoutSubjects = `
  ${withoutUsage}
  DROP TABLE event_subjects; DROP TABLE dedupe_keys; DROP TABLE subject_records; DROP TABLE former_records;
  ALTER TABLE former_event_keys RENAME TO event_keys;`

/** What the search added. */
const withoutSearch = `
  ${withoutSubjects}
  DROP TRIGGER trials_search_insert; DROP TRIGGER trials_search_update; DROP TRIGGER trials_search_delete;
  DROP TABLE trials_search; DROP TABLE search_rows;`

const note = { at: 1, by: 'Dana', text: 'Called.' }

describe('SQLite', () => describeStorage(sqliteDatabase))

describe('a SQLite file', () => {
  let database: Awaited<ReturnType<typeof sqliteDatabase>>
  beforeEach(async () => {
    database = await sqliteDatabase()
  })
  afterEach(() => database.remove())

  /** A process of its own, driven by messages. */
  function startWorker(job: 'ingest' | 'claim' | 'close') {
    const script = fileURLToPath(new URL('./sqlite-worker.ts', import.meta.url))
    return fork(script, [job, database.file], { execArgv: ['--import', 'tsx'] })
  }

  it('is migrated once by handles that open it at the same time', async () => {
    const handles = await Promise.all(Array.from({ length: 5 }, () => database.open()))
    await handles[0]!.documents.put('note', 'a', note)
    expect((await handles[4]!.documents.get('note', 'a'))?.body).toEqual(note)
  })

  it('keeps everything over a restart', async () => {
    const before = await database.open()
    const event = buildLogged({ messageId: 'a' })
    const { trials } = await before.ingest([event], foldByCounting)
    await before.documents.put('note', 'a', note)
    await before.close()
    const after = await database.open()
    expect(await after.trials.get(event.trialId)).toEqual(trials.get(event.trialId))
    expect(await after.events.ofSubject(workspaceId, event.subject, 5)).toEqual([event])
    expect([...(await after.ingest([event], foldByCounting)).duplicates]).toEqual([0])
  })

  it('of before the usage had a text of its own is read, and holds nothing twice once it was saved', async () => {
    const storage = await database.open()
    const first = buildLogged({ messageId: 'a', name: 'First Of All' })
    const { trials } = await storage.ingest([first], foldByCounting)
    await storage.close()
    const raw = new Database(database.file)
    raw.exec(`UPDATE trials SET body = ${wholeBody}, usage = NULL`)
    const after = await database.open()
    expect(await after.trials.get(first.trialId)).toEqual(trials.get(first.trialId))
    expect(await after.trials.scan(workspaceId, null, 5)).toEqual([trials.get(first.trialId)])
    const second = await after.ingest([buildLogged({ messageId: 'b' })], foldByCounting)
    const third = await after.ingest([buildLogged({ messageId: 'c' })], foldByCounting)
    const { body } = raw.prepare('SELECT body FROM trials').get() as { body: string }
    raw.close()
    expect(JSON.parse(body)).not.toHaveProperty('usage')
    const last = third.trials.get(first.trialId)!
    expect(last.version).toBe(second.trials.get(first.trialId)!.version + 1)
    expect(await (await database.open()).trials.get(first.trialId)).toEqual(last)
  })

  it('written by a newer Trialpace is refused and left alone', async () => {
    await (await database.open()).close()
    const raw = new Database(database.file)
    raw.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    raw.close()
    await expect(database.open()).rejects.toThrow(`schema version ${migrations.length + 1}`)
  })

  it('of before colleagues could be found learns who works where', async () => {
    const storage = await database.open()
    const person = { email: 'ann@eu.acme.example' as never, company: 'Acme' }
    const saved = await storage.trials.save(buildTrial({ person }))
    await storage.close()
    const raw = new Database(database.file)
    raw.exec(`${withoutSearch}
      DROP INDEX trials_domain; DROP INDEX trials_company;
      ALTER TABLE trials DROP COLUMN domain; ALTER TABLE trials DROP COLUMN company;
      PRAGMA user_version = 2`)
    raw.close()
    const after = await database.open()
    for (const key of [{ domain: 'acme.example' }, { company: 'acme' }])
      expect(await after.trials.list({ ...key, workspaceId, sort: '-createdAt', limit: 5 })).toMatchObject({
        trials: [{ id: saved?.id }],
      })
  })

  it('of before the search had an index finds everyone, and says how far it is', async () => {
    const storage = await database.open()
    const names = ['Ann Example', 'Bo \u{1f600} Łódź', 'Cy']
    for (const [index, name] of names.entries())
      await storage.trials.save(buildTrial({ userId: `user-${index}`, person: { name } }))
    await storage.close()
    const raw = new Database(database.file)
    raw.exec(`${withoutSearch} PRAGMA user_version = 3`)
    raw.close()
    const said: string[] = []
    const after = await openSqliteStorage({ file: database.file, progress: (words) => said.push(words) })
    expect(said).toContain('indexing trials for the search: 3 of 3')
    const found = async (q: string) => {
      const { trials } = await after.trials.list({ workspaceId, q, sort: 'createdAt', limit: 5 })
      return trials.map(({ person }) => person.name)
    }
    for (const q of ['example', 'n e', 'ANN']) expect(await found(q), q).toEqual(['Ann Example'])
    for (const q of ['łódź', '\u{1f600} łó', 'o \u{1f600}']) expect(await found(q), q).toEqual([names[1]])
    await after.close()
  })

  it('of before trials were counted counts them, and goes on counting whatever happens to them', async () => {
    const storage = await database.open()
    const saved: Trial[] = []
    for (const [index, segment] of (['exploring', 'exploring', 'activated', 'unaware'] as const).entries())
      saved.push((await storage.trials.save(buildTrial({ userId: `u${index}`, standing: { segment } })))!)
    await storage.close()
    const raw = new Database(database.file)
    raw.exec(`${withoutCounts} PRAGMA user_version = 6`)
    const after = await database.open()
    const counted = () => after.trials.countBySegment(workspaceId)
    expect(await counted()).toMatchObject({ exploring: 2, activated: 1, unaware: 1 })
    const [first, second, third] = saved as [Trial, Trial, Trial]
    await after.trials.save({ ...first, standing: { ...first.standing, segment: 'activated' } })
    await after.trials.save({ ...first, standing: { ...first.standing, segment: 'unaware' } })
    await after.trials.erase(second.id)
    await after.trials.save({ ...third, clock: { ...third.clock, status: 'anonymous' } })
    const rows = raw.prepare(
      'SELECT segment, pace, status, count(*) AS count FROM trials GROUP BY workspace_id, segment, pace, status',
    )
    const counts = raw.prepare('SELECT segment, pace, status, count FROM trial_counts WHERE count <> 0')
    expect(counts.all()).toEqual(rows.all())
    const list = (segment: 'exploring' | 'activated', sort: 'score' | 'endsAt') =>
      after.trials.list({ workspaceId, segment, sort, limit: 5 })
    expect(await list('exploring', 'score')).toEqual({ trials: [], cursor: null })
    expect((await list('activated', 'endsAt')).trials.map(({ userId }) => userId)).toContain('u0')
    raw.close()
  })

  it('keeps nothing of an erased person in the index of the search, whatever their names were', async () => {
    const storage = await database.open()
    const saved = (await storage.trials.save(buildTrial({ userId: 'qzxjkvw', person: { name: 'Bqcxzvj' } })))!
    const other = (await storage.trials.save(
      buildTrial({ userId: 'vwzqjx', person: { name: 'Jjqzzx', email: null } }),
    ))!
    const renamed = async (trial: Trial, name: string) =>
      (await storage.trials.save({ ...trial, person: { ...trial.person, name } }))!
    let last = await renamed(saved, 'Xqvbnz')
    for (let n = 0; n < 12; n++) last = await renamed(last, `Wkqzy${n}`)
    expect((await storage.trials.list({ workspaceId, q: 'kqzy', sort: 'score', limit: 5 })).trials).toEqual([
      last,
    ])
    expect((await storage.trials.list({ workspaceId, q: 'xqvb', sort: 'score', limit: 5 })).trials).toEqual(
      [],
    )
    await storage.trials.erase(saved.id)
    await renamed(other, 'Plain')
    await storage.scrub()
    const raw = new Database(database.file)
    raw.exec("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'trials_search', 'row')")
    const terms = (raw.prepare('SELECT term FROM temp.terms').all() as { term: string }[]).map(
      ({ term }) => term,
    )
    const rows = raw.prepare('SELECT DISTINCT trial_id FROM search_rows').all() as { trial_id: string }[]
    raw.close()
    expect(terms).toContain('vwz')
    expect(terms).toContain('pla')
    for (const gone of ['qzx', 'xjk', 'bqc', 'zvj', 'xqv', 'bnz', 'wkq', 'zy1'])
      expect(terms, gone).not.toContain(gone)
    expect(rows.map(({ trial_id }) => trial_id)).toEqual([other.id])
    const bytes = await readFile(database.file)
    for (const gone of ['qzx', 'bqc', 'xqv', 'wkq']) expect(bytes.includes(gone), gone).toBe(false)
  })

  it('reads lists by the index of their order', async () => {
    await (await database.open()).close()
    const raw = new Database(database.file)
    for (const [name, key] of [
      ['ends', 'ends_at'],
      ['score', 'score'],
      ['created', 'created_at'],
    ]) {
      const plan = raw
        .prepare(
          `EXPLAIN QUERY PLAN SELECT id FROM trials INDEXED BY trials_${name} WHERE workspace_id = ?
           AND status <> 'anonymous' AND segment = ? AND pace = ? ORDER BY ${key} DESC, id DESC LIMIT ?`,
        )
        .all('w', 'aware', 'slow', 5)
      expect(JSON.stringify(plan)).toContain(`COVERING INDEX trials_${name}`)
      expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE')
    }
    raw.close()
  })

  it('finds colleagues by an index, in order', async () => {
    await (await database.open()).close()
    const raw = new Database(database.file)
    for (const key of ['domain', 'company']) {
      const plan = raw
        .prepare(
          `EXPLAIN QUERY PLAN SELECT body FROM trials WHERE workspace_id = ? AND status <> 'anonymous' AND ${key} = ?
           ORDER BY created_at DESC, id DESC LIMIT ?`,
        )
        .all('w', 'acme', 5)
      expect(JSON.stringify(plan)).toContain(`trials_${key}`)
      expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE')
    }
    raw.close()
  })

  it('that another process is writing to is waited for, and given up on in the end', async () => {
    const storage = await database.open()
    const raw = new Database(database.file)
    raw.exec('BEGIN IMMEDIATE')
    const saving = storage.trials.save(buildTrial())
    await new Promise((resolve) => setTimeout(resolve, 150))
    raw.exec('COMMIT')
    expect((await saving)?.version).toBe(1)
    raw.exec('BEGIN IMMEDIATE')
    await expect(storage.documents.put('note', 'a', note)).rejects.toMatchObject({
      name: 'StorageUnavailable',
    })
    raw.exec('ROLLBACK')
    raw.close()
    expect(await storage.documents.put('note', 'a', note)).toBe(1)
  })

  it('answers with StorageUnavailable once it is closed', async () => {
    const storage = await database.open()
    await storage.close()
    await expect(storage.ping()).rejects.toMatchObject({ name: 'StorageUnavailable' })
  })

  it('frees a lease when the clock is set back by more than it', async () => {
    let now = 10_000_000
    const storage = await openSqliteStorage({ file: ':memory:', now: () => now })
    const { id } = (await storage.trials.save(buildTrial()))!
    await storage.trials.claim(id, { owner: 'w', leaseMs: 1000 })
    now -= 999
    expect(await storage.trials.claim(id, { owner: 'v', leaseMs: 1000 })).toBeNull()
    now -= 1
    expect(await storage.trials.claim(id, { owner: 'v', leaseMs: 1000 })).not.toBeNull()
    await storage.close()
  })

  it('undoes the log too when folding fails', async () => {
    const storage = await database.open()
    const event = buildLogged({ messageId: 'a' })
    const failing = storage.ingest([event], () => {
      throw new Error('fold failed')
    })
    await expect(failing).rejects.toThrow('fold failed')
    expect(await storage.events.count()).toBe(0)
    expect((await storage.ingest([event], foldByCounting)).duplicates.size).toBe(0)
  })

  it('leases each trial to one of three processes', async () => {
    const storage = await database.open()
    for (let index = 0; index < 90; index++)
      await storage.trials.save(buildTrial({ userId: `u${index}`, nextAt: index }))
    const claims = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const worker = startWorker('claim')
        const [claimed] = (await once(worker, 'message')) as [string[]]
        await once(worker, 'exit')
        return claimed
      }),
    )
    expect(claims.flat()).toHaveLength(90)
    expect(new Set(claims.flat()).size).toBe(90)
  })

  it('is closed to the end even when nothing else keeps the process', async () => {
    const [code] = await once(startWorker('close'), 'exit')
    expect(code).toBe(7)
    expect(await (await database.open()).events.count()).toBe(20)
  })

  it('has folded exactly the logged events after a process was killed in the middle of writing', async () => {
    const acknowledged: string[] = []
    for (let kill = 0; kill < 3; kill++) {
      const worker = startWorker('ingest')
      const killed = once(worker, 'exit')
      await new Promise<void>((resolve) => {
        worker.on('message', (messageIds: string[]) => {
          acknowledged.push(...messageIds)
          if (acknowledged.length >= (kill + 1) * 200) resolve()
        })
      })
      worker.kill('SIGKILL')
      await killed
    }
    const storage = await database.open()
    const trial = await storage.trials.get(trialIdOfUser(workspaceId, 'user-1'))
    expect(trial?.usage.total).toBe(await storage.events.count())
    expect(new Set(trial?.absorbed).size).toBe(trial?.absorbed.length)
    expect(acknowledged.filter((id) => !trial?.absorbed.includes(id))).toEqual([])
  })
})
