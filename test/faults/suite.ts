import { runAcknowledged } from './acknowledged.ts'
import { type Context, createContext } from './context.ts'
import { type FleetReport, fleetSizes, runFleet } from './fleet.ts'
import { killPlan, runKills } from './kills.ts'
import { addVerdict, emptyVerdict, type Verdict } from './observer.ts'
import { type EngineName, type MutantName, mutantNames } from './protocol.ts'
import { runPauses, runRaces } from './races.ts'
import { runSmtpFaults } from './smtp-faults.ts'
import { createWorkers, type Workers } from './worker-process.ts'

export interface StorageReport {
  kills: number
  lost: number
  duplicates: number
  copiesMax: number
  wrong: number
  races: number
  /** Events that were acknowledged under kills; each was counted exactly once, or `lost`/`duplicates` say how many not. */
  acknowledged: number
}

export interface SuiteReport {
  mode: 'quick' | 'full'
  storage: { sqlite: StorageReport | null; mongodb: StorageReport | null }
  mutants: { name: MutantName; caught: boolean }[]
  /** Several processes at once under load, see fleet.ts; on the embedded database one. */
  fleet: { sqlite: FleetReport | null; mongodb: FleetReport | null }
}

interface Size {
  readonly kills: number
  readonly races: number
  readonly ingestKills: number
  readonly ingestBatches: number
}

const sizes: Record<'quick' | 'full', Record<EngineName, Size>> = {
  quick: {
    sqlite: { kills: 72, races: 200, ingestKills: 8, ingestBatches: 12 },
    mongodb: { kills: 18, races: 60, ingestKills: 3, ingestBatches: 6 },
  },
  full: {
    sqlite: { kills: 1000, races: 2000, ingestKills: 100, ingestBatches: 400 },
    mongodb: { kills: 500, races: 1000, ingestKills: 50, ingestBatches: 100 },
  },
}

export interface SuiteOptions {
  /** Where the project is, built. */
  readonly root: string
  readonly mode: 'quick' | 'full'
  readonly workerFile: string
  /** Whether to run on SQLite. */
  readonly onSqlite: boolean
  readonly mongodbUri: string | null
  say(line: string): void
}

async function timed<T extends Verdict>(
  name: string,
  { say }: SuiteOptions,
  scenario: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  const verdict = await scenario()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const state = verdict.findings.length === 0 ? 'ok' : `${verdict.findings.length} findings`
  say(`${name}: ${state}, ${seconds} s`)
  for (const finding of verdict.findings.slice(0, 20)) say(`  ${finding}`)
  return verdict
}

async function runStorage(context: Context, options: SuiteOptions): Promise<StorageReport & Verdict> {
  const size = sizes[options.mode][context.engine]
  const label = (name: string) => `${context.engine}: ${name}`
  const kills = await timed(label(`${size.kills} kills`), options, () =>
    runKills(context, killPlan(size.kills)),
  )
  const smtp = await timed(label('mail server faults'), options, () =>
    runSmtpFaults(context, { early: true }),
  )
  const races = await timed(label(`${size.races} races`), options, () => runRaces(context, size.races))
  const pauses = await timed(label('paused worker'), options, () =>
    runPauses(context, ['after-prepared', 'before-gate', 'after-gate']),
  )
  const events = await timed(label(`${size.ingestKills} kills during ingest`), options, () =>
    runAcknowledged(context, { kills: size.ingestKills, batches: size.ingestBatches }),
  )
  const sum = emptyVerdict()
  for (const part of [kills, smtp, races, pauses, events]) addVerdict(sum, part)
  return { ...sum, kills: kills.kills + events.kills, races: races.races, acknowledged: events.acknowledged }
}

/** The scenario that shows each flaw soonest. */
const unmask: Record<MutantName, (context: Context) => Promise<Verdict>> = {
  'mark-after-send': (context) =>
    runKills(context, [
      { point: 'dot', kind: 'upgrade_now' },
      { point: 'after-answer', kind: 'ended_survey' },
    ]),
  'mark-before-send': (context) =>
    runKills(context, [
      { point: 'after-prepared', kind: 'expiring_passive' },
      { point: 'before-gate', kind: 'ended_survey' },
    ]),
  'no-gate-recheck': (context) => runRaces(context, 60),
  'retry-after-dot': (context) => runSmtpFaults(context, { early: false }),
  'no-fence': (context) => runPauses(context, ['before-gate']),
}

/** A kill that comes too late on a busy machine shows nothing; a flaw that shows in none of so many runs is not seen. */
const looks = 3

async function runMutants(workers: Workers, options: SuiteOptions): Promise<SuiteReport['mutants']> {
  const caught: SuiteReport['mutants'] = []
  for (const name of mutantNames) {
    let isCaught = false
    for (let look = 0; look < looks && !isCaught; look++) {
      const context = createContext(workers, 'sqlite', null)
      const verdict = await unmask[name]({ ...context, mutant: name })
      context.close()
      isCaught = verdict.lost + verdict.duplicates + verdict.wrong > 0
      const seen = verdict.findings[0] ?? 'nothing found'
      options.say(`mutant ${name}: ${isCaught ? 'caught' : 'NOT CAUGHT'} (${seen})`)
    }
    caught.push({ name, caught: isCaught })
  }
  return caught
}

async function runFleetOn(engine: EngineName, options: SuiteOptions) {
  let report: FleetReport | undefined
  const verdict = await timed(`${engine}: fleet under load`, options, async () => {
    const uri = engine === 'mongodb' ? options.mongodbUri : null
    const result = await runFleet(options.root, uri, fleetSizes[options.mode])
    report = result.report
    return result.verdict
  })
  return { report: report as FleetReport, verdict }
}

function numbersOf(report: (StorageReport & Verdict) | null): StorageReport | null {
  if (!report) return null
  const { findings: _, ...numbers } = report
  return numbers
}

/** @returns the report, and whether everything is as it must be. */
export async function runSuite(options: SuiteOptions): Promise<{ report: SuiteReport; passed: boolean }> {
  const workers = createWorkers(options.workerFile)
  const onEngine = async (engine: EngineName): Promise<StorageReport & Verdict> => {
    const context = createContext(workers, engine, options.mongodbUri)
    try {
      return await runStorage(context, options)
    } finally {
      context.close()
    }
  }
  try {
    const { onSqlite, mongodbUri } = options
    const sqlite = onSqlite ? await onEngine('sqlite') : null
    const mongodb = mongodbUri === null ? null : await onEngine('mongodb')
    const mutants = onSqlite ? await runMutants(workers, options) : []
    const alone = onSqlite ? await runFleetOn('sqlite', options) : null
    const fleet = mongodbUri === null ? null : await runFleetOn('mongodb', options)
    const found = [sqlite, mongodb, alone?.verdict, fleet?.verdict].reduce(
      (sum, one) => sum + (one?.findings.length ?? 0),
      0,
    )
    const report: SuiteReport = {
      mode: options.mode,
      storage: { sqlite: numbersOf(sqlite), mongodb: numbersOf(mongodb) },
      mutants,
      fleet: { sqlite: alone?.report ?? null, mongodb: fleet?.report ?? null },
    }
    return { report, passed: found === 0 && mutants.every((mutant) => mutant.caught) }
  } finally {
    workers.close()
  }
}
