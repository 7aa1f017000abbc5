import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BillingProviderName, billingProviders } from '../../server/features/billing/billing-provider.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../shared/clock.ts'
import { signWebhook } from '../support/billing-shapes.ts'
import { someTime } from '../support/build-trial.ts'
import { apiKey, type ServedBilling, serveBilling } from '../support/serve-billing.ts'

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

describe.each(billingProviders)('%s', (provider: BillingProviderName) => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling(provider)
  })
  afterAll(() => served.close())

  let count = 0
  /** A trialist and their subscription; both end in 14 days and know each other. */
  async function linked(by: 'userId' | 'email' = 'userId') {
    const { clock, standIn, put, deliver } = served
    const userId = `${by}-${++count}`
    const ref = provider === 'maxio' ? String(1000 + count) : `sub_${count}`
    const email = `${userId}@example.com`
    const endsAt = clock.now() + 14 * dayMs
    await put(userId, endsAt)
    standIn.add({
      ref,
      userId: by === 'userId' ? userId : null,
      email,
      startedAt: clock.now(),
      trialEndsAt: endsAt,
    })
    expect((await deliver(`made-${ref}`, ref)).status).toBe(200)
    return { userId, ref, endsAt }
  }

  test.each(['userId', 'email'] as const)('moves the trial it finds by %s', async (by) => {
    const { userId, ref, endsAt } = await linked(by)
    served.standIn.change(ref, { trialEndsAt: endsAt + 5 * dayMs })
    expect((await served.deliver(`moved-${ref}`, ref)).body).toEqual({ received: true, duplicate: false })
    expect((await served.get(userId)).trial.endsAt).toBe(iso(endsAt + 5 * dayMs))
  })

  test('is told of an extension once, and its own echo changes nothing', async () => {
    const { userId, ref, endsAt } = await linked()
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

  test('an event repeated five times is answered each time and counts once', async () => {
    const { userId, ref } = await linked()
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

  test('a paying subscription is never extended, and the rep can see why', async () => {
    const { userId, ref } = await linked()
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
      const { userId, ref, endsAt } = await linked()
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
    const { userId, ref } = await linked()
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

  test('after two days of failures it is dead, and stays so until somebody acts', async () => {
    const { userId, ref } = await linked()
    served.standIn.faults.push(...Array<'error'>(20).fill('error'))
    await served.extend(userId, 7)
    for (let day = 0; day < 9; day++) await served.pass(dayMs)
    const [dead] = await served.outbox(userId)
    expect(dead).toMatchObject({ state: 'dead', detail: expect.stringContaining('500') })
    served.standIn.faults.length = 0
    await served.pass(2 * dayMs)
    await served.deliver(`later-${ref}`, ref)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([])
    await served.api.call('POST', '/api/billing/outbox/retries', { body: { id: dead?.id } })
    await served.billing.idle()
    expect(await served.outbox(userId)).toMatchObject([{ state: 'sent' }])
  })

  test('an end that was refused is sent when it is given again', async () => {
    const { userId, ref, endsAt } = await linked()
    served.standIn.faults.push('refused')
    const { body } = await served.extend(userId, 7)
    await served.undo(userId, body.extensions[0]?.id as string)
    await served.extend(userId, 7)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([
      { ref, endsAt: endsAt + 7 * dayMs },
    ])
  })

  test('a 200 that did not move the end is not believed', async () => {
    const { userId, ref } = await linked()
    served.standIn.faults.push('ignored')
    await served.extend(userId, 7)
    expect(served.standIn.effects.filter((effect) => effect.ref === ref)).toEqual([])
    expect(await served.outbox(userId)).toMatchObject([
      { state: 'dead', detail: expect.stringContaining('took the call but') },
    ])
  })

  test('only the latest end is sent', async () => {
    const { userId, ref, endsAt } = await linked()
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
    const { userId, ref, endsAt } = await linked()
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

  test('a trial canceled there is over here', async () => {
    const { userId, ref } = await linked()
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

describe('connections', () => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling('stripe')
  })
  afterAll(() => served.close())

  test('never give their secrets out again, and keep them sealed', async () => {
    const { api, connection } = served
    const shown = await api.call('GET', '/api/billing/connections')
    const stored = await api.server.storage.documents.list('billing-connection', { limit: 10 })
    const audit = await api.call('GET', '/api/audit')
    for (const found of [shown.body, stored, audit.body])
      expect(JSON.stringify(found)).not.toMatch(/api-key-01|whsec_/)
    expect(JSON.stringify(shown.body)).toContain(connection.id)
  })

  test('take new secrets, after which the old ones are refused', async () => {
    const { api, connection, deliver } = served
    const change = (webhookSecrets: string[]) =>
      api.call('PUT', `/api/billing/connections/${connection.id}`, { body: { webhookSecrets } })
    expect((await change(['whsec_another_one'])).status).toBe(200)
    expect((await deliver('evt_rotated', 'sub_none')).status).toBe(401)
    await change(['whsec_another_one', 'whsec_stripe_0123456789abcdef'])
    expect((await deliver('evt_rotated', 'sub_none')).status).toBe(200)
  })

  test.each([
    [{ provider: 'stripe', site: 'acme' }, '/site'],
    [{ provider: 'chargebee' }, '/site'],
    [{ provider: 'maxio', site: 'evil.example/' }, '/site'],
    [{ provider: 'chargebee', site: 'acme', webhookSecrets: ['no-colon-here'] }, '/webhookSecrets'],
    [{ provider: 'stripe', webhookSecrets: [] }, '/webhookSecrets'],
    [{ provider: 'braintree' }, '/provider'],
    [{ provider: 'stripe', baseUrl: 'http://169.254.169.254' }, '/baseUrl'],
  ])('refuse %j', async (change, pointer) => {
    const body = { name: 'x', apiKey: 'key-123456', webhookSecrets: ['user:password'], ...change }
    const answer = await served.api.call('POST', '/api/billing/connections', { body })
    expect(answer.status).toBe(400)
    expect(answer.body.errors?.map((fault) => fault.pointer)).toContain(pointer)
  })

  test('a newer subscription of the same person takes the place of the older one', async () => {
    const { clock, standIn, deliver, put, get, extend } = served
    const at = clock.now()
    await put('twice', at + 14 * dayMs)
    const theirs = { email: 'twice@example.com', trialEndsAt: at + 20 * dayMs }
    standIn.add({ ...theirs, ref: 'sub_older', startedAt: at - dayMs })
    standIn.add({ ...theirs, ref: 'sub_newer', startedAt: at, trialEndsAt: at + 25 * dayMs })
    await deliver('evt_older', 'sub_older')
    await deliver('evt_newer', 'sub_newer')
    await deliver('evt_older_again', 'sub_older')
    expect((await get('twice')).trial.endsAt).toBe(iso(at + 25 * dayMs))
    await extend('twice', 2)
    expect(standIn.effects).toEqual([{ ref: 'sub_newer', endsAt: at + 27 * dayMs }])
  })

  test('are for admins', async () => {
    for (const path of ['connections', 'outbox', 'reads'])
      expect((await served.api.call('GET', `/api/billing/${path}`, { key: null })).status).toBe(401)
  })
})

describe('the webhook door', () => {
  let served: ServedBilling
  beforeAll(async () => {
    served = await serveBilling('stripe')
  })
  afterAll(() => served.close())
  const post = (path: string, init: RequestInit = {}) =>
    fetch(`${served.api.server.url}/webhooks/${path}`, { method: 'POST', body: '{}', ...init })

  test('is closed to strangers', async () => {
    const { id } = served.connection
    expect((await post(`stripe/${id}`)).status).toBe(401)
    expect((await post(`stripe/${id}`, { headers: { 'Stripe-Signature': 't=1,v1=00' } })).status).toBe(401)
    expect((await post('stripe/unknown')).status).toBe(404)
    expect((await post(`paddle/${id}`)).status).toBe(404)
    expect((await post(`stripe/${id}`, { method: 'PUT' })).status).toBe(405)
    expect((await post(`stripe/${id}`, { body: 'x'.repeat(2_000_000) })).status).toBe(413)
    expect((await post(`stripe/${'x'.repeat(3000)}`)).status).toBe(404)
    const encoded = await post(`stripe/${id}`, { headers: { 'Content-Encoding': 'gzip' } })
    expect([415, 401]).toContain(encoded.status)
    expect(encoded.headers.get('content-type')).toContain('problem+json')
    expect(await served.api.server.storage.documents.list('billing-event', { limit: 10 })).toEqual([])
  })

  test('answers while the billing system does not', async () => {
    const at = served.clock.now()
    await served.put('bob', at + 14 * dayMs)
    served.standIn.add({ ref: 'sub_bob', userId: 'bob', startedAt: at, trialEndsAt: at + 9 * dayMs })
    const release = served.standIn.hold()
    const { body, headers } = signWebhook('stripe', { eventId: 'evt_bob', ref: 'sub_bob', at })
    expect((await post(`stripe/${served.connection.id}`, { body, headers })).status).toBe(200)
    expect((await served.get('bob')).trial.endsAt).toBe(iso(at + 14 * dayMs))
    release()
    await served.billing.idle()
    expect((await served.get('bob')).trial.endsAt).toBe(iso(at + 9 * dayMs))
    await served.api.call('DELETE', '/api/trialists/bob')
  })

  test('keeps of an event what it needs and nothing of a person', async () => {
    const at = served.clock.now()
    await served.put('ann', at + 14 * dayMs)
    served.standIn.add({
      ref: 'sub_ann',
      email: 'ann@example.com',
      startedAt: at,
      trialEndsAt: at + 9 * dayMs,
    })
    await served.deliver('evt_ann', 'sub_ann')
    const events = await served.api.server.storage.documents.list('billing-event', { limit: 10 })
    expect(events.map(({ id }) => id)).toContain(`${served.connection.id}/evt_ann`)
    expect(JSON.stringify(events)).not.toMatch(/example\.com/)
    await served.extend('ann', 7)
    expect((await served.api.call('DELETE', '/api/trialists/ann')).status).toBe(200)
    for (const kind of ['billing-link', 'billing-ref', 'billing-outbox', 'billing-read'])
      expect(await served.api.server.storage.documents.list(kind, { limit: 10 })).toEqual([])
  })

  test('what a slow or dead billing system owes does not lose the event', async () => {
    const at = served.clock.now()
    await served.put('slow', at + 14 * dayMs)
    const { documents } = served.api.server.storage
    expect((await served.deliver('evt_unknown', 'sub_not_there')).status).toBe(200)
    const reads = await served.api.call<{ reads: { subscription: string; nextAttemptAt: string | null }[] }>(
      'GET',
      '/api/billing/reads',
    )
    expect(reads.body.reads).toMatchObject([{ subscription: 'sub_not_there', nextAttemptAt: null }])
    served.standIn.add({ ref: 'sub_not_there', userId: 'slow', startedAt: at, trialEndsAt: at + 20 * dayMs })
    const body = { connectionId: served.connection.id, subscription: 'sub_not_there' }
    expect((await served.api.call('POST', '/api/billing/reads', { body })).status).toBe(202)
    await served.billing.idle()
    expect((await served.get('slow')).trial.endsAt).toBe(iso(at + 20 * dayMs))
    expect((await served.api.call('GET', '/api/billing/reads')).body).toEqual({ reads: [] })
    await served.pass(31 * dayMs)
    await served.billing.purge()
    expect(await documents.list('billing-event', { limit: 10 })).toEqual([])
  })
})

test('an extension saved right before a crash is found by the chore', async () => {
  const served = await serveBilling('stripe', { chores: true })
  try {
    const endsAt = someTime + 14 * dayMs
    await served.put('eve', endsAt)
    served.standIn.add({ ref: 'sub_eve', userId: 'eve', startedAt: someTime, trialEndsAt: endsAt })
    await served.deliver('evt_eve', 'sub_eve')
    const { createTrialChanges } = await import('../../server/features/trials/change-trial.ts')
    const { storage, services } = served.api.server
    // Another process that died after its save: nobody here hears of it.
    const elsewhere = createTrialChanges({ storage, playbooks: services.playbooks, clock: served.clock })
    const by = { kind: 'trialist', name: 'eve' } as const
    await elsewhere.change('main:u:eve' as never, {
      type: 'extend',
      id: 'e',
      days: 7,
      reason: 'link',
      note: '',
      by,
    })
    await served.billing.idle()
    expect(served.standIn.effects).toEqual([])
    served.clock.advance(hourMs)
    await vi.waitFor(() => expect(served.standIn.effects).toHaveLength(1), { timeout: 30_000, interval: 200 })
    expect(served.standIn.effects).toEqual([{ ref: 'sub_eve', endsAt: endsAt + 7 * dayMs }])
  } finally {
    await served.close()
  }
})
