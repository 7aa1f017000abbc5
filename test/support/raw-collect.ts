import { Agent, request as httpRequest } from 'node:http'
import pino from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { type CollectServer, serveCollect } from './serve-collect.ts'

export interface RawRequest {
  path: string
  headers: Record<string, string | string[]>
  body: Buffer
}

/** A collect server without limits on rates, bodies sent to it as bytes, and what it logged as an error. */
export function rawCollectSetup() {
  let server: CollectServer
  const faults: string[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  beforeAll(async () => {
    const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
    server = await serveCollect({ log, limits: { requestsPerSecond: 1e6, burst: 1e6 } })
  })
  afterAll(async () => {
    agent.destroy()
    await server.close()
  })

  const send = ({ path, headers, body }: RawRequest): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: server.port,
          method: 'POST',
          path,
          agent,
          headers: { ...headers, 'content-length': body.length },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        },
      )
      request.on('error', reject)
      request.end(body)
    })

  return {
    get server() {
      return server
    },
    faults,
    send,
  }
}
