import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../../../shared/clock.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

interface Unmatched {
  readonly revenue: { externalId: string; userId: string | null; email: string | null; baseMinor: number }[]
}

let served: ServedApi
beforeAll(async () => {
  served = await serveApi(someTime)
})
afterAll(() => served.close())

const pay = (externalId: string, who: object, amountMinor = 2900) =>
  served.call('POST', '/api/revenue', {
    body: { externalId, at: new Date(someTime).toISOString(), amountMinor, currency: 'USD', ...who },
  })
const appear = (userId: string, body: object = {}) => served.call('PUT', `/api/trialists/${userId}`, { body })
const unmatched = async () => (await served.call<Unmatched>('GET', '/api/revenue/unmatched')).body.revenue
async function paidBy(userId: string) {
  await served.server.services.metrics.early.settled()
  const path = `/api/trialists/${userId}/revenue`
  const { body } = await served.call<{ payments: { externalId: string }[] }>('GET', path)
  return body.payments.map(({ externalId }) => externalId).sort()
}

test('payments reported before there is a trial are found when their person appears', async () => {
  for (const [id, who] of [
    ['p1', { userId: 'ann' }],
    ['p2', { userId: 'ann' }],
    ['p3', { email: 'Ben@Example.com' }],
    ['p4', { userId: 'nobody' }],
  ] as const)
    expect((await pay(id, who)).status).toBe(201)
  expect((await pay('p1', { userId: 'ann' })).body).toEqual({ recorded: 'repeated' })
  expect(
    (await unmatched()).map(({ externalId, userId, email }) => [externalId, userId, email]).sort(),
  ).toEqual([
    ['p1', 'ann', null],
    ['p2', 'ann', null],
    ['p3', null, expect.stringMatching(/^.…@example\.com$/i)],
    ['p4', 'nobody', null],
  ])
  served.clock.advance(30 * dayMs)
  await appear('ann')
  await appear('ben-1', { email: 'ben@example.com' })
  expect(await paidBy('ann')).toEqual(['p1', 'p2'])
  expect(await paidBy('ben-1')).toEqual(['p3'])
  expect((await unmatched()).map(({ externalId }) => externalId)).toEqual(['p4'])
})

test('an address that becomes known later finds its payments too', async () => {
  await appear('cleo')
  await pay('p5', { email: 'cleo@example.com' })
  expect(await paidBy('cleo')).toEqual([])
  await appear('cleo', { email: 'cleo@example.com' })
  expect(await paidBy('cleo')).toEqual(['p5'])
})

test('one is linked by hand, to someone there is', async () => {
  const link = (externalId: string, userId: string) =>
    served.call('PUT', '/api/revenue/owners', { body: { externalId, userId } })
  expect((await link('p4', 'stranger')).status).toBe(404)
  expect((await link('p1', 'ann')).status).toBe(404)
  expect((await link('p4', 'ann')).status).toBe(204)
  expect(await paidBy('ann')).toEqual(['p1', 'p2', 'p4'])
  expect(await unmatched()).toEqual([])
})
