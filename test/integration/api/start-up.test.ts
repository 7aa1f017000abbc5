import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer, type RunningServer } from '../../../server/compose/server.ts'
import { type Config, readConfig } from '../../../server/config.ts'
import { QueryTooLong, type Storage, StorageUnavailable } from '../../../server/storage/port.ts'
import { accepts, freePort } from '../../support/ports.ts'
import { secretKey, writeKey } from '../../support/serve-api.ts'
import { openTestStorage } from '../../support/test-storage.ts'

let dataDir: string
let storage: Storage
let server: RunningServer | null = null
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialpace-start-'))
  storage = await openTestStorage({ file: join(dataDir, 'trialpace.db') })
})
afterEach(async () => {
  await (server ?? storage).close()
  server = null
  await rm(dataDir, { recursive: true })
})

async function settings(port: number): Promise<Config> {
  const read = readConfig({
    PORT: String(port),
    TRIALPACE_DATA_DIR: dataDir,
    TRIALPACE_SECRET_KEY: secretKey,
    TRIALPACE_WRITE_KEY: writeKey,
  })
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.config
}

/** Every question to the documents waits for its turn, which the test gives. */
function slowDocuments() {
  const waiting: (() => void)[] = []
  let isOpen = false
  const turn = () => (isOpen ? Promise.resolve() : new Promise<void>((go) => waiting.push(go)))
  const documents = Object.fromEntries(
    Object.entries(storage.documents).map(([name, ask]) => [
      name,
      async (...given: unknown[]) => {
        await turn()
        return (ask as (...given: unknown[]) => unknown)(...given)
      },
    ]),
  ) as unknown as Storage['documents']
  return {
    storage: { ...storage, documents },
    waiting,
    open() {
      isOpen = true
      for (const go of waiting.splice(0)) go()
    },
  }
}

const log = pino({ level: 'silent' })

test('no one listens while anything that a request needs is still being read', async () => {
  const port = await freePort()
  const slow = slowDocuments()
  const started = createServer(await settings(port), { storage: slow.storage, log })
  // One question after the other, so that the last one that the start waits for is met too.
  let asked = 0
  for (let quiet = 0; quiet < 40; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const go = slow.waiting.shift()
    if (!go) {
      if (await accepts(port)) break
      continue
    }
    quiet = 0
    asked++
    expect(await accepts(port), `question ${asked}`).toBe(false)
    go()
  }
  expect(asked).toBeGreaterThan(3)
  expect(await accepts(port)).toBe(true)
  slow.open()
  server = await started
})

test('whoever gets through gets an answer: of the first moment all kinds of requests are served', async () => {
  const port = await freePort()
  const started = createServer(await settings(port), { storage, log })
  while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 1))
  const key = { Authorization: `Bearer ${secretKey}` }
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal: AbortSignal.timeout(10_000) }).then(
      ({ status }) => status,
    )
  const event = JSON.stringify({ writeKey, anonymousId: 'first', event: 'First Result' })
  const answers = await Promise.all([
    ask('/healthz'),
    ask('/readyz'),
    ask('/v1/track', { method: 'POST', body: event }),
    ask('/api/trialists', { headers: key }),
    ask('/api/playbook', { headers: key }),
    ask('/sdk/v1/tp.js'),
  ])
  expect(answers.slice(0, 5)).toEqual([200, 200, 200, 200, 200])
  expect(answers[5]).toBeLessThan(500)
  server = await started
})

test('readyz says why not: the database does not answer, and then that the server is stopping', async () => {
  let isAway = false
  const ping = async () => {
    if (isAway) throw new StorageUnavailable('gone')
    return storage.ping()
  }
  const port = await freePort()
  server = await createServer(await settings(port), { storage: { ...storage, ping }, log })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ready = () =>
    new Promise<{ status: number | undefined; detail: string | undefined }>((resolve, reject) => {
      get(`http://127.0.0.1:${port}/readyz`, { agent }, async (response) => {
        const { detail } = JSON.parse(await textOf(response)) as { detail?: string }
        resolve({ status: response.statusCode, detail })
      }).on('error', reject)
    })
  expect(await ready()).toEqual({ status: 200, detail: undefined })
  isAway = true
  expect(await ready()).toEqual({ status: 503, detail: 'The database does not answer.' })
  isAway = false
  expect(await ready()).toEqual({ status: 200, detail: undefined })
  const stopped = server.close()
  expect(await ready()).toEqual({ status: 503, detail: 'This server is stopping.' })
  agent.destroy()
  await stopped
})

test('a list that took too long is answered with what to do about it', async () => {
  const port = await freePort()
  const trials: Storage['trials'] = {
    ...storage.trials,
    list: () => Promise.reject(new QueryTooLong(10_000)),
  }
  server = await createServer(await settings(port), { storage: { ...storage, trials }, log })
  const response = await fetch(`http://127.0.0.1:${port}/api/trialists?q=a`, {
    headers: { Authorization: `Bearer ${secretKey}` },
  })
  const body = (await response.json()) as { detail: string }
  expect([response.status, body.detail]).toEqual([503, expect.stringContaining('Search for more letters')])
})
