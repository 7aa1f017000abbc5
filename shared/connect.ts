import type { RejectionCode } from './collect.ts'
import type { IdentityFault } from './identity-check.ts'

/** What the Connect page shows of an event as it arrives: who and what, never its properties or traits. */
export interface ArrivedEvent {
  readonly at: string
  /** `track`, `identify` …; `request` where a whole request was refused. */
  readonly type: string
  readonly name: string
  readonly userId: string | null
  readonly anonymousId: string | null
  readonly sender: 'server' | 'browser'
  readonly outcome: 'counted' | 'duplicate' | 'refused'
  readonly code: RejectionCode | 'unknown_key' | 'no_key' | null
  /** Only of browsers that name a user; null: it was signed. */
  readonly fault?: IdentityFault | null
  /** The milestone that this event counts for. */
  readonly milestone: string | null
  /** By how much the sender’s clock is ahead of ours; absent when it is about right. */
  readonly skewMs?: number
}

export interface Finding {
  readonly title: string
  readonly fix: string
}

/** A clock that is off by less disturbs nothing: times are corrected by it. */
export const noticedSkewMs = 2 * 60_000

const identityFaults: Readonly<Record<IdentityFault, Finding>> = {
  no_token: {
    title: 'Unsigned: a user is named without proof',
    fix: 'Sign a token on your server and hand it to the snippet (`identity`). Until then this counts for the visitor only.',
  },
  too_long: { title: 'The token is too long', fix: 'Leave out claims you do not need: 8 KB at most.' },
  not_a_token: {
    title: 'The token is not a JWT',
    fix: 'Return the bare token from your endpoint: no quotes, no JSON around it.',
  },
  wrong_algorithm: { title: 'The token is not signed with HS256', fix: 'Sign with HS256.' },
  wrong_signature: {
    title: 'Wrong secret: the token was signed with another one',
    fix: 'Sign with the identity secret of this workspace. After a rotation, update your server.',
  },
  no_user: { title: 'The token names no user', fix: 'Put the user id into the “sub” claim.' },
  no_expiry: { title: 'The token has no end', fix: 'Set the “exp” claim to within an hour from now.' },
  lives_too_long: { title: 'The token lives over an hour', fix: 'Set “exp” to at most an hour after “iat”.' },
  expired: {
    title: 'The token has expired',
    fix: 'Sign a fresh one on each request to your endpoint, and let nothing cache it.',
  },
  not_yet_valid: {
    title: 'The token is not valid yet',
    fix: 'Your server’s clock is ahead, or “exp” is over an hour away: run a time service there.',
  },
  other_user: {
    title: 'The id differs: “sub” is not the userId of the browser',
    fix: 'Use the same id in identify() as in “sub” and in calls from your server.',
  },
}

const refusals: Readonly<Partial<Record<NonNullable<ArrivedEvent['code']>, Finding>>> = {
  unknown_key: {
    title: 'Wrong key: no workspace has it',
    fix: 'Copy the snippet above again; `data-key` begins with pk_.',
  },
  no_key: { title: 'No key came along', fix: 'Copy the snippet above again; it has `data-key`.' },
  bot: {
    title: 'A robot',
    fix: 'Its user agent names a crawler or a headless browser. Events of visitors are not counted for it; a signed user’s are.',
  },
  identity_required: {
    title: 'Unsigned, and no anonymousId beside it',
    fix: 'Send it with the secret key from your server, or sign the user.',
  },
  event_too_large: { title: 'The event is too large', fix: 'Send less than 32 KB per event.' },
  too_many_events: { title: 'Too many events at once', fix: 'Send at most 500 in one request.' },
}

/** What is wrong with an event, and what to do; null: all is well. */
export function findingOf(event: ArrivedEvent): Finding | null {
  const { outcome, code, fault, skewMs, sender, userId, type } = event
  if (fault) return identityFaults[fault]
  if (outcome === 'refused')
    return (
      (code && refusals[code]) ?? {
        title: `Refused: ${(code ?? 'unknown').replaceAll('_', ' ')}`,
        fix: 'The documentation of the API says what an event may hold.',
      }
    )
  if (skewMs !== undefined && Math.abs(skewMs) >= noticedSkewMs)
    return {
      title: `The sender’s clock is ${Math.round(Math.abs(skewMs) / 60_000)} min ${skewMs > 0 ? 'ahead' : 'behind'}`,
      fix: 'Times are corrected. If it is your server, run a time service there.',
    }
  if (sender === 'browser' && userId === null && type === 'track')
    return {
      title: 'No identify yet: this counts for a visitor',
      fix: 'Call trialpace.identify(userId) once the person has signed in.',
    }
  return null
}
