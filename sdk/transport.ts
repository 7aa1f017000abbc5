import type { CollectAnswer } from '../shared/collect.ts'
import { attempt } from './guard.ts'
import type { PostResult } from './sender.ts'
import type { Options, SdkEvent } from './types.ts'

/** The browser’s quota for keep-alive requests under way, less some room for headers. */
const keepaliveBytes = 60_000
const tokenWaitMs = 3000

export interface Transport {
  _post(events: readonly SdkEvent[], bytes: number): Promise<PostResult>
  /** For a page that is going away. @returns whether the browser took it. */
  _beacon(events: readonly SdkEvent[]): boolean
  /** Another person: their proof is not ours. */
  _forgetToken(): void
}

const expiresAt = (token: string): number =>
  attempt(
    () =>
      (JSON.parse(atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))) as { exp: number }).exp *
      1000,
  ) ?? 0

export function createTransport(
  writeKey: string,
  host: string,
  options: Options,
  extra: () => { rulesEtag: string | undefined; locale: string; known: boolean },
): Transport {
  // One path and a body of text/plain: a request the browser may send without asking first (no preflight).
  const url = `${host}/v1/b`
  let token: string | undefined
  let underWay = 0

  const bodyOf = (batch: readonly SdkEvent[]): string => {
    const { rulesEtag, locale } = extra()
    return JSON.stringify({
      writeKey,
      batch,
      sentAt: new Date().toISOString(),
      nudges: options.nudges !== false,
      rulesEtag,
      locale,
      identityToken: token,
    })
  }
  const refreshToken = async () => {
    if (!options.identity || !extra().known || (token && expiresAt(token) - 60_000 > Date.now())) return
    const timeOut = new Promise<undefined>((resolve) => setTimeout(resolve, tokenWaitMs, undefined))
    token = (await Promise.race([options.identity(), timeOut])) ?? token
  }
  const send = (body: string, bytes: number) =>
    fetch(url, {
      method: 'POST',
      body,
      credentials: 'omit',
      keepalive: underWay + bytes < keepaliveBytes,
      ...(AbortSignal.timeout && { signal: AbortSignal.timeout(30_000) }),
    })
  return {
    _post: async (batch, bytes) => {
      if (options.identity) await refreshToken().catch(() => {})
      underWay += bytes
      try {
        const response = await send(bodyOf(batch), bytes)
        const retryAfter = response.headers.get('retry-after')
        const answer = response.ok ? ((await response.json()) as CollectAnswer) : undefined
        // A portal or proxy may answer 200 in our place.
        if (answer && answer.success !== true) return { _status: 0 }
        if (answer?.rejected.some(({ code }) => code === 'unverified_identity')) token = undefined
        return { _status: response.status, _retryAfterMs: Number(retryAfter) * 1000 || 0, _answer: answer }
      } finally {
        underWay -= bytes
      }
    },
    _beacon: (batch) => !!attempt(() => navigator.sendBeacon(url, bodyOf(batch))),
    _forgetToken: () => {
      token = undefined
    },
  }
}
