import { hourMs, minuteMs, secondMs } from '../../shared/clock.ts'
import type { EmailAddress } from '../../shared/trial.ts'
import type { Command } from './trial/command.ts'
import type { Actor, Trial } from './trial/model.ts'
import { datesKey } from './trial/person.ts'

/**
 * What a trial and its subscription in the billing system do to each other. Webhooks only say that something may
 * have changed; what is decided on is the subscription as it was just read.
 */

const billingStatuses = [
  'pending',
  'trialing',
  'active',
  'past_due',
  'paused',
  'canceled',
  'expired',
] as const
export type BillingStatus = (typeof billingStatuses)[number]

/** A subscription as any billing system tells it. */
export interface BillingSubscription {
  readonly ref: string
  /** The merchant’s own id of the user, as far as the billing system was told. */
  readonly userId: string | null
  readonly email: EmailAddress | null
  readonly status: BillingStatus
  /** Every price is 0: being active is no conversion. */
  readonly isFree: boolean
  readonly startedAt: number | null
  readonly trialEndsAt: number | null
  /** When it was canceled or ran out. */
  readonly endedAt: number | null
  /** First paid period. */
  readonly activatedAt: number | null
  readonly planId: string | null
  /** ISO 4217, in either case. */
  readonly currency: string | null
  /** Rises with each change of the subscription, where the provider says so. */
  readonly version: number | null
}

/** What both sides last agreed on: who moved since is seen by comparing with it. */
export interface Agreement {
  /** null: never compared so far. */
  readonly endsAt: number | null
  /** An end of ours that the provider will not take. */
  readonly refused: { readonly endsAt: number; readonly why: string } | null
  readonly version: number | null
}

export const noAgreement: Agreement = { endsAt: null, refused: null, version: null }

export interface BillingDecision {
  readonly commands: readonly Command[]
  /** The end the provider is to be told. */
  readonly push: number | null
  readonly agreement: Agreement
}

/** Ends this close are the same: providers keep whole seconds, some round to the minute. */
export const driftMs = minuteMs
/** Paddle locks a subscription in its last 30 minutes and takes no nearer date; the others are held to the same. */
const leastNoticeMs = 30 * minuteMs

export const isSameEnd = (a: number | null, b: number | null): boolean =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= driftMs)

/**
 * The end that people here gave the trial, or null when the present end is not theirs. Read from the trial itself,
 * so that nothing is lost when the process dies between saving the trial and telling the provider.
 */
export function wantedEnd({ clock }: Pick<Trial, 'clock'>): number | null {
  const { endsAt, extensions, status } = clock
  if (status === 'converted') return null
  const isOurs = extensions.some(
    ({ by, after, before, undoneAt }) =>
      by.kind !== 'billing' && (undoneAt === null ? after : before) === endsAt,
  )
  return isOurs ? endsAt : null
}

/** The wish that the provider has yet to hear, or null. */
export function openWish(trial: Pick<Trial, 'clock'>, { endsAt, refused }: Agreement): number | null {
  const wanted = wantedEnd(trial)
  if (wanted === null || isSameEnd(wanted, endsAt)) return null
  return refused && isSameEnd(wanted, refused.endsAt) ? null : wanted
}

const refuse = (agreement: Agreement, endsAt: number, why: string): Agreement => ({
  ...agreement,
  refused: { endsAt, why },
})

/**
 * The provider’s end; a start that would lie after it moves along. Said now, or with the last word about the dates
 * where that came from a host whose clock is ahead: it would be passed over otherwise.
 */
function moveTo({ trial, by, now }: Situation, endsAt: number, startedAt: number | null): Command {
  const { startsAt } = trial.clock
  const at = Math.max(now, trial.person.traitsAt[datesKey] ?? 0)
  const start = startsAt < endsAt ? {} : { startsAt: Math.min(startedAt ?? endsAt - 1, endsAt - 1) }
  return {
    type: 'describe',
    patch: { trial: { ...start, endsAt } },
    by,
    at,
    expectedEnd: trial.clock.endsAt,
  }
}

interface Situation {
  readonly trial: Trial
  readonly subscription: BillingSubscription
  readonly agreement: Agreement
  /** Whether the provider can also make a trial shorter. */
  readonly shortens: boolean
  readonly by: Actor
  readonly now: number
}

