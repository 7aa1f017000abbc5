import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import { dayMs } from '../../../shared/clock.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

/** Whose a subscription is where everyone of a company shares one trial. */

let served: ServedBilling

beforeAll(async () => {
  served = await serveBilling('stripe')
  const { body } = await served.api.call<{ version: number; playbook: { trial: object } }>(
    'GET',
    '/api/playbook',
  )
  const published = await served.api.call('PUT', '/api/playbook', {
    body: { ...body.playbook, trial: { ...body.playbook.trial, of: 'company' } },
    headers: { 'If-Match': `"${body.version}"` },
  })
  expect(published.status).toBe(200)
})
afterAll(() => served.close())

const put = (companyId: string, people: readonly string[]) =>
  served.api.call('PUT', `/api/companies/${companyId}`, {
    body: { members: people.map((userId) => ({ userId, email: `${userId}@customer.example` })) },
  })
const company = async (id: string) =>
  (await served.api.call<CompanyAnswer>('GET', `/api/companies/${id}`)).body
const unmatched = async () =>
  (await served.api.call<{ subscriptions: object[] }>('GET', '/api/billing/unmatched')).body.subscriptions

async function subscribe(ref: string, owner: { userId?: string; email?: string }): Promise<number> {
  const startedAt = served.clock.now()
  const trialEndsAt = startedAt + 30 * dayMs
  served.standIn.add({
    ref,
    userId: owner.userId ?? null,
    email: owner.email ?? 'nobody@elsewhere.example',
    startedAt,
    trialEndsAt,
  })
  await served.deliver(`made-${ref}`, ref)
  return trialEndsAt
}
const endOf = ({ trial }: CompanyAnswer) => Date.parse(trial.endsAt ?? '')

describe('a subscription', () => {
  test.each([
    ['the company’s own id', 'by-id', { userId: 'by-id' }],
    ['a member’s user id', 'by-user', { userId: 'by-user-b' }],
    ['any member’s address', 'by-address', { email: 'by-address-b@customer.example' }],
  ])('is the company’s by %s', async (_, id, owner) => {
    await put(id, [`${id}-a`, `${id}-b`])
    const endsAt = await subscribe(`sub_${id}`, owner)
    const found = await company(id)
    expect(found.billing).toMatchObject({ subscription: `sub_${id}` })
    expect(endOf(found)).toBe(endsAt)
  })

  test('that no one is known for is found when the company, or one of its people, appears', async () => {
    await subscribe('sub_late', { userId: 'late' })
    await subscribe('sub_later', { email: 'later-b@customer.example' })
    expect(await unmatched()).toHaveLength(2)
    await put('late', ['late-a'])
    await put('later', ['later-a', 'later-b'])
    await served.billing.idle()
    expect(await unmatched()).toEqual([])
    expect((await company('late')).billing).toMatchObject({ subscription: 'sub_late' })
    expect((await company('later')).billing).toMatchObject({ subscription: 'sub_later' })
  })
})

test('an extension by any member is told to the billing system once, for all of them', async () => {
  await put('told', ['told-a', 'told-b'])
  await subscribe('sub_told', { userId: 'told' })
  const before = endOf(await company('told'))
  await served.extend('told-b', 7)
  expect(endOf(await company('told')) - before).toBe(7 * dayMs)
  expect(served.standIn.change('sub_told', {}).trialEndsAt).toBe(before + 7 * dayMs)
})
