import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Metric } from '../../../server/domain/metrics/kpi.ts'
import type { BillingProviderName } from '../../../server/features/billing/billing-provider.ts'
import type { RevenueEntry } from '../../../server/features/metrics/money.ts'
import { billingProviders } from '../../../shared/api/billing-connections.ts'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { externalIdOf, type MoneyFact } from '../../support/billing-money-shapes.ts'
import { putMail } from '../../support/put-mail.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

const workspaceId = 'main' as WorkspaceId
/** Orders tried for each billing system. */
const runs = 6

const fact = (patch: Partial<MoneyFact> & Pick<MoneyFact, 'id' | 'ref' | 'at'>): MoneyFact => ({
  kind: 'payment',
  paidFrom: patch.at,
  isFirst: false,
  amountMinor: 2900,
  currency: 'USD',
  ...patch,
})

const paymentsOf = ({ api }: ServedBilling, userId: string): Promise<RevenueEntry[]> =>
  api.server.services.metrics.money.paymentsOf(trialIdOfUser(workspaceId, userId))

async function revenueOf({ api, clock }: ServedBilling, externalIds: readonly string[]) {
  const { money } = api.server.services.metrics
  const all = await money.revenue(workspaceId, 0, clock.now() + 3650 * dayMs)
  return all.filter(({ externalId }) => externalIds.includes(externalId))
}

async function kpi({ api }: ServedBilling, id: string): Promise<Metric | undefined> {
  await api.server.services.metrics.measures.foldAll()
  const { body } = await api.call<{ metrics: Metric[] }>('GET', '/api/kpis')
  return body.metrics.find((metric) => metric.id === id)
}

const waiting = async ({ api }: ServedBilling) =>
  (
    await api.call<{ payments: { externalId: string | null; detail: string | null }[] }>(
      'GET',
      '/api/billing/payments',
    )
  ).body.payments

