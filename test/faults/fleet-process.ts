import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const secretKey = 'sk_fleet_0123456789abcdef'
const writeKey = 'pk_fleet_0123456789abcdef'

/** One server of the fleet: always the built one, started as anyone who runs it would. */
export interface FleetProcess {
  readonly name: string
  readonly port: number
  /** Starts it, and waits until it is ready. @returns after how many milliseconds. */
  start(): Promise<number>
  /** SIGTERM. @returns after how many milliseconds it had ended. @throws when it ended otherwise than with 0. */
  stop(): Promise<number>
  kill(): Promise<void>
  pause(): void
  resume(): void
}

export interface FleetPlace {
  readonly root: string
  readonly folder: string
  readonly smtpUrl: string
  readonly database: Readonly<Record<string, string>>
}

const readyWithinMs = 120_000

export function fleetProcess(place: FleetPlace, name: string, role: string, port: number): FleetProcess {
  let child: ChildProcess | null = null

  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`, { headers: { Connection: 'close' } }).then(
      ({ status }) => status === 200,
      () => false,
    )

  const running = (): ChildProcess => {
    if (!child) throw new Error(`${name} does not run`)
    return child
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = running()
    child = null
    const ended = once(ending, 'exit')
    ending.kill(signal)
    return (await ended)[0] as number | null
  }

  return {
    name,
    port,
    async start() {
      const startedAt = performance.now()
      const log = openSync(join(place.folder, `${name}.log`), 'a')
      const started = spawn(process.execPath, ['dist/server/main.js'], {
        cwd: place.root,
        stdio: ['ignore', log, log],
        env: {
          PATH: process.env.PATH,
          ROLE: role,
          PORT: String(port),
          PUBLIC_URL: 'http://fleet.example',
          SMTP_URL: place.smtpUrl,
          MAIL_FROM: 'Acme <hello@acme.example>',
          TRIALPACE_WRITE_KEY: writeKey,
          TRIALPACE_SECRET_KEY: secretKey,
          TRIALPACE_RELEASED: 'true',
          TRIALPACE_IDENTITY_SECRET: 'x'.repeat(40),
          TRIALPACE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
          API_RATE_LIMIT: '100000',
          LOG_LEVEL: 'info',
          ...place.database,
        },
      })
      child = started
      while (!(await isReady())) {
        if (started.exitCode !== null) throw new Error(`${name} ended with ${started.exitCode}`)
        if (performance.now() - startedAt > readyWithinMs) throw new Error(`${name} is not ready`)
        await sleep(20)
      }
      return performance.now() - startedAt
    },
    async stop() {
      const signalledAt = performance.now()
      const code = await end('SIGTERM')
      if (code !== 0) throw new Error(`${name} ended with ${code}`)
      return performance.now() - signalledAt
    },
    async kill() {
      if (child) await end('SIGKILL')
    },
    pause: () => void running().kill('SIGSTOP'),
    resume: () => void running().kill('SIGCONT'),
  }
}