function whyNotPush(wish: number, theirs: number, { shortens, now }: Situation): string | null {
  if (wish <= now + leastNoticeMs)
    return 'The billing system needs at least 30 minutes before the end of a trial.'
  return wish < theirs && !shortens ? 'This billing system cannot make a trial shorter.' : null
}

/** Whoever moved the end since both agreed is followed; when both did, the later end holds: a promise is kept. */
function whileTrialing(situation: Situation, wish: number | null): BillingDecision {
  const { trial, subscription, agreement } = situation
  const theirs = subscription.trialEndsAt
  const stay: BillingDecision = { commands: [], push: null, agreement }
  if (theirs === null) return stay
  const agreed: Agreement = { ...agreement, endsAt: theirs }
  if (isSameEnd(trial.clock.endsAt, theirs)) return { ...stay, agreement: agreed }
  const hasMoved = !isSameEnd(theirs, agreement.endsAt)
  if (wish !== null && (!hasMoved || wish > theirs)) {
    const why = whyNotPush(wish, theirs, situation)
    return why === null
      ? { ...stay, push: wish, agreement: agreed }
      : { ...stay, agreement: refuse(agreed, wish, why) }
  }
  if (!hasMoved) return stay
  return {
    commands: [moveTo(situation, theirs, subscription.startedAt)],
    push: null,
    agreement: { ...agreed, refused: null },
  }
}

/** Canceled before its trial was over: the trial is over here too. Never moves an end later. */
function whenEnded(situation: Situation): BillingDecision {
  const { trial, subscription, agreement } = situation
  const { endedAt } = subscription
  const { endsAt, startsAt } = trial.clock
  const stay: BillingDecision = { commands: [], push: null, agreement }
  if (endedAt === null || endsAt === null || endedAt >= endsAt - driftMs) return stay
  const end = Math.max(endedAt, startsAt + 1)
  return {
    commands: [moveTo(situation, end, null)],
    push: null,
    agreement: { ...agreement, endsAt: end },
  }
}

function whenActive({ trial, subscription, agreement, by, now }: Situation): BillingDecision {
  const stay: BillingDecision = { commands: [], push: null, agreement }
  if (subscription.isFree || trial.clock.status === 'converted') return stay
  const at = Math.min(subscription.activatedAt ?? now, now)
  return { ...stay, commands: [{ type: 'convert', plan: subscription.planId, at, by }] }
}

/**
 * What follows from a subscription as it was just read. An extension is only ever sent to a subscription in trial:
 * on a paying one the same call would move its billing (Stripe: put it back into trial).
 */
export function decideBilling(situation: Situation): BillingDecision {
  const { trial, subscription, agreement } = situation
  const { status, version } = subscription
  // A read that is older than one we have acted on, e.g. from a replica that lags.
  if (version !== null && agreement.version !== null && version < agreement.version)
    return { commands: [], push: null, agreement }
  const seen = { ...situation, agreement: { ...agreement, version: version ?? agreement.version } }
  const wish = openWish(trial, agreement)
  if (status === 'trialing' && trial.clock.status !== 'converted') return whileTrialing(seen, wish)
  if (wish !== null)
    seen.agreement = refuse(
      seen.agreement,
      wish,
      `The subscription is ${status}, not in trial: changing its dates would change what is billed.`,
    )
  if (status === 'active') return whenActive(seen)
  const isOver = status === 'canceled' || status === 'expired'
  return isOver && wish === null && trial.clock.status === 'trialing'
    ? whenEnded(seen)
    : { commands: [], push: null, agreement: seen.agreement }
}

const retryMs = [
  10 * secondMs,
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  6 * hourMs,
  12 * hourMs,
  24 * hourMs,
]

/**
 * When to try again after so many failures, a fifth earlier or later so that many do not come at once.
 * @returns null: not any more (after about two days).
 */
export function nextAttemptAt(failures: number, now: number, random: number): number | null {
  const waitMs = retryMs[failures - 1]
  return waitMs === undefined ? null : now + Math.round(waitMs * (0.8 + 0.4 * random))
}
