import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createLateRefusals } from '../../../server/http/late-refusals.ts'

let stop = () => {}
afterEach(() => stop())

/** A server that refuses everything. @returns what a client reads that writes `text` on one connection. */
async function refusing(waitMs: number, mostWaiting = 100) {
  const refuse = createLateRefusals({ waitMs, mostWaiting })
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    refuse(request, () => response.writeHead(429).end('no'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stop = () => {
    server.closeAllConnections()
    server.close()
  }
  const { port } = server.address() as AddressInfo
  return {
    server,
    asked: () => asked,
    open: () => {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1')
      socket.on('error', () => socket.destroy())
      return socket
    },
  }
}
const longerThanThisTest = 3_600_000
const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

it('answers one request after the other, and keeps the connection', async () => {
  const { open, asked } = await refusing(1)
  const socket = open()
  for (let n = 1; n <= 2; n++) {
    socket.write(request)
    expect(String((await once(socket, 'data'))[0])).toContain('HTTP/1.1 429')
    expect(asked()).toBe(n)
  }
})

it('hangs up on a client that goes on before it is answered', async () => {
  const { open } = await refusing(longerThanThisTest)
  const socket = open()
  let heard = ''
  socket.on('data', (text) => {
    heard += text
  })
  socket.write(request.repeat(100))
  await once(socket, 'close')
  expect(heard).toBe('')
})

it('hangs up where too many wait, and has room again when one of them has left', async () => {
  const { open, server } = await refusing(longerThanThisTest, 1)
  const first = open()
  const [held] = (await once(server, 'connection')) as [Socket]
  first.write(request)
  await once(server, 'request')
  const isHungUpOn = async () => {
    const socket = open()
    socket.write(request)
    await once(socket, 'close')
    return true
  }
  expect(await isHungUpOn()).toBe(true)
  first.destroy()
  await once(held, 'close')
  const second = open()
  second.write(request)
  await once(server, 'request')
  // There is none left but that which the second one has.
  expect(await isHungUpOn()).toBe(true)
  expect(second.destroyed).toBe(false)
})
