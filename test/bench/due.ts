import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Database from 'libsql'
import type { Storage } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { buildTrial, someTime } from '../support/build-trial.ts'
import { type BenchReport, medianOf, medianRow, metAtMost } from './report.ts'

const trials = 1_000_000
const rounds = 15
const dueAtOnce = 100
const leaseMs = 600_000
/** Nothing is due before this. */
const quietUntil = someTime
/** From one due moment to the next. */
const apartMs = 1000

/** The due loop’s questions to the embedded database with a million trials in it, beside reading them all. */
export async function run(): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-due-'))
  const file = join(folder, 'trialpace.db')
  await (await openSqliteStorage({ file })).close()
  load(file)
  const storage = await openSqliteStorage({ file })
  try {
    const measured = { ...(await measure(storage)), all: readAll(file) }
    return {
      bench: 'due',
      rounds,
      rows: [
        medianRow('none due', measured.none, 'ms'),
        medianRow('100 due, read and passed over', measured.passedOver, 'ms'),
        medianRow('100 due, claimed', measured.claimed, 'ms'),
        medianRow('when next', measured.next, 'ms'),
        medianRow('the same question without its index', measured.all, 'ms'),
      ],
      checks: [
        metAtMost('none due, ms', medianOf(measured.none), 1),
        metAtMost('100 due, ms', medianOf(measured.passedOver), 2),
        metAtMost('claim 100, ms', medianOf(measured.claimed), 10),
      ],
    }
  } finally {
    await storage.close()
    await rm(folder, { recursive: true })
  }
}

/**
 * By one statement. Trials that become due here are real ones; the others have no body, and the indexes of the lists
 * are left out: no due scan reads them.
 */
function load(file: string): void {
  const db = new Database(file)
  const { body, ...trial } = {
    ...buildTrial({ version: 1 }),
    body: JSON.stringify(buildTrial({ version: 1 })),
  }
  for (const list of ['segment', 'email', 'ends', 'score', 'created', 'seen'])
    db.exec(`DROP INDEX trials_${list}`)
  db.exec('PRAGMA synchronous = OFF')
  db.prepare(`
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
    INSERT INTO trials (id, workspace_id, version, next_at, last_seen_at, last_seen_hour, segment, pace, status,
      ends_at, score, created_at, search, body)
    SELECT printf('%s:u:%07d', ?, n * 7919 % ?), ?, 1, ? + n * ?, 0, 0, 'unaware', 'not_started', 'trialing',
      ?, 0, ?, '', CASE WHEN n < ? THEN json_set(?, '$.id', printf('%s:u:%07d', ?, n * 7919 % ?)) ELSE '{}' END
    FROM numbers`).run([
    trials,
    trial.workspaceId,
    trials,
    trial.workspaceId,
    quietUntil,
    apartMs,
    trial.clock.endsAt ?? 0,
    trial.createdAt,
    (rounds + 1) * dueAtOnce,
    body,
    trial.workspaceId,
    trials,
  ])
  db.close()
}

async function measure(storage: Storage) {
  const none: number[] = []
  const passedOver: number[] = []
  const claimed: number[] = []
  const next: number[] = []
  const claim = (now: number) => storage.trials.claimDue({ owner: 'bench', now, limit: dueAtOnce, leaseMs })
  for (let round = 0; round < rounds; round++) {
    const from = quietUntil + round * dueAtOnce * apartMs
    const until = from + (dueAtOnce - 1) * apartMs
    none.push((await timed(() => claim(from - 1), 0)).ms)
    const { ms, found } = await timed(() => claim(until), dueAtOnce)
    claimed.push(ms)
    passedOver.push((await timed(() => claim(until), 0)).ms)
    const startedAt = performance.now()
    await storage.trials.nextDueAt()
    next.push(performance.now() - startedAt)
    // As the due loop does: nothing of this round is due in the next one.
    for (const { trial, fence } of found) {
      await storage.trials.save({ ...trial, nextAt: until + trials * apartMs }, fence)
      await storage.trials.release(trial.id, fence)
    }
  }
  return { none, passedOver, claimed, next }
}

async function timed<T>(work: () => Promise<T[]>, expected: number): Promise<{ ms: number; found: T[] }> {
  const startedAt = performance.now()
  const found = await work()
  const ms = performance.now() - startedAt
  if (found.length !== expected) throw new Error(`found ${found.length} trials instead of ${expected}`)
  return { ms, found }
}

/** What finding the due ones costs where every trial has to be looked at. */
function readAll(file: string): number[] {
  const db = new Database(file)
  const count = db.prepare('SELECT count(*) AS due FROM trials NOT INDEXED WHERE next_at <= ?')
  const times = Array.from({ length: 3 }, () => {
    const startedAt = performance.now()
    count.get([quietUntil])
    return performance.now() - startedAt
  })
  db.close()
  return times
}
