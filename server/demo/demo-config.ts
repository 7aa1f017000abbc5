import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Known keys, so that every line of the documentation can be pasted; they open a demo on loopback and nothing else. */
const demoDefaults = {
  TRIALPACE_WRITE_KEY: 'pk_demo_boardly_0123456789',
  TRIALPACE_SECRET_KEY: 'sk_demo_boardly_0123456789',
  TRIALPACE_IDENTITY_SECRET: 'demo-identity-secret-of-boardly-0123456789',
  TRIALPACE_ADMIN_EMAIL: 'demo@boardly.example',
  TRIALPACE_ADMIN_PASSWORD: 'let-me-look-around',
  MAIL_FROM: 'Boardly <hello@boardly.example>',
  TRIALPACE_RELEASED: 'true',
  LOG_LEVEL: 'error',
}

/** What must not reach the demo: it would seed a real database, or write to real people. */
const notForDemo = [
  'MONGODB_URI',
  'SMTP_URL',
  'ROLE',
  'DKIM_DOMAIN',
  'DKIM_SELECTOR',
  'DKIM_PRIVATE_KEY_FILE',
  'INBOUND_SMTP_PORT',
  'INBOUND_DOMAIN',
  'TRIALPACE_DATA_DIR',
]

export const demoEnvironment = (
  env: Environment,
  own: Readonly<Record<string, string>>,
): Record<string, string | undefined> => ({
  ...demoDefaults,
  ...Object.fromEntries(Object.entries(env).filter(([name, value]) => value && !notForDemo.includes(name))),
  ...own,
})

const tryPort = (port: number, host: string): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    probe.listen(port, host, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? null) : null))
    })
  })

const defaultPort = 8080
const portsTried = 50

/** A port that is free now. 0 asks the system for one. */
export async function freePort(port: number, host: string): Promise<number | null> {
  return tryPort(port, host)
}

/**
 * `PORT` as given, or the first free one from 8080 on.
 * @throws Error when the given one is taken.
 */
export async function choosePort(given: string | undefined, host: string): Promise<number> {
  if (given) {
    const port = await tryPort(Number(given), host)
    if (port === null) throw new Error(`port ${given} is in use; choose another PORT, or give none`)
    return port
  }
  for (let port = defaultPort; port < defaultPort + portsTried; port++)
    if ((await tryPort(port, host)) !== null) return port
  throw new Error(`ports ${defaultPort} to ${defaultPort + portsTried - 1} are all in use; give PORT`)
}

export interface DemoFolder {
  readonly path: string
  /** Demo time at the last stop; null in a fresh folder. */
  readonly stoppedAt: number | null
  noteTime(now: number): Promise<void>
  /** Removes what no one will look at again. */
  discard(): Promise<void>
}

const timeFile = 'demo-time.json'

async function readTime(path: string): Promise<number | null> {
  try {
    const { now } = JSON.parse(await readFile(join(path, timeFile), 'utf8')) as { now: number }
    return Number.isFinite(now) ? now : null
  } catch {
    return null
  }
}

/**
 * `demo` below TRIALPACE_DATA_DIR when that is given, so that nothing else there is ever touched; else ./data/demo
 * to keep, or a folder that lasts as long as the demo.
 */
export async function openDemoFolder(dataDir: string | undefined, keep: boolean): Promise<DemoFolder> {
  const isTemporary = !dataDir && !keep
  const path = isTemporary
    ? await mkdtemp(join(tmpdir(), 'trialpace-demo-'))
    : join(dataDir ?? 'data', 'demo')
  if (!keep) await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true })
  return {
    path,
    stoppedAt: keep ? await readTime(path) : null,
    noteTime: (now) => writeFile(join(path, timeFile), JSON.stringify({ now })),
    async discard() {
      if (isTemporary) await rm(path, { recursive: true, force: true })
    },
  }
}
