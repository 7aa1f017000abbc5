import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RevenueEntry } from '../../../server/features/metrics/money.ts'
import { billingProviders } from '../../../shared/api/billing-connections.ts'
import { dayMs } from '../../../shared/clock.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { type OneOff, oneOffEvent } from '../../support/billing-one-off-shapes.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const workspaceId = 'main' as WorkspaceId

describe.each(billingProviders)('what is paid once at %s', (provider) => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling(provider)
  })
  afterAll(() => served.close())

  let serial = 9000
  /** @returns the id among the revenue */
  async function pay(patch: Partial<OneOff>): Promise<string> {
    const id = String(++serial)
    const paid = {
      id,
      customer: `5${id}`,
      userId: null,
      email: `of-${id}@example.com`,
      at: served.clock.now(),
      amountMinor: 9900,
      ...patch,
    }
    const { content, resources, externalId } = oneOffEvent(provider, paid, `e-${id}`)
    for (const [path, resource] of Object.entries(resources)) served.standIn.resources.set(path, resource)
    expect((await served.receive(`e-${id}`, content)).status).toBe(200)
    return externalId
  }

  const paidBy = async (userId: string): Promise<Pick<RevenueEntry, 'externalId' | 'type'>[]> =>
    (await served.api.server.services.metrics.money.paymentsOf(trialIdOfUser(workspaceId, userId))).map(
      ({ externalId, type }) => ({ externalId, type }),
    )
  const unmatched = async () =>
    (
      await served.api.call<{ revenue: { externalId: string }[] }>('GET', '/api/revenue/unmatched')
    ).body.revenue.map(({ externalId }) => externalId)
  const signUp = (userId: string, email?: string) =>
    served.put(userId, served.clock.now() + 14 * dayMs, email)

  test('is theirs whose id the team gave along', async () => {
    await signUp('by-id')
    expect(await paidBy('by-id')).toEqual([])
    const externalId = await pay({ userId: 'by-id' })
    expect(await paidBy('by-id')).toEqual([{ externalId, type: 'new' }])
  })

  test('is found by the address where no id was given', async () => {
    await signUp('by-address', 'payer@example.com')
    const externalId = await pay({ email: 'payer@example.com' })
    expect(await paidBy('by-address')).toEqual([{ externalId, type: 'new' }])
  })

  test('of an id that is not known yet is no one else’s, and theirs when they appear', async () => {
    await signUp('colleague', 'shared@example.com')
    const externalId = await pay({ userId: 'still-to-come', email: 'shared@example.com' })
    expect(await paidBy('colleague')).toEqual([])
    expect(await unmatched()).toEqual([externalId])
    await signUp('still-to-come')
    await served.api.server.services.metrics.early.settled()
    expect(await paidBy('still-to-come')).toEqual([{ externalId, type: 'new' }])
    expect(await unmatched()).toEqual([])
  })
})
