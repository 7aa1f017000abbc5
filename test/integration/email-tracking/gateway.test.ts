import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createIds } from '../../../server/adapters/ids.ts'
import type { HitSignal } from '../../../server/domain/metrics/signal.ts'
import { findMail } from '../../../server/features/email-tracking/mail-record.ts'
import { createSignals } from '../../../server/features/email-tracking/signals.ts'
import type { DocumentStore } from '../../../server/storage/port.ts'
import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { serveTracking, type TrackingServer } from '../../support/serve-tracking.ts'

const startAt = Date.UTC(2026, 8, 7, 9)
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

let served: TrackingServer
beforeAll(async () => {
  served = await serveTracking(startAt)
})
afterAll(async () => {
  await served.close()
})

const click = (token: string) =>
  fetch(`${served.url}/c/${token}/0`, { headers: { 'User-Agent': browser }, redirect: 'manual' })
const actorsOf = async (token: string) =>
  (await served.storage.documents.list('signal', { prefix: `${token}/`, limit: 10 })).map(
    ({ body }) => (body as HitSignal).verdict.actor,
  )
/** Hits are judged after they are answered. */
const actorsToBe = (token: string, actors: readonly string[]) =>
  vi.waitFor(async () => expect(await actorsOf(token)).toEqual(actors), { timeout: 10_000 })

test('a gateway that walks three people’s emails is told from people, also in the emails it walked first, and later on', async () => {
  const tokens = await Promise.all(['ann', 'bob', 'cleo'].map((name) => served.sendMail(name)))
  const [first = '', second = '', third = ''] = tokens
  served.clock.set(startAt + 30 * secondMs)
  await click(first)
  await actorsToBe(first, ['human'])
  served.clock.set(startAt + 35 * secondMs)
  await click(second)
  served.clock.set(startAt + 40 * secondMs)
  await click(third)
  for (const token of tokens) await actorsToBe(token, ['machine'])

  // The memory of networks lasts a minute; what was found out by it stays.
  served.clock.set(startAt + 30 * minuteMs)
  await click(first)
  await actorsToBe(first, ['machine', 'human'])
  expect(await served.signals.reclassify(second)).toBe(0)
  expect(await actorsOf(second)).toEqual(['machine'])
})

test('a gateway is told also by the email it walked alone, when many follow at the same time', async () => {
  const names = ['dan', 'eve', 'finn', 'gwen', 'hal', 'ida']
  const tokens = await Promise.all(names.map((name) => served.sendMail(name)))
  const [first = '', ...rest] = tokens
  served.clock.set(startAt + 60 * minuteMs)
  await click(first)
  await vi.waitFor(async () => expect(await actorsOf(first)).toHaveLength(1), { timeout: 10_000 })
  await Promise.all(rest.map(click))
  for (const token of tokens) await actorsToBe(token, ['machine'])
})

/** As a database behind a network: nothing is there at once. */
const slow = (documents: DocumentStore): DocumentStore => {
  const late = async <T>(work: () => Promise<T>): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4))
    return work()
  }
  return {
    get: (...args) => late(() => documents.get(...args)),
    put: (...args) => late(() => documents.put(...args)),
    delete: (...args) => late(() => documents.delete(...args)),
    list: (...args) => late(() => documents.list(...args)),
  } as DocumentStore
}

test('a scanner that fetches all links at the same moment is told, however slow the database is', async () => {
  const token = await served.sendMail('jo', {
    links: ['https://a.example/1', 'https://a.example/2', 'https://a.example/3'],
  })
  const mail = await findMail(served.storage, token)
  if (!mail) throw new Error('no email')
  const storage = { ...served.storage, documents: slow(served.storage.documents) }
  const two = [0, 1].map(() => createSignals({ ...served, storage, ids: createIds() }))
  const at = served.clock.now() + minuteMs
  await Promise.all(
    [0, 1, 2].map((link) =>
      two[link % 2]?.hit(
        mail,
        { type: 'click', token, link, method: 'GET', userAgent: browser, address: '203.0.113.9', at },
        createIds().uuid(at),
      ),
    ),
  )
  expect(await actorsOf(token)).toEqual(['machine', 'machine', 'machine'])
})
