import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Storage, StorageUnavailable } from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { type CollectServer, secretKey, serveCollect, writeKey } from '../../support/serve-collect.ts'

let server: CollectServer
beforeEach(async () => {
  server = await serveCollect()
})
afterEach(() => server.close())

let serial = 0
const track = (who: { userId?: string; anonymousId?: string }) => ({
  type: 'track',
  event: 'Board Created',
  messageId: `m-${++serial}`,
  ...who,
})
const identify = (userId: string, anonymousId: string) => ({
  type: 'identify',
  userId,
  anonymousId,
  messageId: `m-${++serial}`,
})
async function send(to: CollectServer, ...batch: unknown[]) {
  const response = await to.post('/v1/b', { writeKey, batch })
  return response.status
}
const boards = async (userId: string, of = server) =>
  (await of.trialOf(userId))?.usage.counters['Board Created']?.count ?? 0

describe('a visitor who becomes a user', () => {
  it('takes along what was done before, once', async () => {
    await send(server, track({ anonymousId: 'v' }), track({ anonymousId: 'v' }))
    expect((await server.visitor('v'))?.clock.status).toBe('anonymous')
    const identified = identify('u', 'v')
    await send(server, identified)
    await send(server, identified)
    await send(server, identify('u', 'v'))
    expect(await boards('u')).toBe(2)
    expect((await server.visitor('v'))?.mergedInto).toBe('main:u:u')
    expect((await server.trialOf('u'))?.absorbed).toEqual(['v'])
  })
  it('is the user from then on, in the same batch already, and in a server that has just started', async () => {
    await send(server, track({ anonymousId: 'v' }), identify('u', 'v'), track({ anonymousId: 'v' }))
    expect(await boards('u')).toBe(2)
    const another = await serveCollect({ storage: { ...server.storage, close: async () => {} } })
    await send(another, track({ anonymousId: 'v' }))
    await another.close()
    expect(await boards('u')).toBe(3)
  })
  it('is known by alias too, before or after more anonymous events', async () => {
    await send(server, track({ anonymousId: 'v' }))
    await server.post('/v1/b', {
      writeKey: secretKey,
      batch: [{ type: 'alias', userId: 'u', previousId: 'v' }],
    })
    await send(server, track({ anonymousId: 'v' }))
    await send(server, track({ anonymousId: 'v' }))
    expect(await boards('u')).toBe(3)
  })
  it('stays with the first user when another one signs in on the same device', async () => {
    await send(server, track({ anonymousId: 'v' }), identify('first', 'v'))
    await send(
      server,
      identify('second', 'v'),
      track({ userId: 'second', anonymousId: 'v' }),
      track({ anonymousId: 'v' }),
    )
    expect(await boards('first')).toBe(2)
    expect(await boards('second')).toBe(1)
  })
  it('leaves a trace on the person even without usage, so that erasing them finds it', async () => {
    await send(server, identify('u', 'v'))
    expect((await server.trialOf('u'))?.absorbed).toEqual(['v'])
    expect((await server.visitor('v'))?.mergedInto).toBe('main:u:u')
  })
  it('brings the usage of several devices together', async () => {
    for (const device of ['phone', 'laptop', 'tablet']) {
      await send(server, track({ anonymousId: device }))
      await send(server, identify('u', device))
    }
    expect(await boards('u')).toBe(3)
    expect((await server.trialOf('u'))?.absorbed).toEqual(['phone', 'laptop', 'tablet'])
  })
})

/** Two servers over one database that know nothing of each other, and storage that fails where it is told to. */
describe('taking over a visitor', () => {
  const shared = (storage: Storage): Storage => ({ ...storage, close: async () => {} })

  it('counts an event that another server stores while the visitor is being taken over', async () => {
    const other = await serveCollect({ storage: shared(server.storage) })
    await send(other, track({ anonymousId: 'v' }))
    await send(server, identify('u', 'v'))
    // This one still takes the visitor for no one: it has asked a moment ago.
    await send(other, track({ anonymousId: 'v' }))
    expect(await boards('u')).toBe(2)
    await send(other, track({ anonymousId: 'v' }))
    expect(await boards('u')).toBe(3)
    await other.close()
  })

  it('loses and doubles nothing when the server dies at any write and the client sends again', async () => {
    for (let failAt = 1; ; failAt++) {
      const inner = await openSqliteStorage({ file: ':memory:' })
      let writes = 0
      const count = () => {
        if (++writes === failAt) throw new StorageUnavailable('gone')
      }
      const dying: Storage = {
        ...shared(inner),
        ingest: async (events, fold) => {
          const result = await inner.ingest(events, fold)
          count()
          return result
        },
        trials: {
          ...inner.trials,
          save: async (trial, fence) => {
            count()
            return inner.trials.save(trial, fence)
          },
        },
      }
      const first = [track({ anonymousId: 'v' }), track({ anonymousId: 'v' })]
      const second = [track({ anonymousId: 'v' }), identify('u', 'v'), track({ anonymousId: 'v' })]
      const dead = await serveCollect({ storage: dying })
      const firstStatus = await send(dead, ...first)
      const secondStatus = firstStatus === 200 ? await send(dead, ...second) : 503
      await dead.close()
      const alive = await serveCollect({ storage: shared(inner) })
      if (firstStatus !== 200) await send(alive, ...first)
      if (secondStatus !== 200) await send(alive, ...second)
      expect(await boards('u', alive), `failed at write ${failAt}`).toBe(4)
      await alive.close()
      await inner.close()
      if (secondStatus === 200) {
        expect(failAt).toBeGreaterThan(3)
        return
      }
    }
  })

  it('counts every event once whatever the order, with two servers and re-sent batches', async () => {
    const step = fc.record({
      what: fc.constantFrom('anonymous', 'user', 'both', 'identify'),
      on: fc.constantFrom(0, 1),
      again: fc.boolean(),
      wait: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const storage = await openSqliteStorage({ file: ':memory:' })
        const servers = [
          await serveCollect({ storage: shared(storage) }),
          await serveCollect({ storage: shared(storage) }),
        ]
        const who = {
          anonymous: { anonymousId: 'v' },
          user: { userId: 'u' },
          both: { userId: 'u', anonymousId: 'v' },
        }
        let expected = 0
        const running: Promise<unknown>[] = []
        for (const { what, on, again, wait } of steps) {
          const event = what === 'identify' ? identify('u', 'v') : track(who[what])
          if (what !== 'identify') expected++
          const first = send(servers[on]!, event)
          running.push(first, ...(again ? [first.then(() => send(servers[1 - on]!, event))] : []))
          if (wait) await Promise.all(running)
        }
        await Promise.all(running)
        await send(servers[0]!, identify('u', 'v'))
        const counted = await boards('u', servers[0])
        for (const each of servers) await each.close()
        await storage.close()
        expect(counted).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })
})
