import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { bundleWholeServer, startServer, usageOf } from './collect-process.ts'
import { createSdkBatches, learnRulesEtag } from './event-batches.ts'
import { openLoad } from './http-load.ts'
import { type BenchReport, medianRow, metAtMost } from './report.ts'

const idleForMs = 10_000
const stepMs = 5_000
/** While caches and pools fill, memory grows. */
const warmUpShare = 0.2

/** What a server holds with nothing to do, and while it takes all that comes. `--seconds 600` are the ten minutes. */
export async function run({ seconds: asked = '60' }: { seconds?: string } = {}): Promise<BenchReport> {
  const idle = await idleMb()
  const loaded = await loadedMb(Number(asked) * 1000)
  const settled = loaded.slice(Math.floor(loaded.length * warmUpShare))
  const half = Math.ceil(settled.length / 2)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    bench: 'memory',
    rounds: loaded.length,
    rows: [medianRow('idle', idle, 'MB'), medianRow('under full ingest', loaded, 'MB')],
    checks: [
      metAtMost('idle, MB', idle.at(-1) ?? 0, 90),
      metAtMost('under full ingest, MB', Math.max(...loaded), 200),
      metAtMost(
        'second half beside the first',
        mean(settled.slice(-half)) / mean(settled.slice(0, half)),
        1.1,
      ),
    ],
  }
}

async function idleMb(): Promise<number[]> {
  const files = await bundleWholeServer()
  const server = fork(files('whole-server'))
  await once(server, 'message')
  const megabytes: number[] = []
  for (let step = 0; step < 3; step++) {
    await pause(idleForMs / 3)
    megabytes.push((await usageOf(server)).rssBytes / 1e6)
  }
  const ended = once(server, 'exit')
  server.send('close')
  await ended
  return megabytes
}

async function loadedMb(forMs: number): Promise<number[]> {
  const server = await startServer('sqlite')
  const batches = createSdkBatches({ events: 20, users: 200 }, await learnRulesEtag(server.port))
  const load = await openLoad(server.port, '/v1/b', 64, batches)
  const megabytes: number[] = []
  for (let step = 0; step < Math.max(5, forMs / stepMs); step++) {
    await load.flood(Math.min(stepMs, forMs / 5))
    megabytes.push((await server.usage()).rssBytes / 1e6)
  }
  load.close()
  await server.close()
  return megabytes
}
