import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayMs } from '../../../shared/clock.ts'
import { signContent, signWebhook } from '../../support/billing-shapes.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

interface Shown {
  readonly paused: boolean
  readonly status: {
    readonly state: string
    readonly says: string[]
    readonly check: { readonly ok: boolean; readonly detail: string | null } | null
    readonly lastEvent: { readonly type: string; readonly outcome: string } | null
    readonly refused: { readonly count: number; readonly why: string } | null
  }
}

let served: ServedBilling
beforeAll(async () => {
  served = await serveBilling('stripe')
  served.standIn.resources.set('/v1/subscriptions', { object: 'list', data: [], has_more: false })
})
afterAll(() => served.close())

const path = () => `/api/billing/connections/${served.connection.id}`
const shown = async () =>
  (await served.api.call<{ connections: Shown[] }>('GET', '/api/billing/connections')).body
    .connections[0] as Shown
const change = (body: object) => served.api.call<Shown>('PUT', path(), { body })
const tested = async () => (await served.api.call<Shown>('POST', `${path()}/tests`)).body.status

describe('the connection tells the truth', () => {
  test('whether its key works, tried when it is saved and when someone asks', async () => {
    // Made before the stand-in knew of any list.
    expect((await shown()).status).toMatchObject({ state: 'failing', check: { ok: false } })
    expect(await tested()).toMatchObject({
      state: 'silent',
      check: { ok: true },
      says: ['No webhook has arrived yet.'],
    })
    served.standIn.setAway(true)
    expect(await tested()).toMatchObject({
      state: 'failing',
      check: { detail: expect.stringContaining('503') },
    })
    served.standIn.setAway(false)
    expect((await change({ apiKey: 'rk_another_key' })).body.status.check?.ok).toBe(true)
  })

  test('that webhooks are refused and why, until one is taken', async () => {
    const { webhookUrl } = served.connection
    const at = served.clock.now()
    const wrong = signWebhook('stripe', { eventId: 'e1', ref: 'sub_1', at }, 'whsec_another_one')
    for (let time = 0; time < 3; time++) await fetch(webhookUrl, { method: 'POST', ...wrong })
    expect((await shown()).status).toMatchObject({
      state: 'refusing',
      refused: { count: 3, why: 'The signature does not match.' },
    })
    const thin = { id: 'evt_v2', object: 'v2.core.event', type: 'v1.customer.subscription.updated' }
    const unsigned = await fetch(webhookUrl, {
      method: 'POST',
      ...signContent(
        'stripe',
        { ...thin, object: 'v2.core.event' },
        { eventId: 'evt_v2', at },
        'whsec_another',
      ),
    })
    expect(unsigned.status).toBe(401)
    expect((await shown()).status.refused?.why).toMatch(/thin event \(v2\).*signature does not match/)
    const refused = await fetch(webhookUrl, {
      method: 'POST',
      ...signContent('stripe', thin, { eventId: 'v2', at }),
    })
    expect(refused.status).toBe(400)
    expect((await shown()).status.says[0]).toContain('thin event (v2)')
    const { ref } = await served.link()
    expect((await shown()).status).toMatchObject({
      state: 'ok',
      refused: null,
      lastEvent: { type: 'customer.subscription.updated', outcome: 'synced' },
    })
    const log = await served.api.call<{ events: { subscription: string; outcome: string }[] }>(
      'GET',
      `${path()}/events`,
    )
    expect(log.body.events[0]).toMatchObject({ subscription: ref, outcome: 'synced' })
  })

  test('that something is being tried again, or needs someone', async () => {
    const { userId } = await served.link()
    served.standIn.faults.push('error')
    await served.extend(userId, 7)
    expect((await shown()).status).toMatchObject({
      state: 'retrying',
      says: ['1 thing is being tried again.'],
    })
    served.standIn.faults.push('refused')
    await served.pass(60_000)
    expect((await shown()).status).toMatchObject({ state: 'stuck', says: ['1 thing needs you.'] })
  })

  test('that it is paused, and then reads and writes nothing until it goes on', async () => {
    const { userId, ref, endsAt } = await served.link()
    expect((await change({ paused: true })).body).toMatchObject({ paused: true, status: { state: 'paused' } })
    const before = served.standIn.requests.length
    served.standIn.change(ref, { trialEndsAt: endsAt + dayMs })
    expect((await served.deliver(`moved-${ref}`, ref)).status).toBe(200)
    await served.extend(userId, 7)
    expect(served.standIn.requests).toHaveLength(before)
    await change({ paused: false })
    for (let turn = 0; turn < 3; turn++) await served.pass(6 * 60_000)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toHaveLength(1)
  })
})

describe('the comparison of all trials', () => {
  const compare = async () => {
    await served.api.call('POST', `${path()}/reconciliations`)
    await served.billing.idle()
    const { body } = await served.api.call<{ report: { drifts: { what: string; subscription: string }[] } }>(
      'GET',
      `${path()}/drift`,
    )
    return body.report
  }
  const listing = (subscriptions: { id: string; trialEndsAt: number }[]) =>
    served.standIn.resources.set('/v1/subscriptions', {
      object: 'list',
      has_more: false,
      data: subscriptions.map(({ id, trialEndsAt }) => ({
        id,
        status: 'trialing',
        trial_end: trialEndsAt / 1000,
      })),
    })

  test('finds what no webhook told, reports it, and has it read', async () => {
    const { userId, ref, endsAt } = await served.link()
    served.standIn.change(ref, { trialEndsAt: endsAt + 3 * dayMs })
    const at = served.clock.now()
    await served.put('unheard', at + 14 * dayMs)
    const trialEndsAt = at + 21 * dayMs
    served.standIn.add({ ref: 'sub_unheard', userId: 'unheard', startedAt: at, trialEndsAt })
    listing([
      { id: ref, trialEndsAt: endsAt + 3 * dayMs },
      { id: 'sub_unheard', trialEndsAt },
    ])
    const report = await compare()
    expect(report).toMatchObject({ seen: 2, agreed: 0, error: null })
    expect(report.drifts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'end', subscription: ref, userId }),
        expect.objectContaining({ what: 'unknown', subscription: 'sub_unheard' }),
      ]),
    )
    await served.pass(1000)
    expect(Date.parse((await served.get(userId)).trial.endsAt)).toBe(endsAt + 3 * dayMs)
    expect(Date.parse((await served.get('unheard')).trial.endsAt)).toBe(trialEndsAt)
    const again = await compare()
    expect(again.drifts.filter(({ what }) => what !== 'gone')).toEqual([])
  })
})

test('only products that count claim a trial', async () => {
  const { userId, ref, endsAt } = await served.link()
  await change({ products: ['price_other'] })
  served.standIn.change(ref, { trialEndsAt: endsAt + dayMs })
  await served.deliver(`other-${ref}`, ref)
  expect(Date.parse((await served.get(userId)).trial.endsAt)).toBe(endsAt)
  await change({ products: ['price_team'] })
  await served.billing.idle()
  expect(Date.parse((await served.get(userId)).trial.endsAt)).toBe(endsAt + dayMs)
})
