import type { CollectAnswer } from '../shared/collect.ts'
import { attempt, guard } from './guard.ts'
import type { Queue } from './queue.ts'
import type { SdkEvent } from './types.ts'

export interface Sender {
  /** Sends within `delayMs`; an earlier appointment stands. */
  _soon(delayMs: number): void
  /** Never rejects. */
  _flush(): Promise<void>
  /** The way is open again: forget the waiting time. */
  _retryNow(): void
  /** The page is going away. */
  _leave(): void
}

interface Setting {
  _url: string
  _queue: Queue
  _body: (events: readonly SdkEvent[], token?: string) => string
  /** The proof of who the user is, asked for before each request; null when there is nothing to wait for. */
  _token: () => Promise<string | undefined> | null
  _mayRun: () => boolean
  _onAnswer: (answer: CollectAnswer, events: readonly SdkEvent[], requestMs: number) => void
}

/**
 * The browser lets 64 KiB of keep-alive requests and beacons be under way at a time; a character is at most three
 * bytes of UTF-8.
 */
const batchChars = 20_000
/** With what is around the events; a larger body goes without keep-alive, which the browser would refuse. */
const keepaliveChars = 21_000
const maxRequests = 4
const maxDelayMs = 300_000

/** Full jitter: any moment up to 1 s · 2ⁿ, never before the server’s Retry-After. */
export const retryDelay = (failures: number, retryAfterMs: number, random: number): number =>
  Math.max(retryAfterMs, random * Math.min(maxDelayMs, 1000 * 2 ** failures))

/** Worth another try: no answer, a busy or failing server, or a key or address that someone must put right. */
const isTransient = (status: number): boolean => /^(0|40[1348]|413|429|5..)$/.test(`${status}`)

export function createSender({ _url, _queue, _body, _token, _mayRun, _onAnswer }: Setting): Sender {
  let timer: ReturnType<typeof setTimeout>
  /** 0: no appointment. */
  let timerAt = 0
  let retryAt = 0
  let failures = 0
  let running = 0
  let maxChars = batchChars

  const soon = (delayMs: number) => {
    const now = Date.now()
    const at = Math.max(now + delayMs, retryAt)
    if (timerAt && at >= timerAt) return
    clearTimeout(timer)
    timerAt = at
    timer = setTimeout(guard(flush), at - now)
  }
  const sendOne = async (events: readonly SdkEvent[]) => {
    let status = 0
    let retryAfterMs = 0
    const startedAt = Date.now()
    running++
    try {
      const asked = _token()
      const body = _body(events, asked ? await asked : undefined)
      const response = await fetch(_url, {
        method: 'POST',
        body,
        credentials: 'omit',
        // Other scripts draw on the same 64 KiB: what failed once is tried without.
        keepalive: running < 2 && !failures && body.length < keepaliveChars,
        signal: attempt(() => AbortSignal.timeout(30_000))!,
      })
      retryAfterMs = Number(response.headers.get('retry-after')) * 1000 || 0
      if (response.ok) {
        const answer: CollectAnswer = await response.json()
        // Thrown for a portal or proxy that answers in the server’s place.
        attempt(() => _onAnswer(answer, events, Date.now() - startedAt))
        status = answer.success ? 200 : 0
      } else status = response.status
    } catch {}
    running--
    const over = !isTransient(status) || (status === 413 && !events[1])
    _queue._settle(events, over)
    maxChars = status === 413 ? 1 : batchChars
    if (over || status === 413) failures = retryAt = 0
    // A host that is blocked does not get better within moments, and each try is a line in the page’s console.
    else
      retryAt =
        Date.now() +
        (++failures > 3 && !status ? maxDelayMs : retryDelay(failures, retryAfterMs, Math.random()))
    soon(0)
  }
  async function flush(): Promise<void> {
    timerAt = 0
    clearTimeout(timer)
    if (!_mayRun()) return
    if (Date.now() < retryAt) return soon(0)
    const requests: Promise<void>[] = []
    // A fetch that throws at once has set the time of the next try before it returns here.
    while (running < maxRequests && Date.now() >= retryAt) {
      const events = _queue._take(maxChars)
      if (!events[0]) break
      requests.push(sendOne(events))
    }
    for (const request of requests) await request
  }
  return {
    _soon: soon,
    _flush: () => flush().catch(() => {}),
    _retryNow: () => {
      retryAt = failures = 0
      soon(0)
    },
    _leave: () => {
      const events = _queue._take(batchChars)
      // They stay in the queue: nothing tells whether a beacon arrived, and the server knows each message id.
      if (events[0] && _mayRun()) attempt(() => navigator.sendBeacon(_url, _body(events)))
      _queue._leave()
    },
  }
}
