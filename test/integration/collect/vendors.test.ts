import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LoggedEvent } from '../../../server/storage/port.ts'
import { type CollectServer, secretKey, serveCollect, writeKey } from '../../support/serve-collect.ts'

/** The vendors’ own clients, unchanged: only the address of the server is theirs to be told. */

let server: CollectServer
beforeEach(async () => {
  server = await serveCollect()
})
afterEach(() => server.close())

const logged = (subject: string): Promise<LoggedEvent[]> =>
  server.storage.events.ofSubject('main' as never, subject, 100)

const everyKind = ['alias', 'group', 'identify', 'page', 'screen', 'track']

describe('@segment/analytics-node', () => {
  it('delivers every kind of call', async () => {
    const analytics = new Analytics({ writeKey: secretKey, host: server.origin })
    const failures: unknown[] = []
    analytics.on('error', (error) => failures.push(error))
    const timestamp = new Date(Date.now() - 60_000)
    analytics.identify({
      userId: 'ann',
      traits: { email: 'ann@example.com', plan: 'pro', trialEndsAt: '2027-01-24T00:00:00Z' },
    })
    analytics.track({ userId: 'ann', event: 'Board Created', properties: { boards: 1 }, timestamp })
    analytics.page({ userId: 'ann', name: 'Home' })
    analytics.screen({ userId: 'ann', name: 'Start' })
    analytics.group({ userId: 'ann', groupId: 'acme', traits: { name: 'Acme' } })
    analytics.track({ anonymousId: 'visitor', event: 'Card Completed' })
    analytics.alias({ userId: 'ann', previousId: 'visitor' })
    await analytics.closeAndFlush()

    expect(failures).toEqual([])
    const events = await logged('u:ann')
    expect(events.map(({ event }) => event.type).sort()).toEqual(everyKind)
    expect(events.find(({ event }) => event.type === 'track')?.event).toMatchObject({
      name: 'Board Created',
      at: timestamp.getTime(),
      verified: true,
      properties: { boards: 1 },
    })
    const trial = await server.trialOf('ann')
    expect(trial?.person).toMatchObject({ email: 'ann@example.com', plan: 'pro' })
    expect(trial?.clock.endsAt).toBe(Date.UTC(2027, 0, 24))
    expect(trial?.usage.counters['Card Completed']?.count).toBe(1)
  })

  it('tries again after 503 and is counted once', async () => {
    let refusals = 2
    const front = createServer((request, response) => {
      if (refusals-- > 0) response.writeHead(503, { 'Retry-After': '0' }).end()
      else if (!server.collect.handle(request, response)) response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const host = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
    const analytics = new Analytics({ writeKey, host, flushAt: 1 })
    analytics.track({ userId: 'ann', event: 'Board Created' })
    await analytics.closeAndFlush()
    front.closeAllConnections()
    front.close()
    expect((await server.trialOf('ann'))?.usage.total).toBe(1)
  })
})

describe('@rudderstack/rudder-sdk-node', () => {
  it.each([true, false])('delivers every kind of call (gzip: %s)', async (gzip) => {
    const client = new RudderAnalytics(secretKey, {
      dataPlaneUrl: server.origin,
      gzip,
      flushAt: 20,
      logLevel: 'error',
    })
    const failures: unknown[] = []
    const noted = (error?: unknown) => {
      if (error) failures.push(error)
    }
    const originalTimestamp = new Date(Date.now() - 60_000)
    client.identify({ userId: 'ben', traits: { email: 'ben@example.com', name: 'Ben' } }, noted)
    client.track({ userId: 'ben', event: 'Board Created', originalTimestamp } as never, noted)
    client.page({ userId: 'ben', name: 'Home' }, noted)
    client.screen({ userId: 'ben', name: 'Start' } as never, noted)
    client.group({ userId: 'ben', groupId: 'acme' }, noted)
    client.track({ anonymousId: 'visitor', event: 'Card Completed' } as never, noted)
    client.alias({ userId: 'ben', previousId: 'visitor' }, noted)
    await client.flush()

    expect(failures).toEqual([])
    const events = await logged('u:ben')
    expect(events.map(({ event }) => event.type).sort()).toEqual(everyKind)
    expect(events.find(({ event }) => event.type === 'track')?.event.at).toBe(originalTimestamp.getTime())
    const trial = await server.trialOf('ben')
    expect(trial?.person).toMatchObject({ email: 'ben@example.com', name: 'Ben' })
    expect(trial?.usage.counters['Card Completed']?.count).toBe(1)
  })
})