describe.each(billingProviders)('%s', (provider: BillingProviderName) => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling(provider)
  })
  afterAll(() => served.close())

  let serial = 0
  /** Two payments, part of the first given back, the second charged back. */
  function historyOf(ref: string, startedAt: number): { facts: MoneyFact[]; kept: number } {
    const id = () => String(1000 + ++serial)
    const first = fact({ id: id(), ref, at: startedAt + hourMs, paidFrom: startedAt, isFirst: true })
    const later = fact({ id: id(), ref, at: startedAt + 60 * dayMs, amountMinor: 4900 })
    const refund = fact({ id: id(), ref, at: startedAt + dayMs, kind: 'refund', amountMinor: 900 })
    const chargeback = fact({ ...later, id: id(), of: later.id, kind: 'chargeback', at: later.at + 1000 })
    // Maxio does not tell of chargebacks.
    return provider === 'maxio'
      ? { facts: [first, later, refund], kept: 2900 + 4900 - 900 }
      : { facts: [first, later, refund, chargeback], kept: 2900 - 900 }
  }

  test('in any order and however often, each counts once, and what went back is taken off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { maxLength: 6 }),
        fc.infiniteStream(fc.nat({ max: 1000 })),
        async (repeats, order) => {
          const { userId, ref, startedAt } = await served.link()
          const { facts, kept } = historyOf(ref, startedAt)
          const told = [...facts, ...repeats.map((index) => facts[index % facts.length] as MoneyFact)]
            .map((of, index) => ({ of, index, place: order.next().value as number }))
            .sort((a, b) => a.place - b.place)
          // Some repeats come under the same event id, others as events of their own.
          for (const { of, index } of told)
            await served.tell(`e-${of.id}-${index % 2 === 0 ? 'same' : index}`, of)
          const payments = await paymentsOf(served, userId)
          expect(payments.reduce((sum, { baseMinor }) => sum + baseMinor, 0)).toBe(kept)
          const expected = facts.map((one) => [
            externalIdOf(provider, one),
            one.kind === 'payment' ? (one.isFirst ? 'new' : 'renewal') : one.kind,
          ])
          expect(payments.map(({ externalId, type }) => [externalId, type]).sort()).toEqual(expected.sort())
          const ids = expected.map(([externalId]) => externalId as string)
          expect(await revenueOf(served, ids)).toHaveLength(facts.length)
        },
      ),
      { numRuns: runs },
    )
    expect(await waiting(served)).toEqual([])
  })

  test('what an unknown person has paid is the revenue of no trialist', async () => {
    const ref = provider === 'maxio' ? '77' : 'sub_stranger'
    served.standIn.add({ ref, startedAt: served.clock.now(), trialEndsAt: served.clock.now() + dayMs })
    const paid = fact({ id: '77001', ref, at: served.clock.now() })
    await served.tell('e-stranger', paid)
    const [entry] = await revenueOf(served, [externalIdOf(provider, paid)])
    expect(entry).toMatchObject({ baseMinor: 2900, userId: null })
    for (let time = 0; time < 4; time++) await served.pass(hourMs)
    expect(await waiting(served)).toEqual([])
  })

  test('of a person who signs up months later, or is assigned by hand, it is theirs with all its payments', async () => {
    const { api, clock, connection, standIn } = served
    const [ref, other] = provider === 'maxio' ? ['79', '80'] : ['sub_months', 'sub_by_hand']
    const [startedAt, trialEndsAt] = [clock.now(), clock.now() + dayMs]
    const one = { startedAt, trialEndsAt, status: 'active' } as const
    standIn.add({ ...one, ref, userId: 'after-months' })
    standIn.add({ ...one, ref: other, userId: 'another-id' })
    for (const [index, of] of [ref, other].entries()) {
      await served.tell(`e-months-${of}`, fact({ id: `7900${index}`, ref: of, at: startedAt, isFirst: true }))
      await served.tell(`e-more-${of}`, fact({ id: `7910${index}`, ref: of, at: startedAt + 30 * dayMs }))
      await served.deliver(`made-${of}`, of)
    }
    for (let time = 0; time < 4; time++) await served.pass(20 * dayMs)
    await served.put('after-months', clock.now() + dayMs)
    await served.pass(minuteMs)
    const minor = async (userId: string) =>
      (await paymentsOf(served, userId)).map(({ baseMinor }) => baseMinor)
    expect(await minor('after-months')).toEqual([2900, 2900])

    const assign = async (userId: string) => {
      const body = { connectionId: connection.id, subscription: other, userId }
      expect((await api.call('PUT', '/api/billing/owners', { body })).status).toBe(202)
      await served.pass(minuteMs)
    }
    await served.put('bystander', clock.now() + dayMs)
    await served.put('by-hand', clock.now() + dayMs)
    await assign('bystander')
    expect(await minor('bystander')).toEqual([2900, 2900])
    await assign('by-hand')
    expect(await minor('by-hand')).toEqual([2900, 2900])
    expect(await minor('bystander')).toEqual([])
  })

  test('of a person who signs up a little later it is theirs', async () => {
    const ref = provider === 'maxio' ? '78' : 'sub_late'
    const userId = 'late-payer'
    const [startedAt, trialEndsAt] = [served.clock.now(), served.clock.now() + 14 * dayMs]
    served.standIn.add({ ref, userId, startedAt, trialEndsAt })
    await served.tell('e-late', fact({ id: '78001', ref, at: served.clock.now() }))
    await served.put(userId, trialEndsAt)
    await served.pass(minuteMs)
    expect(await paymentsOf(served, userId)).toMatchObject([{ baseMinor: 2900 }])
  })
})

