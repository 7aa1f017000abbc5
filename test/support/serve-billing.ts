import type { BillingProviderName } from '../../server/features/billing/billing-provider.ts'
import { dayMs } from '../../shared/clock.ts'
import { type MoneyFact, moneyEvent } from './billing-money-shapes.ts'
import {
  type SignedWebhook,
  signContent,
  signWebhook,
  type WebhookContent,
  webhookSecretOf,
} from './billing-shapes.ts'
import { startBillingStandIn } from './billing-stand-in.ts'
import { someTime } from './build-trial.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

export interface ShownOutboxRow {
  readonly id: string
  readonly userId: string
  readonly endsAt: string
  readonly state: string
  readonly failures: number
  readonly detail: string | null
}

interface Trialist {
  readonly trial: { readonly endsAt: string; readonly status: string }
  readonly extensions: readonly { readonly id: string }[]
  readonly version: number
}

export const apiKey = 'api-key-0123456789'

/**
 * Chores then run when the test says so: a clock that jumps under a call would end its lease. The role asks for a
 * MongoDB, which is never spoken to, because the storage is handed in.
 */
const withoutChores = { ROLE: 'web', MONGODB_URI: 'mongodb://127.0.0.1:1/unused' }

/** The whole server beside the stand-in of one billing system, connected. */
export async function serveBilling(provider: BillingProviderName, { chores = false } = {}) {
  const standIn = await startBillingStandIn(provider)
  const api: ServedApi = await serveApi(someTime, {
    ...(chores ? {} : { env: withoutChores }),
    overrides: { billingUrl: standIn.url, random: () => 0.5 },
  })
  const { billing } = api.server
  const site = provider === 'chargebee' || provider === 'maxio' ? { site: 'acme' } : {}
  const made = await api.call<{ id: string; webhookUrl: string }>('POST', '/api/billing/connections', {
    body: { provider, name: 'Test', apiKey, webhookSecrets: [webhookSecretOf(provider)], ...site },
  })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))

  async function send(signed: SignedWebhook) {
    const response = await fetch(made.body.webhookUrl, { method: 'POST', ...signed })
    const answer = { status: response.status, body: await response.json() }
    await billing.idle()
    return answer
  }

  const put = async (userId: string, endsAt: number, email = `${userId}@example.com`) => {
    const trial = { endsAt: new Date(endsAt).toISOString() }
    await api.call('PUT', `/api/trialists/${userId}`, { body: { email, trial } })
  }

  /** A webhook about a subscription; what follows from it is done when this resolves. */
  const deliver = (eventId: string, ref: string, at = api.clock.now()) =>
    send(signWebhook(provider, { eventId, ref, at }))

  let count = 0
  /** A trialist and their subscription; both end in 14 days and know each other. */
  async function link(by: 'userId' | 'email' = 'userId') {
    const userId = `${by}-${++count}`
    const ref = provider === 'maxio' ? String(1000 + count) : `sub_${count}`
    const email = `${userId}@example.com`
    const startedAt = api.clock.now()
    const endsAt = startedAt + 14 * dayMs
    await put(userId, endsAt)
    standIn.add({ ref, userId: by === 'userId' ? userId : null, email, startedAt, trialEndsAt: endsAt })
    const { status } = await deliver(`made-${ref}`, ref)
    if (status !== 200) throw new Error(`the webhook was answered ${status}`)
    return { userId, ref, startedAt, endsAt }
  }

  return {
    api,
    standIn,
    billing,
    clock: api.clock,
    connection: made.body,
    deliver,
    put,
    link,
    /** A webhook about money. */
    tell(eventId: string, fact: MoneyFact, at = api.clock.now()) {
      const { content, resources } = moneyEvent(provider, fact, { eventId, at })
      for (const [path, resource] of Object.entries(resources)) standIn.resources.set(path, resource)
      return send(signContent(provider, content, { eventId, at }))
    },
    /** A webhook as the provider writes it. */
    receive: (eventId: string, content: WebhookContent, at = api.clock.now()) =>
      send(signContent(provider, content, { eventId, at })),
    get: async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body,
    async extend(userId: string, days: number) {
      const body = { days, reason: 'asked', note: '' }
      const answer = await api.call<Trialist>('POST', `/api/trialists/${userId}/extensions`, { body })
      await billing.idle()
      return answer
    },
    async undo(userId: string, extensionId: string) {
      const answer = await api.call<Trialist>('DELETE', `/api/trialists/${userId}/extensions/${extensionId}`)
      await billing.idle()
      return answer
    },
    async outbox(userId: string) {
      const page = await api.call<{ rows: ShownOutboxRow[] }>('GET', '/api/billing/outbox?limit=200')
      return page.body.rows.filter((row) => row.userId === userId)
    },
    /** Time passes and the chore runs. */
    async pass(ms: number) {
      api.clock.advance(ms)
      await billing.work()
      await billing.idle()
    },
    async close() {
      await api.close()
      await standIn.close()
    },
  }
}

export type ServedBilling = Awaited<ReturnType<typeof serveBilling>>
