import { errors, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { hourMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { IdentityFault } from '../../../shared/identity-check.ts'
import type { Workspace } from '../../domain/workspace.ts'

/** What the team’s server has signed about one of its users. */
export interface SignedIdentity {
  readonly userId: string
  /** The other claims, among them the traits that only a signed identity may set. */
  readonly claims: Readonly<Record<string, unknown>>
  /** When it was signed, as it says; null when it does not. */
  readonly issuedAt: number | null
}

export interface IdentityTokens {
  /** @returns null when it is not signed with this workspace’s secret, names no one, or its time is not now. */
  verify(token: string, workspace: Workspace): Promise<SignedIdentity | null>
  /** Why {@link verify} says null, for the team that sets it up; null when it does not. */
  faultOf(token: string, workspace: Workspace): Promise<IdentityFault | null>
}

interface Checked {
  readonly identity: SignedIdentity
  readonly from: number
  readonly until: number
}

const toleranceMs = minuteMs
const maxTokenChars = 8 * 1024

/**
 * Signed identities: JWT, HS256, `sub` = user id, `exp` at most one hour after `iat` (or after now). The signature is
 * checked once per token, its time at each use.
 * @param nows the clocks by which a token may be valid. More than one only where ours can be moved (demo mode).
 */
export function createIdentityTokens(
  nows: readonly (() => number)[],
  maxCachedChars = 4_000_000,
): IdentityTokens {
  /** Sound ones only: anyone who makes tokens up must neither fill it nor push out those of real users. */
  const cache = new LRUCache<string, Checked>({
    maxSize: maxCachedChars,
    sizeCalculation: (_, key) => key.length,
  })

  const isCurrent = ({ from, until }: Checked) =>
    nows.some((now) => {
      const at = now()
      return at >= from - toleranceMs && at < until + toleranceMs
    })

  return {
    async verify(token, workspace) {
      if (token.length > maxTokenChars) return null
      const key = `${workspace.id} ${workspace.identitySecret} ${token}`
      const known = cache.get(key)
      const checked = known ?? (await check(token, workspace.identitySecret))
      if (typeof checked === 'object' && !known) cache.set(key, checked)
      return typeof checked === 'object' && isCurrent(checked) ? checked.identity : null
    },
    async faultOf(token, workspace) {
      if (token.length > maxTokenChars) return 'too_long'
      const checked = await check(token, workspace.identitySecret)
      if (typeof checked === 'string') return checked
      if (isCurrent(checked)) return null
      return nows.every((now) => now() >= checked.until) ? 'expired' : 'not_yet_valid'
    },
  }
}

async function check(token: string, secret: string): Promise<Checked | IdentityFault> {
  try {
    // The time is compared by the caller at each use; at the epoch nothing has expired yet.
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ['HS256'],
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(0),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    })
    return lifetimeOf(payload)
  } catch (error) {
    if (error instanceof errors.JOSEError) return faultIn(error)
    if (error instanceof TypeError) return 'not_a_token'
    throw error
  }
}

function faultIn(error: errors.JOSEError): IdentityFault {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong_signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong_algorithm'
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'exp' ? 'no_expiry' : 'no_user'
  return 'not_a_token'
}

function lifetimeOf(payload: JWTPayload): Checked | IdentityFault {
  const { sub, exp, iat, nbf, ...claims } = payload
  if (typeof sub !== 'string' || sub === '') return 'no_user'
  if (typeof exp !== 'number') return 'no_expiry'
  const until = exp * secondMs
  const issuedAt = iat === undefined ? null : iat * secondMs
  if (issuedAt !== null && until - issuedAt > hourMs) return 'lives_too_long'
  return {
    identity: { userId: sub, claims, issuedAt },
    // Without `iat` a token that still has more than an hour to live is not valid yet, so it never lives longer.
    from: Math.max(issuedAt ?? until - hourMs, (nbf ?? 0) * secondMs),
    until,
  }
}
