import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Long, because the first start builds. */
const readyWithinMs = 120_000

interface InboxMail {
  readonly id: string
  readonly receivedAt: string
  readonly kind: string
  readonly subject: string
  readonly headers: Record<string, string>
  readonly text: string
  readonly html: string
}

export interface ApiTrialist {
  readonly userId: string
  readonly segment: string
  readonly trial: { readonly startsAt: string; readonly endsAt: string | null; readonly status: string }
  readonly next: { readonly kind: string; readonly at: string | null; readonly why: string } | null
  readonly milestones: readonly {
    readonly name: string
    readonly count: number
    readonly reachedAt: string | null
  }[]
  readonly decisions: readonly { readonly kind: string; readonly outcome: string; readonly why: string }[]
}

export interface DemoProcess {
  readonly url: string
  readonly writeKey: string
  readonly secretKey: string
  output(): string
  api<T>(path: string, init?: { method?: string; body?: unknown }): Promise<T>
  trialist(userId: string): Promise<ApiTrialist>
  mailsTo(address: string): Promise<InboxMail[]>
  /** Waits until an email of that kind is there. @returns it and how long that took. */
  mailOf(address: string, kind: string, index?: number): Promise<InboxMail & { waitedMs: number }>
  /** @returns demo time after all that fell due has been handed over. */
  pass(span: { advance: string } | { now: string }): Promise<number>
  now(): Promise<number>
  stop(): Promise<number | null>
}

const patienceMs = 30_000

function waitForReady(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('took too long'), readyWithinMs)
    const fail = (why: string) => {
      clearTimeout(timer)
      reject(new Error(`the demo did not start: ${why}\n${output()}`))
    }
    child.once('exit', (code) => fail(`exit code ${code}`))
    child.stdout?.on('data', () => {
      const url = /^Trialpace demo ready on (http:\/\/\S+)$/m.exec(output())?.[1]
      if (!url) return
      clearTimeout(timer)
      resolve(url)
    })
  })
}

const keyIn = (output: string, label: string): string =>
  new RegExp(`^\\s*${label}\\s+(\\S+)$`, 'm').exec(output)?.[1] ?? ''

/** The demo looks for a free port before it knows its address, and someone else may take that until it listens. */
const mostStarts = 3

async function launch(args: readonly string[], dataDir: string, start = 1) {
  const child = spawn(process.execPath, ['server/demo/run.mjs', ...args], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', TRIALPACE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  const output = () => text
  try {
    return { child, output, url: await waitForReady(child, output) }
  } catch (error) {
    if (start === mostStarts || !text.includes('EADDRINUSE')) throw error
    return launch(args, dataDir, start + 1)
  }
}

/**
 * `npm run demo` as a process of its own, on a free port and with data of its own.
 * @param keptDir where its data lies; not removed at the end.
 */
export async function startDemoProcess(args: readonly string[] = [], keptDir?: string): Promise<DemoProcess> {
  const dataDir = keptDir ?? (await mkdtemp(join(tmpdir(), 'trialpace-test-')))
  const { child, url, output } = await launch(args, dataDir)
  const secretKey = keyIn(output(), 'Secret key')

  const call = async <T>(path: string, init: { method?: string; body?: unknown } = {}): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
      headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`)
    return JSON.parse(answer) as T
  }
  const mailsTo = async (address: string) =>
    (await call<{ messages: InboxMail[] }>(`/inbox/api/messages?to=${encodeURIComponent(address)}`)).messages

  return {
    url,
    secretKey,
    writeKey: keyIn(output(), 'Write key'),
    output,
    api: call,
    mailsTo,
    trialist: (userId) => call<ApiTrialist>(`/api/trialists/${encodeURIComponent(userId)}`),
    async mailOf(address, kind, index = 0) {
      const startedAt = performance.now()
      for (;;) {
        const mails = await mailsTo(address)
        const found = mails.filter((mail) => mail.kind === kind)[index]
        const waitedMs = Math.round(performance.now() - startedAt)
        if (found) return { ...found, waitedMs }
        if (waitedMs > patienceMs)
          throw new Error(`no ${kind} for ${address}, only: ${mails.map((mail) => mail.kind).join(', ')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    pass: async (span) => Date.parse((await call<{ now: string }>('/demo/api/clock', { body: span })).now),
    now: async () => Date.parse((await call<{ now: string }>('/demo/api/clock')).now),
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGINT')
        await once(child, 'exit')
      }
      if (keptDir === undefined) await rm(dataDir, { recursive: true, force: true })
      return child.exitCode
    },
  }
}

/** Weekday (1 = Monday) and hour of an instant where a person lives. */
export function localTime(iso: string, timeZone: string): { weekday: number; hour: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(Date.parse(iso))
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return {
    weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1,
    hour: Number(part('hour')) + Number(part('minute')) / 60,
  }
}
