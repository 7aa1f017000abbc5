import type { IncomingMessage } from 'node:http'
import type { Workspaces } from '../../domain/workspace.ts'
import { networkOf } from '../../http/client-address.ts'
import { createTokenBuckets } from '../../http/token-bucket.ts'
import { accessOf, keyOf } from './credentials.ts'

/** What one address may send, before anything of a request is read. */
export interface SenderLimit {
  /** @returns 0 when the request may pass, else the seconds after which it may be tried again. */
  take(request: IncomingMessage): number
  /** What a request costs beyond a small one of one person. */
  charge(request: IncomingMessage, cost: Readonly<SenderCost>): void
}

interface SenderCost {
  readonly bytes: number
  readonly events: number
  /** Who did something. */
  readonly people: number
  /** Visitors to be joined to people. */
  readonly joined: number
}

const bytesPerToken = 10 * 1024
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
  return {
    take(request) {
      const seconds = buckets.take(networkOf(addressOf(request)), performance.now())
      return seconds > 0 && isTeam(request) ? 0 : seconds
    },
    charge(request, { bytes, events, people, joined }) {
      const tokens =
        Math.floor(bytes / bytesPerToken + events / eventsPerToken) +
        Math.max(0, people - 1) +
        joined * tokensPerJoined
      if (tokens > 0) buckets.charge(networkOf(addressOf(request)), tokens)
    },
  }
}
