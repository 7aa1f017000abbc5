import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BillingProviderName } from '../../../server/features/billing/billing-provider.ts'
import { billingProviders } from '../../../shared/api/billing-connections.ts'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const iso = (at: number) => new Date(at).toISOString()

/** What moves a trial at a billing system moves it here. */
describe.each(billingProviders)('%s', (provider: BillingProviderName) => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling(provider)
  })
  afterAll(() => served.close())

  test.each(['userId', 'email'] as const)('moves the trial it finds by %s', async (by) => {
    const { userId, ref, endsAt } = await served.link(by)
    served.standIn.change(ref, { trialEndsAt: endsAt + 5 * dayMs })
    expect((await served.deliver(`moved-${ref}`, ref)).body).toEqual({ received: true, duplicate: false })
    expect((await served.get(userId)).trial.endsAt).toBe(iso(endsAt + 5 * dayMs))
  })

  test('an event repeated five times is answered each time and counts once', async () => {
    const { userId, ref } = await served.link()
    served.standIn.change(ref, { status: 'active' })
    const answers = []
    for (let time = 0; time < 5; time++) answers.push(await served.deliver(`paid-${ref}`, ref))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(answers.map(({ body }) => body.duplicate)).toEqual([false, true, true, true, true])
    const { version, trial } = await served.get(userId)
    expect(trial.status).toBe('converted')
    await served.deliver(`renewed-${ref}`, ref)
    expect((await served.get(userId)).version).toBe(version)
  })

  test('a trial canceled there is over here', async () => {
    const { userId, ref } = await served.link()
    served.clock.advance(hourMs)
    served.standIn.change(ref, { status: 'canceled', endedAt: served.clock.now() - 2 * minuteMs })
    await served.deliver(`canceled-${ref}`, ref)
    expect((await served.get(userId)).trial.status).toBe('ended')
  })

  test('a subscription whose person is not here yet is found a little later', async () => {
    const ref = provider === 'maxio' ? '9001' : 'early'
    const [startedAt, trialEndsAt] = [served.clock.now(), served.clock.now() + 30 * dayMs]
    served.standIn.add({ ref, userId: 'late-riser', startedAt, trialEndsAt })
    await served.deliver('early-1', ref)
    await served.put('late-riser', served.clock.now() + 14 * dayMs)
    await served.pass(minuteMs)
    expect((await served.get('late-riser')).trial.endsAt).toBe(iso(trialEndsAt))
  })
})
