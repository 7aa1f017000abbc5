import { expect, test } from 'vitest'
import { dayMs } from '../../../shared/clock.ts'
import { serveBilling } from '../../support/serve-billing.ts'

test('revenue by trialist and by month of sign-up, refunds taken off', async () => {
  const served = await serveBilling('stripe')
  try {
    const pay = (userId: string, externalId: string, amountMinor: number) =>
      served.api.call('POST', '/api/revenue', {
        body: {
          externalId,
          userId,
          amountMinor,
          currency: 'USD',
          at: new Date(served.clock.now()).toISOString(),
        },
      })
    const odd = encodeURIComponent('acme/50% off')
    for (const userId of ['ann', 'ben', odd]) await served.put(userId, served.clock.now() + 14 * dayMs)
    await pay('ann', 'a1', 5000)
    await pay('ann', 'a2', -1000)
    await pay('acme/50% off', 'o1', 2000)
    served.clock.advance(40 * dayMs)
    await served.put('late', served.clock.now() + 14 * dayMs)
    await pay('late', 'l1', 700)
    await served.api.server.services.playbooks.refresh()
    const of = await served.api.call('GET', '/api/trialists/ann/revenue')
    expect(of.body).toMatchObject({ currency: 'USD', totalMinor: 4000, payments: [{}, {}] })
    const { body } = await served.api.call<{ cohorts: object[] }>(
      'GET',
      '/api/revenue/cohorts?from=2026-09-01&to=2026-10-31',
    )
    expect(body.cohorts).toMatchObject([
      { month: '2026-09', paying: 2, revenueMinor: 6000 },
      { month: '2026-10', paying: 1, revenueMinor: 700 },
    ])
  } finally {
    await served.close()
  }
})
