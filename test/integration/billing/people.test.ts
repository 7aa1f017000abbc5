import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Card } from '../../../shared/api/card.ts'
import type { BillingState } from '../../../shared/billing.ts'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { signContent } from '../../support/billing-shapes.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const iso = (at: number) => new Date(at).toISOString()

interface Unmatched {
  readonly subscription: string
  readonly userId: string | null
  readonly email: string | null
}

let served: ServedBilling
beforeAll(async () => {
  served = await serveBilling('stripe')
})
afterAll(() => served.close())

const unmatched = async () =>
  (await served.api.call<{ subscriptions: Unmatched[] }>('GET', '/api/billing/unmatched')).body.subscriptions

const billingOf = async (userId: string) =>
  (await served.api.call<{ billing: BillingState | null }>('GET', `/api/trialists/${userId}`)).body.billing

const event = (id: string, type: string, object: object) =>
  signContent(
    'stripe',
    { id, type, created: Math.floor(served.clock.now() / 1000), data: { object } },
    { eventId: id, at: served.clock.now() },
  )

async function post(id: string, type: string, object: object) {
  const answer = await fetch(served.connection.webhookUrl, { method: 'POST', ...event(id, type, object) })
  await served.billing.idle()
  return answer.status
}

describe('whose a subscription is', () => {
  test('an id that was given and is unknown is never matched by address, and is found when it appears', async () => {
    const at = served.clock.now()
    await served.put('ann', at + 14 * dayMs, 'billing@acme.example')
    served.standIn.add({
      ref: 'sub_bob',
      userId: 'bob',
      email: 'billing@acme.example',
      startedAt: at,
      trialEndsAt: at + 30 * dayMs,
    })
    await served.deliver('e-bob', 'sub_bob')
    expect((await served.get('ann')).trial.endsAt).toBe(iso(at + 14 * dayMs))
    expect(await unmatched()).toMatchObject([
      { subscription: 'sub_bob', userId: 'bob', email: 'b…@acme.example' },
    ])
    await served.put('bob', at + 14 * dayMs, 'bob@acme.example')
    await served.billing.idle()
    expect((await served.get('bob')).trial.endsAt).toBe(iso(at + 30 * dayMs))
    expect(await unmatched()).toEqual([])
  })

  test('one without an id is found when someone gives its address', async () => {
    const at = served.clock.now()
    served.standIn.add({
      ref: 'sub_eve',
      email: 'eve@wallet.example',
      startedAt: at,
      trialEndsAt: at + 9 * dayMs,
    })
    await served.deliver('e-eve', 'sub_eve')
    await served.put('eve', at + 14 * dayMs, 'eve@work.example')
    await served.billing.idle()
    expect(await unmatched()).toMatchObject([{ subscription: 'sub_eve' }])
    served.clock.advance(1000)
    await served.put('eve', at + 14 * dayMs, 'eve@wallet.example')
    await served.billing.idle()
    expect((await served.get('eve')).trial.endsAt).toBe(iso(at + 9 * dayMs))
  })

  test('it can be said by hand, and a changed customer has its subscriptions read again', async () => {
    const at = served.clock.now()
    await served.put('kim', at + 14 * dayMs)
    const lone = served.standIn.add({
      ref: 'sub_lone',
      email: 'unknown@nowhere.example',
      startedAt: at,
      trialEndsAt: at + 20 * dayMs,
    })
    await served.deliver('e-lone', 'sub_lone')
    const assign = (userId: string | null) =>
      served.api.call('PUT', '/api/billing/owners', {
        body: { connectionId: served.connection.id, subscription: 'sub_lone', userId },
      })
    expect((await assign('nobody-here')).status).toBe(404)
    expect((await assign('kim')).status).toBe(202)
    await served.billing.idle()
    expect((await served.get('kim')).trial.endsAt).toBe(iso(at + 20 * dayMs))
    lone.trialEndsAt = at + 25 * dayMs
    expect(await post('e-cus', 'customer.updated', { id: 'cus_1' })).toBe(200)
    expect((await served.get('kim')).trial.endsAt).toBe(iso(at + 25 * dayMs))
    await assign(null)
    await served.billing.idle()
    expect(await unmatched()).toMatchObject([{ subscription: 'sub_lone' }])
    expect(await billingOf('kim')).toBeNull()
  })

  test('an erased person leaves nothing behind in any of it', async () => {
    const { userId, ref } = await served.link()
    await served.api.call('DELETE', `/api/trialists/${userId}`)
    const { documents } = served.api.server.storage
    const found = await documents.list('billing-ref', {
      prefix: `${served.connection.id}/${ref}`,
      limit: 5,
    })
    expect(found).toEqual([])
  })
})

