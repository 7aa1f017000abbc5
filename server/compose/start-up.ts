import type { RunningServer } from './server.ts'

/** Secrets exist in clear only now: said once, on stderr, so that they do not mix with the JSON log. */
export function printMadeSecrets({ made, url }: RunningServer): void {
  if (!made) return
  const lines = [
    `Trialpace created the first workspace on ${url}. Keep these keys; they are not shown again:`,
    `  write key (public)  ${made.writeKey}`,
    ...(made.secretKey ? [`  secret key          ${made.secretKey}`] : []),
    ...(made.identitySecret ? [`  identity secret     ${made.identitySecret}`] : []),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
}

/** The way in while there is no account: anyone who can read the console owns the server. */
export function printSetup({ setupToken, url }: RunningServer): void {
  if (setupToken === null) return
  process.stderr.write(
    `There is no account yet. Set Trialpace up here (the link works once):\n  ${url}/#/setup/${setupToken}\n`,
  )
}

/** The first signal drains and exits with 0, a second one exits at once. */
export function stopOnSignals(server: Pick<RunningServer, 'drain'>): void {
  let stopping = false
  const stop = async () => {
    if (stopping) process.exit(1)
    stopping = true
    try {
      await server.drain()
      process.exit(0)
    } catch (error) {
      process.stderr.write(`stopping failed: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())
  if (process.env.npm_lifecycle_event === 'start') whenOrphaned(() => void stop())
}

const orphanCheckMs = 500

/** `npm start` passes a signal on to its shell alone, which ends without a word: only the parent changes. */
function whenOrphaned(work: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    work()
  }, orphanCheckMs)
  timer.unref()
}
