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
    await served.api.call('PUT', '/api/rates', { body: { rates: { JPY: 0.67 } } })
    const yen = { externalId: 'y1', userId: 'late', amountMinor: 4980, currency: 'JPY' }
    const at = new Date(served.clock.now()).toISOString()
    expect((await served.api.call('POST', '/api/revenue', { body: { ...yen, at } })).status).toBe(201)
    const { userId, ref } = await served.link()
    const now = served.clock.now()
    const paid = { ref, at: now, paidFrom: now, isFirst: true, amountMinor: 2950, currency: 'USD' }
    await served.tell('e-5001', { kind: 'payment', id: '5001', ...paid })
    // For the books: whole units, a refund is negative, and no cell is a formula.
    const csv = await served.api.call<string>('GET', '/api/revenue?from=2026-09-01&to=2026-10-31&format=csv')
    expect(csv.headers.get('content-disposition')).toContain('payments-2026-09-01-2026-10-31.csv')
    const [head, ...lines] = csv.body.trimEnd().split('\r\n')
    expect(head).toBe('at,type,user_id,amount,currency,base_amount,base_currency,external_id')
    expect(lines.map((line) => line.slice(line.indexOf(',') + 1)).sort()).toEqual([
      'new,acme/50% off,20,USD,20,USD,o1',
      'new,ann,-10,USD,-10,USD,a2',
      'new,ann,50,USD,50,USD,a1',
      'new,late,4980,JPY,33.37,USD,y1',
      'new,late,7,USD,7,USD,l1',
      `new,${userId},29.5,USD,29.5,USD,in_5001`,
    ])
  } finally {
    await served.close()
  }
})
