import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { secretKey } from './fleet-process.ts'

interface FleetAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

export interface FleetClient {
  call(
    port: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<FleetAnswer>
  close(): void
}

const timeoutMs = 30_000

/** Keeps its connections, as a backend or a reverse proxy does. */
export function fleetClient(): FleetClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  return {
    call: (port, method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port,
          method,
          path,
          agent,
          timeout: timeoutMs,
          headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json', ...headers },
        }
        const sent = request(options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text === '' ? null : (JSON.parse(text) as unknown),
            }),
          )
        })
        sent.on('timeout', () => sent.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })))
        sent.on('error', reject)
        sent.end(body === undefined ? undefined : JSON.stringify(body))
      }),
    close: () => agent.destroy(),
  }
}

export interface LoadStats {
  /** Acknowledged, each once. */
  events: number
  requests: number
  /** Connections that broke while an answer was awaited. */
  resets: number
  /** Requests that failed, and failed again at the other server. */
  failedTwice: number
  /** What each of these was answered at its first and at its second try. */
  readonly failures: string[]
}

export interface FleetLoad {
  readonly stats: LoadStats
  /** Acknowledged events by user. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Resolves when every batch that was begun is acknowledged. */
  stop(): Promise<void>
}

const loops = 8
const perBatch = 20

/** 20-event batches at about `perSecond` events, sent again, here or at the other server, until they are acknowledged. */
export function startLoad(
  client: FleetClient,
  ports: readonly number[],
  users: readonly string[],
  perSecond: number,
): FleetLoad {
  const stats: LoadStats = { events: 0, requests: 0, resets: 0, failedTwice: 0, failures: [] }
  const acknowledged = new Map<string, number>()
  let isStopped = false
  let turn = 0

  async function send(batch: readonly object[]): Promise<void> {
    const first = turn++
    const answers: string[] = []
    for (let tries = 0; ; tries++) {
      stats.requests++
      const startedAt = performance.now()
      try {
        const answer = await client.call(
          ports[(first + tries) % ports.length] as number,
          'POST',
          '/v1/batch',
          {
            batch,
          },
        )
        if (answer.status === 200) return
        answers.push(`${answer.status} after ${Math.round(performance.now() - startedAt)} ms`)
      } catch (error) {
        const code = String((error as NodeJS.ErrnoException).code)
        if (code === 'ECONNRESET' || code === 'EPIPE') stats.resets++
        answers.push(`${code} after ${Math.round(performance.now() - startedAt)} ms`)
      }
      if (tries === 1) {
        stats.failedTwice++
        stats.failures.push(answers.join(', then '))
      }
      if (tries > 0) await sleep(Math.min(1000, 50 * tries))
    }
  }

  async function loop(index: number): Promise<void> {
    const everyMs = (1000 * perBatch * loops) / perSecond
    for (let round = 0; !isStopped; round++) {
      const startedAt = performance.now()
      const userId = users[(index + round * loops) % users.length] as string
      const batch = Array.from({ length: perBatch }, () => ({
        type: 'track',
        event: 'Card Completed',
        messageId: randomUUID(),
        userId,
      }))
      await send(batch)
      // As a client does that lost the answer.
      if (round % 8 === 0) await send(batch)
      stats.events += perBatch
      acknowledged.set(userId, (acknowledged.get(userId) ?? 0) + perBatch)
      await sleep(Math.max(0, everyMs - (performance.now() - startedAt)))
    }
  }

  const running = Promise.all(Array.from({ length: loops }, (_, index) => loop(index)))
  return {
    stats,
    acknowledged,
    async stop() {
      isStopped = true
      await running
    },
  }
}
