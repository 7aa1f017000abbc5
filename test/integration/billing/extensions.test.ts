import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BillingProviderName } from '../../../server/features/billing/billing-provider.ts'
import { billingProviders } from '../../../shared/api/billing-connections.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import { apiKey, type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const iso = (at: number) => new Date(at).toISOString()

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** What each provider documents for a new trial end. */
const documented = {
  stripe: (ref: string, endsAt: number) => ({
    method: 'POST',
    path: `/v1/subscriptions/${ref}`,
    body: `trial_end=${endsAt / 1000}&proration_behavior=none&expand[0]=customer`,
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-www-form-urlencoded',
      'idempotency-key': expect.stringMatching(/^[\w-]{43}$/),
    },
  }),
  chargebee: (ref: string, endsAt: number) => ({
    method: 'POST',
    path: `/api/v2/subscriptions/${ref}/change_term_end`,
    body: `term_ends_at=${endsAt / 1000}`,
    headers: {
      authorization: basic(apiKey, ''),
      'content-type': 'application/x-www-form-urlencoded',
      'chargebee-idempotency-key': expect.stringMatching(/^[\w-]{43}$/),
    },
  }),
  maxio: (ref: string, endsAt: number) => ({
    method: 'PUT',
    path: `/subscriptions/${ref}.json`,
    body: JSON.stringify({ subscription: { next_billing_at: iso(endsAt) } }),
    headers: { authorization: basic(apiKey, 'x'), 'content-type': 'application/json' },
  }),
  recurly: (ref: string, endsAt: number) => ({
    method: 'PUT',
    path: `/subscriptions/${ref}`,
    body: JSON.stringify({ next_bill_date: iso(endsAt) }),
    headers: {
      authorization: basic(apiKey, ''),
      accept: 'application/vnd.recurly.v2021-02-25',
      'content-type': 'application/json',
      'idempotency-key': expect.stringMatching(/^[\w-]{43}$/),
    },
  }),
  paddle: (ref: string, endsAt: number) => ({
    method: 'PATCH',
    path: `/subscriptions/${ref}`,
    body: JSON.stringify({ next_billed_at: iso(endsAt), proration_billing_mode: 'do_not_bill' }),
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
  }),
}

