import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Storage, StorageUnavailable } from '../../../server/storage/port.ts'
import { type CollectServer, serveCollect, writeKey } from '../../support/serve-collect.ts'

let server: CollectServer
afterEach(() => server.close())

let serial = 0
const batch = (userId = 'u', events = 1) => ({
  writeKey,
  batch: Array.from({ length: events }, () => ({
    type: 'track',
    event: 'A',
    userId,
    messageId: `m-${++serial}`,
  })),
})
const send = (body: unknown = batch()) => server.post('/v1/b', body)
const counted = async (userId = 'u') => (await server.trialOf(userId))?.usage.total ?? 0

/** Holds every ingest until it is let go, or fails it. */
function gate(storage: Storage) {
  const calls: { size: number; go: () => void; fail: (error: Error) => void }[] = []
  const held: Storage = {
    ...storage,
    ingest: (events, fold) =>
      new Promise((resolve, reject) => {
        calls.push({
          size: events.length,
          go: () => storage.ingest(events, fold).then(resolve, reject),
          fail: reject,
        })
      }),
  }
  return { held, calls }
}
async function until(holds: () => boolean) {
  while (!holds()) await sleep(1)
}

describe('under pressure', () => {
  it('acknowledges nothing before it is stored', async () => {
    let calls: ReturnType<typeof gate>['calls'] = []
    server = await serveCollect({
      wrapStorage: (storage) => {
        const gated = gate(storage)
        calls = gated.calls
        return gated.held
      },
    })
    let answered = false
    const sent = send().then((response) => {
      answered = true
      return response
    })
    await until(() => calls.length === 1)
    await sleep(20)
    expect(answered).toBe(false)
    calls[0]!.go()
    expect((await sent).status).toBe(200)
    expect(await counted()).toBe(1)
  })

  it('commits requests that come together in one go', async () => {
    const sizes: number[] = []
    server = await serveCollect({
      limits: { holdMs: 50, cheapCommitMs: 0 },
      wrapStorage: (storage) => ({
        ...storage,
        ingest: (events, fold) => {
          sizes.push(events.length)
          return storage.ingest(events, fold)
        },
      }),
    })
    await Promise.all(Array.from({ length: 20 }, () => send()))
    expect(sizes.reduce((a, b) => a + b)).toBe(20)
    expect(sizes.length).toBeLessThan(10)
    expect(await counted()).toBe(20)
  })

  it('answers 503 with Retry-After when too much is waiting, and takes it later', async () => {
    let calls: ReturnType<typeof gate>['calls'] = []
    server = await serveCollect({
      limits: { queueBytes: 3_000, holdMs: 0, groupsInFlight: 1 },
      wrapStorage: (storage) => {
        const gated = gate(storage)
        calls = gated.calls
        return gated.held
      },
    })
    const one = send(batch('u', 20))
    await until(() => calls.length === 1)
    const two = send(batch('u', 20))
    const three = await send(batch('u', 20))
    expect(three.status).toBe(503)
    expect(three.headers.get('retry-after')).toBe('1')
    expect(three.headers.get('access-control-expose-headers')).toBe('Retry-After')
    expect(await three.json()).toMatchObject({ type: 'https://trialpace.dev/problems/unavailable' })
    const letGo = setInterval(() => {
      for (const call of calls.splice(0)) call.go()
    }, 1)
    expect([(await one).status, (await two).status]).toContain(200)
    expect((await send()).status).toBe(200)
    clearInterval(letGo)
    expect(server.collect.stats()).toMatchObject({ waitingBytes: 0, waitingEvents: 0 })
  })

  it('answers 503 when the database is away, and counts once when the client tries again', async () => {
    let away = true
    server = await serveCollect({
      wrapStorage: (storage) => ({
        ...storage,
        ingest: async (events, fold) => {
          if (away) throw new StorageUnavailable('away')
          return storage.ingest(events, fold)
        },
      }),
    })
    const body = batch()
    const refused = await send(body)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    away = false
    expect((await send(body)).status).toBe(200)
    expect((await send(body)).status).toBe(200)
    expect(await counted()).toBe(1)
  })

  it('does not let one poisonous request take down those it was grouped with', async () => {
    server = await serveCollect({
      limits: { holdMs: 50 },
      wrapStorage: (storage) => ({
        ...storage,
        ingest: async (events, fold) => {
          if (events.some(({ subject }) => subject === 'n:poison')) throw new Error('a bug')
          return storage.ingest(events, fold)
        },
      }),
    })
    const [good, bad] = await Promise.all([send(), send(batch('poison')), send()])
    expect(good.status).toBe(200)
    expect(bad.status).toBe(500)
    expect(await bad.text()).not.toMatch(/a bug|at /)
    expect(await counted()).toBe(2)
  })

  it('limits each key by itself and says when to come back', async () => {
    server = await serveCollect({ limits: { requestsPerSecond: 0.01, burst: 2 } })
    expect((await send()).status).toBe(200)
    expect((await send()).status).toBe(200)
    const limited = await send()
    expect(limited.status).toBe(429)
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await server.post('/v1/b', { ...batch(), writeKey: 'sk_main' })).status).toBe(200)
  })

  it('drains what it has when it closes, and then refuses', async () => {
    server = await serveCollect({ limits: { holdMs: 100 } })
    const sent = Promise.all(Array.from({ length: 5 }, () => send()))
    await until(() => server.collect.stats().waitingEvents > 0)
    await server.collect.close()
    const statuses = (await sent).map(({ status }) => status)
    expect(await counted()).toBe(statuses.filter((status) => status === 200).length)
    expect(statuses).toContain(200)
    expect((await send()).status).toBe(503)
  })
})
