import type { RequestHandler } from 'express'
import { networkOf } from './client-address.ts'
import { createLateRefusals } from './late-refusals.ts'
import { sendProblem } from './problem.ts'
import { createTokenBuckets } from './token-bucket.ts'

export interface AddressLimit {
  readonly paths: RegExp
  readonly perSecond: number
  readonly burst: number
}

/** One limit per address and kind of path, in front of what anyone may ask for without a key. */
export function createAddressLimits(
  limits: readonly AddressLimit[],
  monotonicNow: () => number = () => performance.now(),
): RequestHandler {
  const refuse = createLateRefusals()
  const counted = limits.map(({ paths, ...rate }) => ({ paths, buckets: createTokenBuckets(rate) }))
  return (request, response, next) => {
    const limit = counted.find(({ paths }) => paths.test(request.path))
    const seconds = limit?.buckets.take(networkOf(request.ip ?? ''), monotonicNow()) ?? 0
    if (seconds === 0) return next()
    refuse(request, () =>
      sendProblem(
        response,
        'rate-limited',
        { detail: 'Too many requests from this address. Wait as long as Retry-After says.' },
        { 'Retry-After': String(seconds) },
      ),
    )
  }
}

/** @param perSecond what one address may ask of the API */
export const publicLimits = (perSecond: number): readonly AddressLimit[] => [
  // One of Google’s addresses loads the pictures of many readers, and a gateway follows the links of a whole company.
  { paths: /^\/([ocxsuv]|brand)\//, perSecond, burst: perSecond * 10 },
  { paths: /^\/oauth\//, perSecond: Math.max(1, perSecond / 30), burst: perSecond },
  { paths: /^\/webhooks\//, perSecond: Math.max(1, perSecond / 3), burst: perSecond * 3 },
]