/** What moves a trial here is told at the billing system. */
describe.each(billingProviders)('%s', (provider: BillingProviderName) => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling(provider)
  })
  afterAll(() => served.close())

  test('is told of an extension once, and its own echo changes nothing', async () => {
    const { userId, ref, endsAt } = await served.link()
    const before = served.standIn.effects.length
    await served.extend(userId, 7)
    expect(served.standIn.effects.slice(before)).toEqual([{ ref, endsAt: endsAt + 7 * dayMs }])
    expect(served.standIn.writes().at(-1)).toMatchObject(documented[provider](ref, endsAt + 7 * dayMs))
    expect(await served.outbox(userId)).toMatchObject([{ state: 'sent', endsAt: iso(endsAt + 7 * dayMs) }])
    const { version } = await served.get(userId)
    for (let echo = 0; echo < 5; echo++) await served.deliver(`echo-${ref}`, ref)
    await served.deliver(`old-${ref}`, ref, served.clock.now() - 4 * minuteMs)
    expect((await served.get(userId)).version).toBe(version)
    expect(served.standIn.effects).toHaveLength(before + 1)
  })

  test('a paying subscription is never extended, and the rep can see why', async () => {
    const { userId, ref } = await served.link()
    served.standIn.change(ref, { status: 'active' })
    const writes = served.standIn.writes().length
    await served.extend(userId, 7)
    expect(served.standIn.writes()).toHaveLength(writes)
    expect(served.standIn.accidents).toEqual([])
    expect(await served.outbox(userId)).toMatchObject([
      { state: 'dead', detail: expect.stringContaining('subscription is active') },
    ])
    expect((await served.get(userId)).trial.status).toBe('converted')
  })

  test.each(['error', 'limited', 'lost answer'] as const)(
    'after %s it is told again, once',
    async (fault) => {
      const { userId, ref, endsAt } = await served.link()
      // Stripe’s package repeats a call by itself, once, when its connection breaks: with the same key.
      const breaks = provider === 'stripe' && fault === 'lost answer'
      served.standIn.faults.push(fault, ...(breaks ? [fault] : []))
      await served.extend(userId, 7)
      expect((await served.get(userId)).trial.endsAt).toBe(iso(endsAt + 7 * dayMs))
      expect(await served.outbox(userId)).toMatchObject([{ state: 'waiting', failures: 1 }])
      await served.pass(5 * secondMs)
      expect(await served.outbox(userId)).toMatchObject([{ state: 'waiting' }])
      await served.pass(10 * secondMs)
      expect(await served.outbox(userId)).toMatchObject([{ state: 'sent' }])
      expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toHaveLength(1)
      expect(served.standIn.repeats).toEqual([])
    },
  )

  test('what it refuses is dead with its words, and may be tried again', async () => {
    const { userId, ref } = await served.link()
    served.standIn.faults.push('refused')
    await served.extend(userId, 7)
    const [dead] = await served.outbox(userId)
    expect(dead).toMatchObject({ state: 'dead', detail: expect.stringContaining('too close to renewal') })
    await served.pass(2 * hourMs)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([])
    const retry = (id: string) => served.api.call('POST', '/api/billing/outbox/retries', { body: { id } })
    expect((await retry(dead?.id as string)).status).toBe(202)
    await served.billing.idle()
    expect(await served.outbox(userId)).toMatchObject([{ state: 'sent' }])
    expect((await retry(dead?.id as string)).status).toBe(404)
  })

  test('after two days of failures it is dead, and stays so until someone acts', async () => {
    // Alone: with each day that passes every link of a server is read again.
    const own = await serveBilling(provider)
    const { userId, ref } = await own.link()
    own.standIn.faults.push(...Array<'error'>(20).fill('error'))
    await own.extend(userId, 7)
    for (let day = 0; day < 9; day++) await own.pass(dayMs)
    const [dead] = await own.outbox(userId)
    expect(dead).toMatchObject({ state: 'dead', detail: expect.stringContaining('500') })
    own.standIn.faults.length = 0
    await own.pass(2 * dayMs)
    await own.deliver(`later-${ref}`, ref)
    expect(own.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([])
    await own.api.call('POST', '/api/billing/outbox/retries', { body: { id: dead?.id } })
    await own.billing.idle()
    expect(await own.outbox(userId)).toMatchObject([{ state: 'sent' }])
    await own.close()
  })

  test('an end that was refused is sent when it is given again', async () => {
    const { userId, ref, endsAt } = await served.link()
    served.standIn.faults.push('refused')
    const { body } = await served.extend(userId, 7)
    await served.undo(userId, body.extensions[0]?.id as string)
    await served.extend(userId, 7)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([
      { ref, endsAt: endsAt + 7 * dayMs },
    ])
  })

  test('a 200 that did not move the end is not believed', async () => {
    const { userId, ref } = await served.link()
    served.standIn.faults.push('ignored')
    await served.extend(userId, 7)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([])
    expect(await served.outbox(userId)).toMatchObject([
      { state: 'dead', detail: expect.stringContaining('accepted the call, but') },
    ])
  })

  test('only the latest end is sent', async () => {
    const { userId, ref, endsAt } = await served.link()
    served.standIn.faults.push('error', 'error')
    await served.extend(userId, 3)
    await served.extend(userId, 4)
    await served.pass(2 * minuteMs)
    const last = endsAt + 7 * dayMs
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([{ ref, endsAt: last }])
    const states = new Map((await served.outbox(userId)).map((row) => [row.endsAt, row.state]))
    expect(states).toEqual(
      new Map([
        [iso(endsAt + 3 * dayMs), 'superseded'],
        [iso(last), 'sent'],
      ]),
    )
  })

  test('an undo is written back, or reported where a trial cannot be made shorter', async () => {
    const { userId, ref, endsAt } = await served.link()
    const { body } = await served.extend(userId, 7)
    await served.undo(userId, body.extensions[0]?.id as string)
    const last = served.standIn.effects.filter((effect) => effect.ref === ref).at(-1)
    const row = (await served.outbox(userId)).find((candidate) => candidate.endsAt === iso(endsAt))
    if (provider === 'recurly') {
      expect(last?.endsAt).toBe(endsAt + 7 * dayMs)
      expect(row).toMatchObject({ state: 'dead', detail: expect.stringContaining('shorter') })
    } else {
      expect(last?.endsAt).toBe(endsAt)
      expect(row?.state).toBe('sent')
    }
    await served.extend(userId, 7)
    expect(served.standIn.change(ref, {}).trialEndsAt).toBe(endsAt + 7 * dayMs)
  })
})

test('an extension beyond a scheduled cancellation waits, in words, until that is taken back', async () => {
  const served = await serveBilling('stripe')
  try {
    const { standIn, api } = served
    const { userId, ref, endsAt } = await served.link()
    const told = standIn.effects.length
    standIn.change(ref, { cancelsAt: endsAt })
    await served.deliver('e-cancel', ref)
    const notes = async () =>
      ((await served.get(userId)) as unknown as { billing: { notes: string[] } }).billing.notes.join(' ')
    expect(await notes()).toContain('set to be canceled')
    expect((await served.extend(userId, 7)).status).toBe(201)
    expect(standIn.effects).toHaveLength(told)
    expect(await notes()).toContain('Take the cancellation back there')
    expect(await served.outbox(userId)).toMatchObject([{ state: 'dead' }])
    const stuck = async () =>
      (await api.call<{ connections: { status: { stuck: number } }[] }>('GET', '/api/billing/connections'))
        .body.connections[0]?.status.stuck
    expect(await stuck()).toBe(1)

    standIn.change(ref, { cancelsAt: null })
    await served.deliver('e-uncancel', ref)
    expect(standIn.effects.slice(told)).toEqual([{ ref, endsAt: endsAt + 7 * dayMs }])
    expect(await notes()).not.toContain('cancel')
    expect(await stuck()).toBe(0)
  } finally {
    await served.close()
  }
})
