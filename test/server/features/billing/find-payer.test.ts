import { describe, expect, test } from 'vitest'
import type { BillingCustomer } from '../../../../server/features/billing/billing-provider.ts'
import type { Connection } from '../../../../server/features/billing/connections.ts'
import { createFindOwner } from '../../../../server/features/billing/find-owner.ts'
import type { SubscriptionRecord } from '../../../../server/features/billing/subscription-records.ts'
import type { TrialStore } from '../../../../server/storage/port.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../../shared/trial.ts'
import { buildTrial } from '../../../support/build-trial.ts'
import { address } from '../../../support/life.ts'

const workspaceId = 'main' as WorkspaceId
const idOf = (userId: string) => trialIdOfUser(workspaceId, userId)
const [ann, bea] = [idOf('ann'), idOf('bea')]

function finder({
  customers = {},
  matchBy = 'reference',
}: {
  customers?: Readonly<Record<string, readonly TrialId[]>>
  matchBy?: 'reference' | 'email'
}) {
  const known = new Map([ann, bea].map((id) => [id, buildTrial({ id })]))
  const trials: Pick<TrialStore, 'get' | 'list'> = {
    get: async (id) => known.get(id) ?? null,
    list: async ({ email }) => ({
      trials: [...known.values()].filter(({ id }) => email === 'ann@acme.example' && id === ann),
      cursor: null,
    }),
  }
  const ofCustomer = async (_: string, customerRef: string) =>
    (customers[customerRef] ?? []).map((trialId) => ({ trialId }) as SubscriptionRecord)
  const connection = { id: 'c', workspaceId, settings: { matchBy } } as Connection
  const { ofPayment } = createFindOwner({ trials, records: { ofCustomer } })
  return (
    payer: Partial<Parameters<typeof ofPayment>[1]>,
    customer: BillingCustomer | null = { userId: null, email: null },
  ) => ofPayment(connection, { customerRef: null, userId: null, ...payer }, async () => customer)
}

describe('the payer of what is for no subscription', () => {
  test('is the id that was given along, before all else', async () => {
    const find = finder({ customers: { cus_1: [bea] } })
    expect(await find({ userId: 'ann', customerRef: 'cus_1' })).toMatchObject({ trialId: ann })
  })

  test('is the owner of the customer’s subscriptions, where all are one person’s', async () => {
    const find = finder({ customers: { cus_1: [ann, ann], cus_2: [ann, bea] } })
    expect(await find({ customerRef: 'cus_1' }, { userId: null, email: address('x@acme.example') })).toEqual({
      trialId: ann,
      awaited: null,
    })
    expect(await find({ customerRef: 'cus_2' })).toEqual({ trialId: null, awaited: null })
  })

  test('is the id that the customer was given at the provider', async () => {
    const find = finder({})
    const customer = { userId: 'bea', email: address('ann@acme.example') }
    expect(await find({ customerRef: 'cus_1' }, customer)).toMatchObject({ trialId: bea })
  })

  test('is no one else when an id was given that is not known here, and waits for that id', async () => {
    const find = finder({})
    const email = address('ann@acme.example')
    const nobody = { trialId: null, awaited: { userId: 'zoe' } }
    expect(await find({ userId: 'zoe', email })).toEqual(nobody)
    expect(await find({ customerRef: 'cus_1' }, { userId: 'zoe', email })).toEqual(nobody)
  })

  test('is found by address when no id was given, or the team matches by address', async () => {
    const email = address('ann@acme.example')
    const found = { trialId: ann, awaited: { email } }
    expect(await finder({})({ customerRef: 'cus_1' }, { userId: null, email })).toEqual(found)
    expect(await finder({ matchBy: 'email' })({ userId: 'bea', email })).toEqual(found)
  })

  test('is found by the address of the payment when the customer cannot be read', async () => {
    const email = address('ann@acme.example')
    expect(await finder({})({ customerRef: 'cus_1', email }, null)).toMatchObject({ trialId: ann })
  })
})
