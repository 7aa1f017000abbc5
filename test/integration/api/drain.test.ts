import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secretKey, writeKey } from '../../support/serve-api.ts'

let folder: string
let child: ChildProcess
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialpace-drain-'))
})
afterEach(async () => {
  try {
    // With all that it has started.
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Ended already.
  }
  await rm(folder, { recursive: true })
})

/** A real process. @returns its address once it says that it listens. */
async function start(
  command: readonly [string, ...string[]] = [process.execPath, '--import', 'tsx', 'server/main.ts'],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [file, ...given] = command
  child = spawn(file, given, {
    cwd: join(import.meta.dirname, '../../..'),
    env: {
      ...more,
      PATH: process.env.PATH,
      PORT: '0',
      TRIALPACE_DATA_DIR: folder,
      TRIALPACE_SECRET_KEY: secretKey,
      TRIALPACE_WRITE_KEY: writeKey,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  let text = ''
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    text += String(chunk)
    const url = /"url":"([^"]+)"/.exec(text)?.[1]
    if (url) return url
  }
  throw new Error(`it did not start: ${text}`)
}

test('SIGTERM lets a running request finish, refuses new ones, keeps what was accepted, and ends with 0', async () => {
  const url = await start()
  const { hostname, port } = new URL(url)
  const body = JSON.stringify({
    writeKey: secretKey,
    batch: [{ type: 'track', event: 'First Result', userId: 'late', messageId: 'm1' }],
  })
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(
    `POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.slice(0, 20)}`,
  )
  await fetch(`${url}/healthz`, { headers: { Connection: 'close' } })
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await expect
    .poll(
      () =>
        fetch(`${url}/healthz`).then(
          () => 'open',
          () => 'closed',
        ),
      { timeout: 60_000 },
    )
    .toBe('closed')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  const closed = once(socket, 'close')
  socket.write(body.slice(20))
  await closed
  expect(answer).toContain('HTTP/1.1 200')
  expect(answer).toContain('"accepted":1')
  expect((await ended)[0]).toBe(0)

  const again = await start()
  const response = await fetch(`${again}/api/trialists/late`, {
    headers: { Authorization: `Bearer ${secretKey}` },
  })
  expect(((await response.json()) as { counts: Record<string, number> }).counts).toEqual({
    'First Result': 1,
  })
})

/** One event after the other on one kept connection, until the server asks to leave. @returns what went wrong, or null. */
async function sendUntilAskedToLeave(url: string, onAnswer: () => void): Promise<string | null> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const body = JSON.stringify({ writeKey, userId: 'busy', event: 'First Result' })
  const send = () =>
    new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      request(`${url}/v1/track`, { method: 'POST', agent }, (response) => {
        response.resume()
        response.on('end', () =>
          resolve({ status: response.statusCode, connection: response.headers.connection }),
        )
      })
        .on('error', reject)
        .end(body)
    })
  try {
    for (;;) {
      const { status, connection } = await send()
      if (status !== 200) return `answered ${status}`
      onAnswer()
      if (connection === 'close') return null
    }
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code ?? error)
  } finally {
    agent.destroy()
  }
}

test('SIGTERM under load resets none of the clients, and the process ends', async () => {
  const url = await start()
  const answered = new Set<number>()
  const clients = Array.from({ length: 8 }, (_, index) =>
    sendUntilAskedToLeave(url, () => answered.add(index)),
  )
  await expect.poll(() => answered.size, { timeout: 60_000 }).toBe(8)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await Promise.all(clients)).toEqual(Array.from({ length: 8 }, () => null))
  expect((await ended)[0]).toBe(0)
})

test.skipIf(process.platform === 'win32')(
  'ends with `npm start`, whose shell keeps the signal to itself',
  async () => {
    // The shell must not become node: something follows it.
    const script = '"$NODE" --import tsx server/main.ts; true'
    const url = await start(['/bin/sh', '-c', script], {
      NODE: process.execPath,
      npm_lifecycle_event: 'start',
    })
    child.kill('SIGTERM')
    await expect
      .poll(() =>
        fetch(`${url}/healthz`, { headers: { Connection: 'close' } }).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed')
  },
)
