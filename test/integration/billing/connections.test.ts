import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { signWebhook } from '../../support/billing-shapes.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

const iso = (at: number) => new Date(at).toISOString()

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
    for (const kind of ['billing-link', 'billing-ref', 'billing-outbox', 'billing-read'] as const)
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
    const { createTrialChanges } = await import('../../../server/features/trials/change-trial.ts')
    const { storage, services } = served.api.server
    // Another process that died after its save: no one here hears of it.
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
