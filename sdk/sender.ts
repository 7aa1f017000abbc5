import type { CollectAnswer } from '../shared/collect.ts'
import { guard } from './guard.ts'
import type { Queue } from './queue.ts'
import type { SdkEvent } from './types.ts'

/** What one request came to. Status 0: blocked, offline, timed out, or no answer of ours. */
export interface PostResult {
  _status: number
  /** From Retry-After. */
  _retryAfterMs?: number | undefined
  _answer?: CollectAnswer | undefined
}

export interface Sender {
  /** Sends within `delayMs`; an earlier appointment stands. */
  _soon(delayMs: number): void
  _flush(): Promise<void>
  /** The way back is open again: forget the waiting time. */
  _retryNow(): void
}

interface Setting {
  _queue: Queue
  _post: (events: readonly SdkEvent[], bytes: number) => Promise<PostResult>
  /** The server has them, or will never take them. */
  _onTaken: (events: readonly SdkEvent[]) => void
  _onAnswer: (answer: CollectAnswer, events: readonly SdkEvent[], requestMs: number) => void
  _mayRun: () => boolean
  _now: () => number
  _random: () => number
  _setTimer: (task: () => void, delayMs: number) => unknown
  _clearTimer: (timer: unknown) => void
}

/** The browser lets 64 KiB of keep-alive requests and beacons be under way at a time. */
export const batchBytes = 50_000
const maxRequests = 4
const maxDelayMs = 300_000

/** Full jitter: any moment up to 1 s · 2ⁿ, never before the server’s Retry-After. */
export const retryDelay = (failures: number, retryAfterMs: number, random: number): number =>
  Math.max(retryAfterMs, random * Math.min(maxDelayMs, 1000 * 2 ** failures))

const isFinal = (status: number): boolean =>
  status < 300 || (status < 500 && ![401, 403, 404, 408, 413, 429].includes(status))

export function createSender(it: Setting): Sender {
  let timer: unknown
  let timerAt = Number.POSITIVE_INFINITY
  let retryAt = 0
  let failures = 0
  let running = 0
  let maxBytes = batchBytes

  const soon = (delayMs: number) => {
    const at = Math.max(it._now() + delayMs, retryAt)
    if (at >= timerAt) return
    it._clearTimer(timer)
    timerAt = at
    timer = it._setTimer(guard(flush), at - it._now())
  }
  const failed = ({ _status, _retryAfterMs }: PostResult, events: readonly SdkEvent[]) => {
    if (_status === 413) {
      // One event that is too large by itself will never be taken.
      if (events.length < 2) return true
      maxBytes = 1
    } else {
      failures++
      // A key that is refused, or a blocked host, does not get better within moments.
      const hopeless = _status === 401 || _status === 403 || _status === 404 || (!_status && failures > 3)
      const delayMs = hopeless ? maxDelayMs : retryDelay(failures, _retryAfterMs ?? 0, it._random())
      retryAt = it._now() + delayMs
    }
    return false
  }
  const sendOne = async (events: readonly SdkEvent[], bytes: number) => {
    const startedAt = it._now()
    running++
    const result = await it._post(events, bytes).catch((): PostResult => ({ _status: 0 }))
    running--
    const taken = isFinal(result._status) && result._status > 0
    if (taken) failures = retryAt = 0
    const over = taken || failed(result, events)
    it._queue._settle(events, over)
    if (taken) maxBytes = batchBytes
    if (result._answer) guard(it._onAnswer)(result._answer, events, it._now() - startedAt)
    if (over) guard(it._onTaken)(events)
    soon(0)
  }
  async function flush(): Promise<void> {
    timerAt = Number.POSITIVE_INFINITY
    it._clearTimer(timer)
    if (!it._mayRun()) return
    if (it._now() < retryAt) return soon(0)
    const requests: Promise<void>[] = []
    while (running < maxRequests) {
      const { _events, _bytes } = it._queue._take(maxBytes)
      if (!_events.length) break
      requests.push(sendOne(_events, _bytes))
    }
    await Promise.all(requests)
  }
  return {
    _soon: soon,
    _flush: flush,
    _retryNow: () => {
      retryAt = failures = 0
      soon(0)
    },
  }
}
