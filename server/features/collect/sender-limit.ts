import type { IncomingMessage } from 'node:http'
import { collectLimits } from '../../../shared/collect.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import { networkOf } from '../../http/client-address.ts'
import { createTokenBuckets } from '../../http/token-bucket.ts'
import { accessOf, keyOf } from './credentials.ts'

/** What one address may send, before anything of a request is read. */
export interface SenderLimit {
  /**
   * Takes as much as the request says it is long: the bodies of many requests at once must not all be in memory before
   * the first of them counts.
   * @returns 0 when it may pass, else the seconds after which it may be tried again.
   */
  take(request: IncomingMessage): number
  /** What a request costs beyond its length. */
  charge(request: IncomingMessage, cost: Readonly<SenderCost>): void
  /** Gives back what its length cost: it is the team’s own. */
  forgive(request: IncomingMessage): void
}

interface SenderCost {
  /** Inflated. */
  readonly bytes: number
  readonly events: number
  /** Who did something. */
  readonly people: number
  /** Visitors to be joined to people. */
  readonly joined: number
}

const bytesPerToken = 10 * 1024
/** For a length that a request does not say. */
const unsaidBytes = 5 * bytesPerToken
const mostBytes = collectLimits.batchBytes
const eventsPerToken = 10
/** Joining a visitor to a person is several writes. */
const tokensPerJoined = 10

/**
 * A bucket per address: one that floods us with the public key takes neither the allowance of its workspace nor the
 * time of others. The team’s own servers, known by a secret key in the header, are held by the key’s limit alone.
 */
export function createSenderLimit(
  { of: addressOf, perSecond }: { of: (request: IncomingMessage) => string; perSecond: number },
  workspaces: Workspaces,
): SenderLimit {
  const buckets = createTokenBuckets({ perSecond, burst: perSecond * 10 })
  const isTeam = (request: IncomingMessage): boolean => {
    const key = keyOf(request, null, '')
    return key !== null && accessOf(workspaces, key)?.trusted === true
  }
  const charge = (request: IncomingMessage, tokens: number) => {
    if (tokens !== 0) buckets.charge(networkOf(addressOf(request)), tokens)
  }
  return {
    take(request) {
      const seconds = buckets.take(networkOf(addressOf(request)), performance.now())
      if (seconds > 0) return isTeam(request) ? 0 : seconds
      charge(request, lengthCost(request))
      return 0
    },
    charge(request, { bytes, events, people, joined }) {
      const unsaid = Math.max(0, bytes - saidBytes(request))
      charge(
        request,
        Math.floor(unsaid / bytesPerToken + events / eventsPerToken) +
          Math.max(0, people - 1) +
          joined * tokensPerJoined,
      )
    },
    forgive: (request) => charge(request, -lengthCost(request)),
  }
}

const lengthCost = (request: IncomingMessage): number => Math.floor(saidBytes(request) / bytesPerToken)

/** More than a body may have is not kept anyway. */
function saidBytes({ rawHeaders, method }: IncomingMessage): number {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === lengthHeader.length && name.toLowerCase() === lengthHeader)
      return Math.min(Math.max(0, Number(rawHeaders[i + 1]) || 0), mostBytes)
  }
  return method === 'GET' ? 0 : unsaidBytes
}
const lengthHeader = 'content-length'
