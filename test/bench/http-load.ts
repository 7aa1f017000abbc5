import { connect, type Socket } from 'node:net'

/** A client that costs the machine as little as may be: raw keep-alive sockets, one request under way on each. */
export interface Load {
  /** Requests one after the other on every connection, as fast as the answers come. */
  flood(durationMs: number): Promise<LoadResult>
  /** Requests at a fixed rate whatever the answers do; latency counts from the moment a request was due. */
  pace(perSecond: number, durationMs: number): Promise<LoadResult>
  close(): void
}

export interface LoadResult {
  readonly requests: number
  readonly elapsedMs: number
  /** Of each request, ascending. */
  readonly latenciesMs: Float64Array
}

interface Connection {
  socket: Socket
  answered: ((ok: boolean) => void) | null
}

/** @param nextBody writes the next request body, always of the same length. */
export async function openLoad(
  port: number,
  path: string,
  connections: number,
  nextBody: () => Buffer,
): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(port)))
  const head = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${nextBody().length}\r\n\r\n`,
  )
  const send = (connection: Connection): Promise<boolean> =>
    new Promise((resolve) => {
      if (connection.socket.destroyed) return resolve(false)
      connection.answered = resolve
      connection.socket.write(Buffer.concat([head, nextBody()]))
    })

  return {
    async flood(durationMs) {
      const startedAt = performance.now()
      const latencies: number[] = []
      await Promise.all(
        open.map(async (connection) => {
          for (;;) {
            const sentAt = performance.now()
            if (sentAt - startedAt >= durationMs) return
            mustBeOk(await send(connection))
            latencies.push(performance.now() - sentAt)
          }
        }),
      )
      return resultOf(latencies, performance.now() - startedAt)
    },

    async pace(perSecond, durationMs) {
      const startedAt = performance.now()
      const total = Math.floor((perSecond * durationMs) / 1000)
      const latencies: number[] = []
      const free = [...open]
      let sent = 0
      let done = 0
      await new Promise<void>((resolve, reject) => {
        const tick = () => {
          // The first is due at once.
          const due = Math.min(total, 1 + Math.floor(((performance.now() - startedAt) * perSecond) / 1000))
          while (sent < due && free.length > 0) {
            // In turns: one that is not used for long is closed by the server.
            const connection = free.shift() as Connection
            const dueAt = startedAt + (sent++ * 1000) / perSecond
            send(connection).then((ok) => {
              if (!ok) return reject(new Error('a request was not answered with 200'))
              latencies.push(performance.now() - dueAt)
              free.push(connection)
              if (++done === total) resolve()
            }, reject)
          }
          if (sent < total) setTimeout(tick, 1)
        }
        tick()
      })
      return resultOf(latencies, performance.now() - startedAt)
    },

    close() {
      for (const { socket } of open) socket.destroy()
    },
  }
}

const mustBeOk = (ok: boolean): void => {
  if (!ok) throw new Error('a request was not answered with 200')
}

const resultOf = (latencies: number[], elapsedMs: number): LoadResult => ({
  requests: latencies.length,
  elapsedMs,
  latenciesMs: Float64Array.from(latencies).sort(),
})

async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const connection: Connection = { socket, answered: null }
  let pending = ''
  const settle = (ok: boolean) => {
    const { answered } = connection
    connection.answered = null
    answered?.(ok)
  }
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1')
    const headEnd = pending.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0)
    if (pending.length < headEnd + 4 + length) return
    const ok = pending.startsWith('HTTP/1.1 200')
    pending = ''
    settle(ok)
  })
  socket.on('error', () => settle(false))
  socket.on('close', () => settle(false))
  return connection
}