describe('the metrics', () => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling('stripe')
  })
  afterAll(() => served.close())

  test('show a payment on the email that was clicked before, and what is left after a refund', async () => {
    const { api, clock, standIn } = served
    const token = await putMail(api, 'ann')
    await putMail(api, 'ben')
    clock.advance(hourMs)
    const phone = { 'User-Agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148' }
    await fetch(`${api.server.url}/c/${token}/0`, { headers: phone, redirect: 'manual' })
    const at = clock.now() + hourMs
    clock.set(at)
    standIn.add({ ref: 'sub_ann', userId: 'ann', startedAt: at, trialEndsAt: at + dayMs, status: 'active' })
    await served.tell('e-ann', fact({ id: '1', ref: 'sub_ann', at, isFirst: true }))

    expect(await kpi(served, 'purchase_rate')).toMatchObject({ numerator: 1, denominator: 2, action: null })
    expect(await kpi(served, 'revenue_per_mail')).toMatchObject({ numerator: 2900, denominator: 2 })
    const rate = await kpi(served, 'conversion_rate')
    expect(rate?.breakdown.filter(({ count }) => count > 0)).toMatchObject([{ name: 'campaign', count: 1 }])

    await served.tell('e-ann-back', fact({ id: '2', ref: 'sub_ann', at, kind: 'refund', amountMinor: 900 }))
    expect(await kpi(served, 'revenue_per_mail')).toMatchObject({ numerator: 2000 })
    await served.tell('e-ann-all', fact({ id: '3', ref: 'sub_ann', at, kind: 'refund', amountMinor: 2000 }))
    expect(await kpi(served, 'purchase_rate')).toMatchObject({ numerator: 0, denominator: 2 })
  })

  test('a refund of all takes the conversion back, of a part does not, and a new payment brings it again', async () => {
    const { clock, standIn } = served
    const { userId, ref, startedAt } = await served.link()
    clock.advance(15 * dayMs)
    standIn.change(ref, { status: 'active' })
    const paid = { ref, paidFrom: startedAt + 14 * dayMs }
    await served.tell('e-40', fact({ ...paid, id: '40', at: clock.now(), isFirst: true }))
    const status = async () => (await served.get(userId)).trial.status
    expect(await status()).toBe('converted')
    const refund = { ref, kind: 'refund', isFirst: false } as const
    await served.tell('e-41', fact({ ...refund, id: '41', at: clock.now(), amountMinor: 900 }))
    expect(await status()).toBe('converted')
    await served.tell('e-42', fact({ ...refund, id: '42', at: clock.now(), amountMinor: 2000 }))
    expect(await status()).toBe('ended')
    const { billing } = (await served.get(userId)) as unknown as {
      billing: { payment: string; notes: string[] }
    }
    expect(billing).toMatchObject({ payment: 'unpaid', notes: [expect.stringContaining('refunded')] })
    // Its latest invoice is still “paid” at Stripe: reading it again changes nothing.
    await served.deliver('e-43', ref)
    expect(await status()).toBe('ended')
    await served.tell('e-44', fact({ id: '44', ref, at: clock.now() }))
    expect(await status()).toBe('converted')
  })

  test('ask for the rate of another currency, and take what waited once it is there', async () => {
    const { api, clock } = served
    const { userId, ref } = await served.link()
    const paid = fact({ id: '10', ref, at: clock.now(), currency: 'JPY', amountMinor: 5000 })
    await served.tell('e-yen', paid)
    expect(await revenueOf(served, ['in_10'])).toEqual([])
    expect(await waiting(served)).toMatchObject([
      { externalId: 'in_10', detail: expect.stringContaining('/api/rates') },
    ])
    expect((await kpi(served, 'purchase_rate'))?.alarm).toContain('JPY')
    const wrong = await api.call('PUT', '/api/rates', { body: { rates: { yen: 1 } } })
    expect(wrong.status).toBe(400)
    const rates = await api.call('PUT', '/api/rates', { body: { rates: { JPY: 0.67 } } })
    expect(rates.body).toEqual({ currency: 'USD', rates: { JPY: 0.67 }, wanted: [] })
    await served.pass(11 * minuteMs)
    expect(await paymentsOf(served, userId)).toMatchObject([
      { amountMinor: 5000, currency: 'JPY', baseMinor: 3350 },
    ])
    expect((await kpi(served, 'purchase_rate'))?.alarm).toBeNull()
    expect(await waiting(served)).toEqual([])

    // Another rate changes nothing that is recorded; and it serves those who report payments themselves.
    await api.call('PUT', '/api/rates', { body: { rates: { JPY: 0.7 } } })
    await served.tell('e-yen-again', paid)
    expect(await paymentsOf(served, userId)).toMatchObject([{ baseMinor: 3350 }])
    expect(await waiting(served)).toEqual([])
    const body = {
      externalId: 'mine',
      at: new Date(clock.now()).toISOString(),
      amountMinor: 100,
      currency: 'JPY',
    }
    expect((await api.call('POST', '/api/revenue', { body })).status).toBe(201)
    expect(await revenueOf(served, ['mine'])).toMatchObject([{ baseMinor: 70 }])
  })

  test('lose nothing while the billing system is away', async () => {
    const { clock, standIn } = served
    const { userId, ref } = await served.link()
    standIn.setAway(true)
    await served.tell('e-20', fact({ id: '20', ref, at: clock.now() }))
    await served.tell('e-21', fact({ id: '21', ref, at: clock.now(), kind: 'refund', amountMinor: 900 }))
    for (let day = 0; day < 12; day++) await served.pass(dayMs)
    expect(await paymentsOf(served, userId)).toEqual([])
    expect(await waiting(served)).toMatchObject([
      { externalId: 'in_20', detail: expect.stringContaining('503') },
      { externalId: null, detail: expect.stringContaining('503') },
    ])
    standIn.setAway(false)
    await served.pass(2 * dayMs)
    expect((await paymentsOf(served, userId)).map(({ baseMinor }) => baseMinor).sort()).toEqual([-900, 2900])
    expect(await waiting(served)).toEqual([])
  })

  test('give up, in sight, what the billing system does not know itself', async () => {
    const { api, clock, standIn, billing } = served
    const { ref } = await served.link()
    standIn.setAway(true)
    await served.tell('e-gone', fact({ id: '25', ref, at: clock.now(), kind: 'refund' }))
    standIn.resources.delete('/v1/charges/ch_25')
    standIn.setAway(false)
    for (let hour = 0; hour < 5; hour++) await served.pass(hourMs)
    const [given] = await waiting(served)
    expect(given).toMatchObject({ externalId: null, nextAttemptAt: null })
    expect(await api.server.storage.documents.list('billing-payment', { limit: 10 })).toHaveLength(1)
    clock.advance(31 * dayMs)
    await billing.purge()
    expect(await waiting(served)).toEqual([])
  })

  test('take the others where one cannot be recorded', async () => {
    const { api, billing, clock, standIn } = served
    const { userId, ref } = await served.link()
    standIn.setAway(true)
    for (const id of ['26', '27', '28']) await served.tell(`e-${id}`, fact({ id, ref, at: clock.now() }))
    standIn.setAway(false)
    const { documents } = api.server.storage
    const put = documents.put.bind(documents)
    const failing: typeof put = async (kind, id, body, ...rest) => {
      if (kind === 'revenue' && JSON.stringify(body).includes('in_27')) throw new Error('the disk is full')
      return put(kind, id, body, ...rest)
    }
    Object.assign(documents, { put: failing })
    clock.advance(minuteMs)
    await expect(billing.work()).rejects.toThrow('the disk is full')
    Object.assign(documents, { put })
    expect((await paymentsOf(served, userId)).map(({ externalId }) => externalId).sort()).toEqual([
      'in_26',
      'in_28',
    ])
    await served.pass(minuteMs)
    expect(await paymentsOf(served, userId)).toHaveLength(3)
  })

  test.each(['revenue-id', 'revenue', 'payment'])(
    'are whole again after a crash before the document of kind %s',
    async (kind) => {
      const { clock, api } = served
      const { userId, ref } = await served.link()
      const { documents } = api.server.storage
      const put = documents.put.bind(documents)
      const crash: typeof put = async (of, ...rest) => {
        if (of === kind) throw new Error('the power went')
        return put(of, ...rest)
      }
      Object.assign(documents, { put: crash })
      const paid = fact({ id: `3-${kind}`, ref, at: clock.now(), isFirst: true })
      try {
        await served.tell(`e-${kind}`, paid)
      } finally {
        Object.assign(documents, { put })
      }
      await served.pass(dayMs)
      expect(await paymentsOf(served, userId)).toMatchObject([{ baseMinor: 2900 }])
      expect(await revenueOf(served, [`in_3-${kind}`])).toHaveLength(1)
    },
  )
})

test('a connected billing system is reason enough not to ask for one', async () => {
  const served = await serveBilling('paddle')
  try {
    await putMail(served.api, 'solo')
    expect((await kpi(served, 'purchase_rate'))?.action).toBeNull()
    const path = `/api/billing/connections/${served.connection.id}`
    expect((await served.api.call('DELETE', path)).status).toBe(204)
    expect((await kpi(served, 'purchase_rate'))?.action).toContain('Connect billing')
  } finally {
    await served.close()
  }
})
