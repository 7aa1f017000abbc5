import { Agent, createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGracefulClose, type GracefulClose } from '../../../server/http/graceful-close.ts'

let server: Server
let graceful: GracefulClose
let port: number
let now: number
const agents: Agent[] = []
/** Answers that wait until they are let go. */
let waiting: (() => void)[]

beforeEach(async () => {
  waiting = []
  server = createServer()
  now = 0
  graceful = createGracefulClose(server, () => now)
  server.on(
    'request',
    graceful.listen((request, response) => {
      const answer = () => {
        response.writeHead(200, ['Content-Length', '2'])
        response.end('ok')
      }
      if (request.url === '/slow') waiting.push(answer)
      else answer()
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy()
  server.closeAllConnections()
})

const newAgent = (): Agent => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agents.push(agent)
  return agent
}

const get = (agent: Agent, path = '/'): Promise<{ status: number; connection: string | undefined }> =>
  new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve({ status: response.statusCode as number, connection: response.headers.connection }),
      )
    })
      .on('error', reject)
      .end()
  })

it('closes within milliseconds while connections are open but nothing comes on them', async () => {
  const agent = newAgent()
  expect((await get(agent)).connection).toBe('keep-alive')
  now += 3000
  await graceful.close()
  // Far below the keep-alive time, which is what a close would wait for that leaves open connections alone.
}, 3000)

it('resets none of the clients that go on sending, and tells each of them to leave', async () => {
  const faults: string[] = []
  let asked = 0
  const clients = Array.from({ length: 8 }, async () => {
    const agent = newAgent()
    for (;;) {
      try {
        const { connection } = await get(agent)
        asked++
        if (connection === 'close') return
      } catch (error) {
        faults.push((error as NodeJS.ErrnoException).code ?? String(error))
        return
      }
    }
  })
  await expect.poll(() => asked).toBeGreaterThan(16)
  await graceful.close()
  await Promise.all(clients)
  expect(faults).toEqual([])
  expect(asked).toBeGreaterThan(8)
})

it('finishes an answer that is under way, as the last one on its connection', async () => {
  const answer = get(newAgent(), '/slow')
  await expect.poll(() => waiting.length).toBe(1)
  const closed = graceful.close()
  await new Promise((resolve) => setTimeout(resolve, 250))
  waiting[0]?.()
  expect(await answer).toEqual({ status: 200, connection: 'close' })
  await closed
})

it('refuses new connections', async () => {
  await graceful.close()
  const code = await new Promise((resolve) => {
    connect(port, '127.0.0.1')
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .on('connect', () => resolve('connected'))
  })
  expect(code).toBe('ECONNREFUSED')
})
