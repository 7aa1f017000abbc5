import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { collectLimits } from '../../../shared/collect.ts'
import { rawCollectSetup } from '../../support/raw-collect.ts'
import { writeKey } from '../../support/serve-collect.ts'

const collect = rawCollectSetup()
const { send } = collect

/** Sends bytes as they are and collects what comes back until the server closes or falls silent. */
function raw(...parts: (string | Buffer | number)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(collect.server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (/\r\n\r\n/.test(text)) setTimeout(() => socket.destroy(), 20)
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => {})
    socket.on('connect', async () => {
      for (const part of parts)
        if (typeof part === 'number') await sleep(part)
        else socket.write(part)
    })
  })
}

describe('bodies that are not what they say', () => {
  const batch = JSON.stringify({ writeKey, batch: [{ type: 'track', event: 'A', userId: 'odd' }] })
  const head = (more: string, path = '/v1/b') => `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`
  const length = `Content-Length: ${Buffer.byteLength(batch)}`

  it('a bomb: 100 MB in 100 KB is refused without being inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(collectLimits.batchBytes)
    const before = process.memoryUsage().external
    const bombs = Array.from({ length: 8 }, () =>
      send({ path: '/v1/b', headers: { 'content-encoding': 'gzip' }, body: bomb }),
    )
    for (const { status } of await Promise.all(bombs)) expect(status).toBe(413)
    expect(process.memoryUsage().external - before).toBeLessThan(50 * 1024 * 1024)
  })
  it('a body far over the limit is answered with 413, and the connection goes on', async () => {
    const large = await send({ path: '/v1/b', headers: {}, body: Buffer.alloc(3 * 1024 * 1024, 'x') })
    expect(large.status).toBe(413)
    expect((await send({ path: '/v1/b', headers: {}, body: Buffer.from(batch) })).status).toBe(200)
  })
  it('a body that comes in pieces is put together', async () => {
    const middle = Math.floor(batch.length / 2)
    expect(await raw(head(length), batch.slice(0, middle), 30, batch.slice(middle))).toMatch(/^HTTP\/1.1 200/)
    const chunks = [...batch].map((character) => `1\r\n${character}\r\n`).join('')
    expect(await raw(head('Transfer-Encoding: chunked'), chunks, '0\r\n\r\n')).toMatch(/^HTTP\/1.1 200/)
  })
  it('a client that hangs up in the middle leaves nothing behind', async () => {
    const socket = connect(collect.server.port, '127.0.0.1')
    socket.write(head('Content-Length: 1000') + batch)
    await sleep(30)
    socket.destroy()
    await collect.server.collect.drain()
    expect(collect.server.collect.stats()).toMatchObject({ waitingEvents: 0, waitingBytes: 0 })
  })
  it('a wrong or doubled Content-Length is refused, a short one reads what it names', async () => {
    for (const more of ['Content-Length: -1', 'Content-Length: x', `${length}\r\nContent-Length: 3`])
      expect(await raw(head(more), batch)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(head(`${length}\r\nTransfer-Encoding: chunked`), batch)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(head('Content-Length: 10'), batch)).toMatch(/^HTTP\/1.1 400/)
  })
  it('doubled headers do no harm', async () => {
    const twice = `${length}\r\nX-Write-Key: a\r\nX-Write-Key: b\r\nAuthorization: Basic Og==\r\nAuthorization: Basic x`
    expect(await raw(head(twice), batch)).toMatch(/^HTTP\/1.1 200/)
    const encodings = `${length}\r\nContent-Encoding: gzip\r\nContent-Encoding: br`
    expect(await raw(head(encodings), batch)).toMatch(/^HTTP\/1.1 415/)
  })
  it('a host that is none steers no one away', async () => {
    const asked = 'GET /v1/projects/pk_main/settings HTTP/1.1\r\nHost: evil host/@x\r\n\r\n'
    expect(await raw(asked)).toContain('"apiHost":"localhost/v1"')
  })
  it('a trickling body does not hold others up, and is cut off', async () => {
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(collect.server.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(head('Content-Length: 1000'))
      return socket
    })
    expect((await send({ path: '/v1/b', headers: {}, body: Buffer.from(batch) })).status).toBe(200)
    expect(collect.server.server.requestTimeout).toBeLessThanOrEqual(30_000)
    for (const socket of sockets) socket.destroy()
  })
})
