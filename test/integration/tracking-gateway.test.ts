import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HitSignal } from '../../server/features/tracking/signals.ts'
import { minuteMs, secondMs } from '../../shared/clock.ts'
import { serveTracking, type TrackingServer } from '../support/serve-tracking.ts'

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
  (await served.storage.documents.list<HitSignal>('signal', { prefix: `${token}/`, limit: 10 })).map(
    ({ body }) => body.verdict.actor,
  )
const settled = () => new Promise((resolve) => setTimeout(resolve, 40))

test('a gateway that walks three people’s mails is told from people, also in the mails it walked first, and later on', async () => {
  const tokens = await Promise.all(['ann', 'bob', 'cleo'].map((name) => served.sendMail(name)))
  const [first = '', second = '', third = ''] = tokens
  served.clock.set(startAt + 30 * secondMs)
  await click(first)
  await settled()
  expect(await actorsOf(first)).toEqual(['human'])
  served.clock.set(startAt + 35 * secondMs)
  await click(second)
  served.clock.set(startAt + 40 * secondMs)
  await click(third)
  await settled()
  for (const token of tokens) expect(await actorsOf(token)).toEqual(['machine'])

  // The memory of networks lasts a minute; what was found out by it stays.
  served.clock.set(startAt + 30 * minuteMs)
  await click(first)
  await settled()
  expect(await actorsOf(first)).toEqual(['machine', 'human'])
  expect(await served.signals.reclassify(second)).toBe(0)
  expect(await actorsOf(second)).toEqual(['machine'])
})
