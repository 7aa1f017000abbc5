import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkViewing } from '../../../server/cli/doctor-viewing.ts'
import { serveTracking, type TrackingServer } from '../../support/serve-tracking.ts'

let tracking: TrackingServer
const servers: Server[] = []
beforeAll(async () => {
  tracking = await serveTracking(Date.UTC(2026, 10, 23, 9, 30))
})
afterAll(async () => {
  await tracking.close()
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const stateAt = async (publicUrl: string | null) =>
  (await checkViewing({ publicUrl })).map(({ state }) => state)

it('doctor sees that single bytes get through', async () => {
  expect(await stateAt(tracking.url)).toEqual(['ok'])
})

it('doctor warns of a proxy that collects them', async () => {
  const url = await serve(async (request, response) => {
    const answer = await fetch(tracking.url + request.url)
    const bytes = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { 'Content-Type': 'image/gif' }).end(bytes)
  })
  expect(await stateAt(url)).toEqual(['warning'])
})

it('doctor does not guess where another server answers, none does, or none is named', async () => {
  const other = await serve((_, response) => void response.end('<h1>It works!</h1>'))
  expect(await stateAt(other)).toEqual(['unknown'])
  expect(await stateAt('http://127.0.0.1:1')).toEqual(['unknown'])
  expect(await stateAt(null)).toEqual([])
})
