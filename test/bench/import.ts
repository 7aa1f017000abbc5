import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { dayMs, isoInstant } from '../../shared/clock.ts'
import { type ServedApi, secretKey, serveApi } from '../support/serve-api.ts'
import { type BenchReport, metAtLeast, metAtMost } from './report.ts'

const resolutionMs = 1
const start = Date.UTC(2026, 2, 2, 9)
const leastRowsPerSecond = 2000
const mostHoldMs = 50

/**
 * How many rows of a file become people in a second on SQLite, from the upload to the end of its job, and how long the
 * thread that answers requests is held at most meanwhile.
 */
export async function run({ people: asked = '50000' }: { people?: string } = {}): Promise<BenchReport> {
  const people = Number(asked)
  const rows: BenchReport['rows'][number][] = []
  const checks: BenchReport['checks'][number][] = []
  for (const [format, dryRun] of [
    ['csv', false],
    ['ndjson', false],
    ['csv', true],
  ] as const) {
    const name = dryRun ? `rehearsal of ${format}` : format
    const { perSecond, holdMs } = await measured(format, fileOf(format, people), people, dryRun)
    rows.push({ name, value: perSecond, unit: 'rows/s', min: perSecond, max: perSecond })
    rows.push({ name: `${name}, longest hold`, value: holdMs, unit: 'ms', min: holdMs, max: holdMs })
    checks.push(metAtLeast(`${name}, rows/s`, perSecond, leastRowsPerSecond))
    checks.push(metAtMost(`${name}, ms held`, holdMs, mostHoldMs))
  }
  return { bench: 'import', rounds: 1, rows, checks }
}

/** A customer base: a third is over, a third in the middle, a third has just begun. */
function fileOf(format: 'csv' | 'ndjson', people: number): string {
  const lines = Array.from({ length: people }, (_, n) => {
    const startsAt = isoInstant(start - [60, 7, 0][n % 3]! * dayMs)
    const user = { userId: `person-${n}`, email: `person-${n}@example.com`, name: `Someone ${n}` }
    return format === 'csv'
      ? `${user.userId},${user.email},${user.name},UTC,${startsAt}`
      : JSON.stringify({ ...user, timeZone: 'UTC', trial: { startsAt } })
  })
  return [...(format === 'csv' ? ['userId,email,name,timeZone,trial.startsAt'] : []), ...lines].join('\n')
}

async function measured(format: 'csv' | 'ndjson', body: string, people: number, dryRun: boolean) {
  // What is due leaves by the due loop, which is measured elsewhere.
  const api = await serveApi(start, { env: { ROLE: 'web' } })
  try {
    const delay = monitorEventLoopDelay({ resolution: resolutionMs })
    delay.enable()
    const startedAt = performance.now()
    const response = await fetch(
      `http://127.0.0.1:${api.server.port}/api/imports?format=${format}&dryRun=${dryRun}`,
      {
        method: 'POST',
        body,
        headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/octet-stream' },
      },
    )
    const started = (await response.json()) as { id: string; detail?: string }
    if (!response.ok) throw new Error(`${response.status} ${started.detail}`)
    const imported = await finished(api, started.id)
    const seconds = (performance.now() - startedAt) / 1000
    delay.disable()
    if (imported !== people) throw new Error(`${imported} rows were imported instead of ${people}`)
    return { perSecond: people / seconds, holdMs: Math.max(0, delay.max / 1e6 - resolutionMs) }
  } finally {
    await api.close()
  }
}

async function finished(api: ServedApi, id: string): Promise<number> {
  for (;;) {
    await api.server.services.jobs.runPending()
    const { body } = await api.call<{ imported: number; job: { state: string } }>('GET', `/api/imports/${id}`)
    if (body.job.state === 'done') return body.imported
    if (body.job.state === 'failed') throw new Error('the import failed')
    await pause(50)
  }
}
