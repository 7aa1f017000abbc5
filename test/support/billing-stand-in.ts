import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BillingProviderName } from '../../server/features/billing/billing-provider.ts'
import { readNewEnd, renderSubscription } from './billing-shapes.ts'

/** A subscription as the stand-in keeps it. */
export interface StandInSubscription {
  readonly ref: string
  readonly userId: string | null
  readonly email: string
  status: 'trialing' | 'active' | 'past_due' | 'canceled'
  readonly startedAt: number
  trialEndsAt: number
  endedAt: number | null
  /** A cancellation that is scheduled; only Stripe’s shape tells of it. */
  cancelsAt: number | null
  /** Rises with each change. */
  version: number
}

/** @public */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Fault = 'error' | 'limited' | 'lost answer' | 'refused' | 'ignored'

/**
 * A billing system’s API on loopback: keeps subscriptions, takes new trial ends, records every request. Where the
 * provider has idempotency keys it asks for one, gives the first answer again for the same one, and refuses the same
 * one with another body.
 */
export async function startBillingStandIn(provider: BillingProviderName) {
  const subscriptions = new Map<string, StandInSubscription>()
  const requests: RecordedRequest[] = []
  const answers = new Map<string, { body: string; answer: string }>()
  /** New ends that took effect, in order. */
  const effects: { ref: string; endsAt: number }[] = []
  /**
   * Writes to subscriptions that were not in trial, by someone who had been told so: the expensive mistake. What
   * changes between the last read and the write is in no one's hands where a provider has no conditional write.
   */
  const accidents: string[] = []
  /** The status each subscription had when it was last read. */
  const told = new Map<string, string>()
  /** Writes of an end that was there already: an extension that took effect twice. */
  const repeats: string[] = []
  const faults: Fault[] = []
  /** Whatever else it knows, by path. */
  const resources = new Map<string, object>()
  const keyHeader = {
    stripe: 'idempotency-key',
    chargebee: 'chargebee-idempotency-key',
    recurly: 'idempotency-key',
  }[provider as 'stripe']

  const send = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const failure = (message: string) => ({ error: { message, type: 'invalid_request_error' }, message })

  function write(subscription: StandInSubscription, body: string, fault: Fault | undefined) {
    const { ref } = subscription
    if (subscription.status !== 'trialing' && told.get(ref) !== 'trialing') accidents.push(ref)
    if (fault === 'ignored') return
    const endsAt = readNewEnd(provider, body)
    if (endsAt === subscription.trialEndsAt) repeats.push(ref)
    subscription.trialEndsAt = endsAt
    subscription.status = 'trialing'
    subscription.version++
    effects.push({ ref, endsAt })
  }

  function answerWrite(
    request: IncomingMessage,
    response: ServerResponse,
    subscription: StandInSubscription,
    body: string,
  ) {
    const fault = faults.shift()
    if (fault === 'error') return send(response, 500, failure('try later'))
    if (fault === 'limited') return send(response, 429, failure('too many requests'))
    if (fault === 'refused') return send(response, 400, failure('too close to renewal'))
    const key = keyHeader && request.headers[keyHeader]
    if (keyHeader && typeof key !== 'string') return send(response, 400, failure('a key is needed'))
    const before = typeof key === 'string' ? answers.get(key) : undefined
    if (before && before.body !== body) return send(response, 400, failure('key used with another body'))
    if (!before) write(subscription, body, fault)
    const answer = before?.answer ?? JSON.stringify(renderSubscription(provider, subscription))
    if (typeof key === 'string') answers.set(key, { body, answer })
    if (fault === 'lost answer') return response.destroy()
    send(response, 200, answer)
  }

  let held: Promise<void> | null = null
  let isAway = false

  async function answer(request: IncomingMessage, response: ServerResponse, body: string) {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const method = request.method ?? ''
    requests.push({ method, path, headers: request.headers, body })
    await held
    if (isAway) return send(response, 503, failure('down for maintenance'))
    if (provider === 'paddle' && path.startsWith('/customers/') && !resources.has(path)) {
      const owner = [...subscriptions.values()].find(({ ref }) => path === `/customers/ctm_${ref}`)
      return send(response, 200, { data: { email: owner?.email } })
    }
    const customer = searchParams.get('customer')
    const resource = resources.get(customer === null ? path : `${path}?customer=${customer}`)
    if (resource) return send(response, 200, resource)
    const ref = /\/subscriptions\/([\w-]+)/.exec(path)?.[1] ?? ''
    const subscription = subscriptions.get(ref)
    if (!subscription) return send(response, 404, failure('no such subscription'))
    if (method !== 'GET') return answerWrite(request, response, subscription, body)
    told.set(ref, subscription.status)
    send(response, 200, renderSubscription(provider, subscription))
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => void answer(request, response, Buffer.concat(chunks).toString('utf8')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    effects,
    accidents,
    repeats,
    faults,
    resources,
    add(
      subscription: Partial<StandInSubscription> &
        Pick<StandInSubscription, 'ref' | 'startedAt' | 'trialEndsAt'>,
    ) {
      const made: StandInSubscription = {
        userId: null,
        email: 'nobody@example.com',
        status: 'trialing',
        endedAt: null,
        cancelsAt: null,
        version: 1,
        ...subscription,
      }
      subscriptions.set(made.ref, made)
      return made
    },
    change(
      ref: string,
      change: Partial<Pick<StandInSubscription, 'status' | 'trialEndsAt' | 'endedAt' | 'cancelsAt'>>,
    ) {
      const subscription = subscriptions.get(ref)
      if (!subscription) throw new Error(`there is no subscription ${ref}`)
      Object.assign(subscription, change)
      subscription.version++
      return subscription
    },
    /** Answers nothing until the returned function is called. */
    hold(): () => void {
      let release: () => void = () => undefined
      held = new Promise((resolve) => {
        release = () => {
          held = null
          resolve()
        }
      })
      return release
    },
    /** Answers everything with 503, or no longer. */
    setAway(away: boolean) {
      isAway = away
    },
    writes: () => requests.filter(({ method }) => method !== 'GET'),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
