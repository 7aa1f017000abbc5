import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverLimits } from '../../server/http/server-limits.ts'
import { openMongoStorage } from '../../server/storage/mongo/index.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { dropDatabase } from '../support/mongo.ts'
import { type CollectServer, secretKey, serveCollect } from '../support/serve-collect.ts'
import { type ServerKind, teamSize } from './collect-process.ts'
import { userOf } from './event-batches.ts'

/** Run by `startServer`; tells its port, then its usage whenever asked, until told to close. */

const answer = JSON.stringify({ success: true })

/** What any JSON endpoint of Node pays: read the body, parse it, answer. */
const floor: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    const { batch } = JSON.parse(body.toString('utf8')) as { batch: unknown[] }
    if (!Array.isArray(batch)) throw new Error('no batch')
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length })
    response.end(answer)
  })
}

async function serveFloor() {
  const server = createServer(serverLimits, floor)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const unlimited = { requestsPerSecond: 1e9, burst: 1e9 }

/** Everything of collect but the storage: events are taken and forgotten. */
const serveSink = () =>
  serveCollect({
    limits: unlimited,
    wrapStorage: (storage) => ({
      ...storage,
      ingest: async () => ({ duplicates: new Set(), trials: new Map() }),
    }),
  })

/** As many as the batches are of. */
const users = 1000
const perRequest = 100

/** Each names their company, once. */
async function joinTeams(served: CollectServer): Promise<void> {
  for (let from = 0; from < users; from += perRequest) {
    const batch = Array.from({ length: perRequest }, (_, index) => ({
      type: 'group',
      messageId: `group-${from + index}`,
      userId: userOf(from + index),
      groupId: `team-${Math.floor((from + index) / teamSize)}`,
    }))
    const answer = await served.post('/v1/b', { writeKey: secretKey, batch })
    if (!answer.ok) throw new Error(`the teams were refused with ${answer.status}`)
  }
}

async function serveSqlite(trialsOf: 'person' | 'company' = 'person') {
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-bench-'))
  const served = await serveCollect({
    limits: unlimited,
    trialsOf,
    storage: await openSqliteStorage({ file: join(folder, 'bench.db') }),
  })
  if (trialsOf === 'company') await joinTeams(served)
  return {
    port: served.port,
    async close() {
      await served.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function serveMongo() {
  const uri = process.env.MONGODB_URI ?? ''
  const dbName = `bench_${process.pid}`
  const served = await serveCollect({ limits: unlimited, storage: await openMongoStorage({ uri, dbName }) })
  return {
    port: served.port,
    async close() {
      await served.close()
      await dropDatabase(uri, dbName)
    },
  }
}

const kinds: Record<ServerKind, () => Promise<{ port: number; close(): Promise<void> }>> = {
  floor: serveFloor,
  sink: serveSink,
  sqlite: () => serveSqlite(),
  companies: () => serveSqlite('company'),
  mongo: serveMongo,
}

const served = await kinds[process.argv[2] as ServerKind]()
process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() })
  } else {
    await served.close()
    process.disconnect()
  }
})
process.send?.({ port: served.port })
