import type { Card } from '../shared/api/card.ts'
import { createCall, type WireRequest } from '../shared/api/client.ts'
import type { Problem } from '../shared/problems.ts'
import { accessToken, account } from './auth.ts'
import { Refused, signedOut } from './failure.ts'

/** Requests to the one configured server, with the rep’s token; every expected failure becomes a {@link Refused}. */

const timeoutMs = 4000
const maxWaits = 3
const waitMs = 700

interface Options {
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}
type Call = WireRequest & Options

/** Asks an endpoint of `shared/api` as the rep who is signed in. @throws Refused */
export const callServer = createCall<Options>((request, { headers, signal }) =>
  ask({ ...request, ...(headers && { headers }), ...(signal && { signal }) }),
)

async function ask(call: Call): Promise<unknown> {
  const [current, token] = await Promise.all([account(), accessToken()])
  if (!current) throw signedOut()
  let response = await send(current.server, call, token)
  // The server may have restarted or revoked: one renewal, then the rep has to sign in.
  if (response.status === 401) response = await send(current.server, call, await accessToken({ renew: true }))
  // The same request is at work already, sent before the worker was stopped: its answer is the one to show.
  for (
    let waits = 0;
    response.status === 409 && response.headers.has('retry-after') && waits < maxWaits;
    waits++
  ) {
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    response = await send(current.server, call, await accessToken())
  }
  if (response.ok) return response.status === 204 ? null : readAnswer(response)
  throw await refusal(response)
}

async function send(
  server: string,
  { method, path, body, headers, signal }: Call,
  token: string,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(server + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'omit',
      redirect: 'error',
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    })
  } catch {
    if (signal?.aborted) throw new Refused('cancelled', 'No longer needed.')
    if (timeout.aborted)
      throw new Refused('timeout', 'The server did not answer within 4 seconds. Try again in a moment.')
    if (!navigator.onLine) throw new Refused('offline', 'You are offline. Try again when you are connected.')
    throw new Refused(
      'offline',
      `${new URL(server).host} cannot be reached. Check your connection or VPN, then try again.`,
    )
  }
}

/** A proxy’s or a hotel’s sign-in page answers 200 too. */
async function readAnswer(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new Refused(
      'server',
      'Something between you and your Trialpace server answered instead of it. Check your network, then try again.',
    )
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

async function refusal(response: Response): Promise<Refused> {
  const problem = (await response.json().catch(() => null)) as (Problem & { card?: Card }) | null
  const detail = problem?.detail ?? problem?.title
  switch (response.status) {
    case 401:
      return new Refused('signed_out', 'Your sign-in has ended. Sign in again.')
    case 403:
      return new Refused(
        'not_allowed',
        `${sentence(detail ?? 'Your role may not do that')} Ask an owner of your workspace for the role “rep”.`,
      )
    case 404:
      return new Refused('server', detail ?? 'The server no longer knows this person.')
    case 409:
      return new Refused('conflict', detail ?? 'Someone else changed this first.', problem?.card)
    case 422:
      return new Refused('policy', detail ?? 'The extension policy does not allow that.')
    case 429:
      return new Refused('server', 'Too many requests. Wait a moment and try again.')
    default:
      return new Refused('server', detail ?? `The server had a problem (${response.status}). Try again.`)
  }
}
