import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Expected, Job, RaceResult, Report } from './protocol.ts'

export interface Finished {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly expected: readonly Expected[]
  readonly races: readonly RaceResult[]
  /** Events up to and without this number were acknowledged; null: none. */
  readonly acknowledged: number | null
  readonly errors: string
}

/** One server process. It does one job and ends, or is ended. */
export interface WorkerProcess {
  run(job: Job): Promise<Finished>
  kill(signal?: NodeJS.Signals): void
  /** Called with each acknowledgement of an ingest job. */
  onAcknowledged(listener: (upTo: number) => void): void
  /** Resolves when the process has stopped itself. */
  stopped(): Promise<void>
}

function launch(file: string): WorkerProcess & { child: ChildProcess } {
  const child = fork(file, {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, TRIALPACE_FAULTS: '1' },
  })
  const expected: Expected[] = []
  const races: RaceResult[] = []
  let acknowledged: number | null = null
  let errors = ''
  let listener: (upTo: number) => void = () => {}
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  child.on('message', (message: Report) => {
    if (message.type === 'ready') isReady()
    else if (message.type === 'seeded') expected.push(...message.expected)
    else if (message.type === 'raced') races.push(...message.results)
    else if (message.type === 'acknowledged') {
      acknowledged = message.upTo
      listener(message.upTo)
    }
  })
  const exited = new Promise<Finished>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, expected, races, acknowledged, errors })),
  )
  return {
    child,
    async run(job) {
      await Promise.race([ready, exited])
      if (child.connected) child.send(job)
      return exited
    },
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    onAcknowledged(next) {
      listener = next
    },
    async stopped() {
      while (child.exitCode === null && child.signalCode === null && !isStopped(child.pid))
        await new Promise((resolve) => setTimeout(resolve, 10))
    },
  }
}

/** Field 3 of /proc/pid/stat; the suite needs Linux for the pausing scenarios. */
function isStopped(pid: number | undefined): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'T'
}

export interface Workers {
  take(): WorkerProcess
  close(): void
}

/** Starting a process takes longer than most jobs, so the next ones are always started ahead. */
export function createWorkers(file: string, ahead = 2): Workers {
  const spares = Array.from({ length: ahead }, () => launch(file))
  return {
    take() {
      spares.push(launch(file))
      return spares.shift() as WorkerProcess
    },
    close: () => {
      for (const spare of spares) spare.kill()
    },
  }
}
