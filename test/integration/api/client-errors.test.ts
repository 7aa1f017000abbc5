import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerClientError } from '../../../server/http/client-error.ts'
import { serverLimits } from '../../../server/http/server-limits.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

/** Sends these bytes and waits until the server hangs up. */
const sent = (port: number, bytes: string): Promise<{ head: string; body: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
    })
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n')
      resolve({ head, body: JSON.parse(body) as Record<string, unknown> })
    })
  })

const isProblem = (head: string, status: number) => {
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} \\w`))
  expect(head).toMatch(/^Content-Type: application\/problem\+json$/m)
  for (const line of [
    'X-Content-Type-Options: nosniff',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'Strict-Transport-Security: max-age=31536000; includeSubDomains',
    'Cache-Control: no-store',
    'Connection: close',
  ])
    expect(head.split('\r\n')).toContain(line)
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(Date.UTC(2026, 8, 7, 10))
})
afterAll(() => api.close())

describe('what is refused before it is a request', () => {
  it('is told that it is no HTTP', async () => {
    const { head, body } = await sent(api.server.port, 'HELLO WORLD\r\n\r\n')
    isProblem(head, 400)
    expect(body).toMatchObject({ status: 400, detail: expect.stringMatching(/HTTP/) })
  })

  it('is told that its headers are too large', async () => {
    const header = `X-Long: ${'x'.repeat(serverLimits.maxHeaderSize)}`
    const { head, body } = await sent(api.server.port, `GET / HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`)
    isProblem(head, 431)
    expect(body).toMatchObject({ status: 431, type: expect.stringMatching(/headers-too-large$/) })
  })

  it('is told that it names no host', async () => {
    const { head, body } = await sent(api.server.port, 'GET /healthz HTTP/1.1\r\n\r\n')
    isProblem(head, 400)
    expect(body).toMatchObject({ detail: 'The Host header is missing.' })
  })

  it('is answered as usual when it expects something odd', async () => {
    const { head, body } = await sent(
      api.server.port,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n',
    )
    expect(head).toMatch(/^HTTP\/1.1 200 /)
    expect(body).toMatchObject({ status: 'ok' })
  })

  it('is told that it took too long', async () => {
    const server = createServer({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 })
    server.on('clientError', answerClientError)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { head, body } = await sent((server.address() as AddressInfo).port, 'GET / HTTP/1.1\r\nHost:')
      isProblem(head, 408)
      expect(body).toMatchObject({ status: 408, detail: expect.stringMatching(/again/) })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
