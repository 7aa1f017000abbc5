import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { dayMs, isoInstant } from '../../shared/clock.ts'
import { bundleWholeServer, usageOf } from './collect-process.ts'
import { type BenchReport, metAtLeast } from './report.ts'
import type { Target } from './whole-server.ts'

const leastRowsPerSecond = 2000

type Format = 'csv' | 'ndjson'

/**
 * How many rows of a file become people in a second on SQLite, from the upload to the end of its job, on a server of
 * its own that does nothing else. How long its thread is held meanwhile is measured by `hold`.
 */
export async function run({ people: asked = '20000' }: { people?: string } = {}): Promise<BenchReport> {
  const people = Number(asked)
  const files = await bundleWholeServer()
  const rows: BenchReport['rows'][number][] = []
  const checks: BenchReport['checks'][number][] = []
  for (const { format, dryRun } of [
    { format: 'csv', dryRun: false },
    { format: 'ndjson', dryRun: false },
    { format: 'csv', dryRun: true },
  ] as const) {
    const name = dryRun ? `rehearsal of ${format}` : format
    const { perSecond, cpuMs } = await measured(files('whole-server'), format, people, dryRun)
    const row = (what: string, value: number, unit: string) =>
      rows.push({ name: what, value, unit, min: value, max: value })
    row(name, perSecond, 'rows/s')
    row(`${name}, processor`, cpuMs, 'ms a row')
    checks.push(metAtLeast(`${name}, rows/s`, perSecond, leastRowsPerSecond))
  }
  return { bench: 'import', rounds: 1, rows, checks }
}

/** A customer base: a third is over, a third in the middle, a third has just begun, in the zones of four continents. */
function fileOf(format: Format, people: number, now: number): string {
  const zones = ['America/New_York', 'Europe/Berlin', 'Asia/Manila', 'Australia/Sydney', 'UTC']
  const lines = Array.from({ length: people }, (_, n) => {
    const startsAt = isoInstant(now - ([60, 7, 0][n % 3] as number) * dayMs)
    const timeZone = zones[n % zones.length] as string
    const user = { userId: `person-${n}`, email: `person-${n}@example.com`, name: `Someone ${n}` }
    return format === 'csv'
      ? `${user.userId},${user.email},${user.name},${timeZone},${startsAt}`
      : JSON.stringify({ ...user, timeZone, trial: { startsAt } })
  })
  return [...(format === 'csv' ? ['userId,email,name,timeZone,trial.startsAt'] : []), ...lines].join('\n')
}

async function measured(serverFile: string, format: Format, people: number, dryRun: boolean) {
  const server = fork(serverFile)
  try {
    const [target] = (await once(server, 'message')) as [Target]
    const before = await usageOf(server)
    const startedAt = performance.now()
    // Quiet: the due loop, which would send to all who have just signed up, is measured elsewhere.
    const query = `format=${format}&dryRun=${dryRun}&quiet=${!dryRun}`
    const started = await ask<{ id: string }>(target, `/api/imports?${query}`, {
      method: 'POST',
      body: fileOf(format, people, Date.now()),
    })
    const imported = await finished(target, started.id)
    const seconds = (performance.now() - startedAt) / 1000
    const after = await usageOf(server)
    if (imported !== people) throw new Error(`${imported} rows were imported instead of ${people}`)
    return { perSecond: people / seconds, cpuMs: (after.cpuUs - before.cpuUs) / 1000 / people }
  } finally {
    const ended = once(server, 'exit')
    server.send('close')
    await ended
  }
}

async function ask<T>({ port, secretKey }: Target, path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/octet-stream' },
  })
  const body = (await response.json()) as T & { detail?: string }
  if (!response.ok) throw new Error(`${response.status} ${body.detail}`)
  return body
}

async function finished(target: Target, id: string): Promise<number> {
  for (;;) {
    const { imported, job } = await ask<{ imported: number; job: { state: string; error: string | null } }>(
      target,
      `/api/imports/${id}`,
    )
    if (job.state === 'done') return imported
    if (job.state === 'failed') throw new Error(`the import failed: ${job.error}`)
    await pause(100)
  }
}
