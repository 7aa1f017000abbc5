import { secondMs } from '../../../shared/clock.ts'
import type { BillingSubscription } from '../../domain/billing/subscription.ts'
import { BillingError, type BillingProvider } from './billing-provider.ts'
import type { Json } from './provider-values.ts'

/** Longest wait for one answer; several calls must fit into one lease (subscription-links.ts). */
export const callTimeoutMs = 10 * secondMs

export interface ProviderCall {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
}

/** Status of an answer that is no success, as a reason. 401 and 403: a key that someone may correct. */
export function reasonOf(status: number): BillingError['reason'] {
  if (status === 404) return 'not_found'
  return status >= 500 || [401, 403, 408, 425, 429].includes(status) ? 'transient' : 'refused'
}

/** The provider’s own words, for anyone who looks at the outbox. */
function wordsOf(body: unknown): string {
  const { message, error, errors } = (body ?? {}) as Record<string, unknown>
  const inner = (error ?? {}) as Record<string, unknown>
  const words = message ?? inner.message ?? inner.detail ?? (Array.isArray(errors) ? errors.join('; ') : '')
  return typeof words === 'string' ? words.replaceAll(/\p{Cc}/gu, ' ').slice(0, 300) : ''
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * One call of a provider’s API, JSON back.
 * @throws BillingError
 */
export async function callProvider({ url, method = 'GET', headers, json, form }: ProviderCall) {
  const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form).toString()
  const contentType = json !== undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': contentType }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(callTimeoutMs),
    })
    status = response.status
    text = await response.text()
  } catch (cause) {
    throw new BillingError('transient', 'The billing system could not be reached.', { cause })
  }
  const answer = parse(text)
  if (status >= 200 && status < 300 && typeof answer === 'object' && answer !== null)
    return answer as Readonly<Record<string, unknown>>
  if (status >= 200 && status < 300)
    throw new BillingError('transient', 'The billing system’s answer is not JSON.')
  throw new BillingError(reasonOf(status), `The billing system answered ${status}. ${wordsOf(answer)}`.trim())
}

export const basicAuth = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/**
 * A subscription that is read from one address and extended by one call, both of which answer with it.
 * @param read may ask for more, e.g. whose it is.
 */
export function subscriptionCalls({
  headers,
  url,
  read,
  extension,
}: {
  headers: ProviderCall['headers']
  url: (ref: string) => string
  read: (answer: Json) => BillingSubscription | Promise<BillingSubscription>
  /** The call for a new end; `path` goes on from the address. */
  extension: (
    endsAt: number,
    idempotencyKey: string,
  ) => Omit<ProviderCall, 'url' | 'headers'> & { path?: string; headers?: ProviderCall['headers'] }
}): Pick<BillingProvider, 'fetchSubscription' | 'extendTrial'> {
  return {
    fetchSubscription: async (ref) => read(await callProvider({ url: url(ref), headers })),
    async extendTrial(ref, endsAt, idempotencyKey) {
      const { path = '', headers: more, ...call } = extension(endsAt, idempotencyKey)
      return read(await callProvider({ ...call, url: url(ref) + path, headers: { ...headers, ...more } }))
    },
  }
}