describe('what a rep sees', () => {
  test('a refused end, in words, on the trialist and on the card, and which date holds can be said', async () => {
    const { userId, ref, endsAt } = await served.link()
    await served.extend(userId, 7)
    served.standIn.change(ref, { trialEndsAt: endsAt })
    await served.deliver(`back-${ref}`, ref)
    expect((await served.get(userId)).trial.endsAt).toBe(iso(endsAt + 7 * dayMs))
    const state = await billingOf(userId)
    expect(state).toMatchObject({
      provider: 'stripe',
      status: 'trialing',
      plan: 'price_team',
      writeBack: { state: 'refused', endsAt: iso(endsAt + 7 * dayMs), outboxId: expect.any(String) },
    })
    expect(state?.notes[0]).toContain('Stripe now ends this trial on 15 September 2026 at 12:00 UTC')
    expect(state?.notes[0]).toContain('granted here and stays')
    const lookup = await served.api.call<{ cards: Record<string, Card> }>('POST', '/api/ext/v1/lookup', {
      body: { emails: [`${userId}@example.com`] },
    })
    expect(lookup.body.cards[`${userId}@example.com`.toLowerCase()]?.billing?.notes).toEqual(state?.notes)
    // The other way round: the date there is taken.
    const accepted = await served.api.call('POST', '/api/billing/accepted-ends', { body: { userId } })
    expect(accepted.status).toBe(202)
    expect((await served.get(userId)).trial.endsAt).toBe(iso(endsAt))
    expect((await billingOf(userId))?.writeBack).toBeNull()
    expect((await served.outbox(userId)).map(({ state: one }) => one)).not.toContain('dead')
  })

  test('an end that waits for a billing system that is away', async () => {
    const { userId } = await served.link()
    served.standIn.setAway(true)
    await served.extend(userId, 7)
    expect(await billingOf(userId)).toMatchObject({ writeBack: { state: 'waiting' } })
    expect((await billingOf(userId))?.notes[0]).toContain('Stripe does not know the new end date')
    served.standIn.setAway(false)
    await served.pass(minuteMs)
    expect(await billingOf(userId)).toMatchObject({ writeBack: null, notes: [] })
  })

  test('a conversion is provisional until money comes, and is taken back when none does', async () => {
    const { userId, ref } = await served.link()
    served.clock.advance(14 * dayMs + hourMs)
    served.standIn.change(ref, { status: 'active' })
    await served.deliver(`active-${ref}`, ref)
    expect((await served.get(userId)).trial.status).toBe('converted')
    expect(await billingOf(userId)).toMatchObject({ isProvisional: true, payment: 'unknown' })
    expect(await post(`failed-${ref}`, 'invoice.payment_failed', { id: 'in_x', subscription: ref })).toBe(200)
    expect((await served.get(userId)).trial.status).toBe('ended')
    expect((await billingOf(userId))?.notes[0]).toContain('no payment has come')
    const paid = {
      id: `in_${ref}`,
      subscription: ref,
      amount_paid: 2900,
      currency: 'usd',
      billing_reason: 'subscription_create',
    }
    expect(await post(`paid-${ref}`, 'invoice.paid', paid)).toBe(200)
    const { trial } = await served.get(userId)
    expect(trial).toMatchObject({
      status: 'converted',
      convertedAt: iso(Math.floor(served.clock.now() / 1000) * 1000),
    })
    expect(await billingOf(userId)).toMatchObject({ isProvisional: false, payment: 'paid' })
  })
})
