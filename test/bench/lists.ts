import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Storage, TrialQuery } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../support/build-event.ts'
import { type BenchReport, medianOf, medianRow, metAtMost } from './report.ts'
import { seedPeople, userIdOf } from './seed-people.ts'

/**
 * The dashboard’s list over very many people in SQLite: in order, filtered, searched, counted. And what collecting
 * notices of a person who searches without a pause, in turns with quiet rounds.
 */

const workspaceId = 'bench' as WorkspaceId
const questions = 40
const rounds = 7
const batches = 150
const eventsPerBatch = 20
const mostMs = 100
const mostRatio = 1.1

export async function run({ people: asked = '1000000' }: { people?: string } = {}): Promise<BenchReport> {
  const people = Number(asked)
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-bench-'))
  const file = join(folder, 'trialpace.db')
  await (await openSqliteStorage({ file })).close()
  await seedPeople(file, workspaceId, people)
  const storage = await openSqliteStorage({ file })
  try {
    const measured: { name: string; ms: number[] }[] = []
    for (const [name, ask] of Object.entries(asks(storage, people)))
      measured.push({ name, ms: await timesOf(ask) })
    const { quiet, beside } = await collectBeside(storage, people)
    const p95 = (ms: readonly number[]) => quantile(ms, 0.95)
    return {
      bench: 'lists',
      rounds: questions,
      rows: [
        ...measured.map(({ name, ms }) => ({
          name: `${name}, p95`,
          value: p95(ms),
          unit: 'ms',
          min: Math.min(...ms),
          max: Math.max(...ms),
        })),
        medianRow('20 events, nothing else, p99', quiet, 'ms'),
        medianRow('20 events beside a loop of searches, p99', beside, 'ms'),
      ],
      checks: [
        ...measured.map(({ name, ms }) => metAtMost(`${name}, ms p95`, p95(ms), mostMs)),
        metAtMost(
          'collect p99 beside searches / quiet',
          medianOf(beside.map((ms, round) => ms / (quiet[round] as number))),
          mostRatio,
        ),
      ],
    }
  } finally {
    await storage.close()
    await rm(folder, { recursive: true })
  }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] as number

function asks(storage: Storage, people: number): Record<string, (n: number) => Promise<unknown>> {
  const list = (query: Partial<TrialQuery>) =>
    storage.trials.list({ workspaceId, sort: '-lastSeenAt', limit: 50, ...query })
  return {
    'list by last seen': () => list({}),
    'list by score': () => list({ sort: '-score' }),
    'list by segment': () => list({ segment: 'activated', sort: 'endsAt' }),
    'list by a pace no one has': () => list({ pace: 'ahead', segment: 'unaware', sort: '-score' }),
    'search for one person': (n) => list({ q: userIdOf((n * 7919) % people) }),
    'search for a company': (n) => list({ q: `northwind ${1000 + n}` }),
    'search for what many have': () => list({ q: 'okafor' }),
    'search for what no one has': (n) => list({ q: `no-one-${n}` }),
    'search for two letters': () => list({ q: 'da' }),
    'count by segment': () => storage.trials.countBySegment(workspaceId),
  }
}

async function timesOf(ask: (n: number) => Promise<unknown>): Promise<number[]> {
  await ask(0)
  const ms: number[] = []
  for (let n = 0; n < questions; n++) {
    const startedAt = performance.now()
    await ask(n)
    ms.push(performance.now() - startedAt)
  }
  return ms
}

/** In turns someone who is there, a company, and no one. */
const soughtBy = (n: number, people: number): string =>
  [userIdOf((n * 7919) % people), `northwind ${n % 9973}`, `no-one-${n}`][n % 3] as string

async function collectBeside(storage: Storage, people: number) {
  const quiet: number[] = []
  const beside: number[] = []
  for (let round = 0; round < rounds; round++) {
    quiet.push(await collectP99(storage, people, round))
    let isOver = false
    const searching = (async () => {
      for (let n = 0; !isOver; n++)
        await storage.trials.list({ workspaceId, sort: '-lastSeenAt', limit: 50, q: soughtBy(n, people) })
    })()
    beside.push(await collectP99(storage, people, rounds + round))
    isOver = true
    await searching
  }
  return { quiet, beside }
}

async function collectP99(storage: Storage, people: number, round: number): Promise<number> {
  const ms: number[] = []
  for (let batch = 0; batch < batches; batch++) {
    const userId = userIdOf((batch * 104_729 + round) % people)
    const events = Array.from({ length: eventsPerBatch }, (_, n) =>
      buildLogged(
        { messageId: `${round}-${batch}-${n}` },
        { workspaceId, userId, trialId: trialIdOfUser(workspaceId, userId) },
      ),
    )
    const startedAt = performance.now()
    await storage.ingest(events, foldByCounting)
    ms.push(performance.now() - startedAt)
    await pause(4)
  }
  return quantile(ms, 0.99)
}
