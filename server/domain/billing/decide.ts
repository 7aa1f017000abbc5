import { dayMs, minuteMs } from '../../../shared/clock.ts'
import type { Command } from '../trial/command.ts'
import type { Actor, Trial } from '../trial/model.ts'
import { datesKey } from '../trial/person.ts'
import { type Agreement, driftMs, grantedEnd, isSameEnd, openRequest, type Truth } from './agreement.ts'
import { dateWords } from './date-words.ts'
import { type BillingSubscription, isReturned, type Money, proofOf } from './subscription.ts'

/**
 * What a trial and its subscription in the billing system do to each other. Webhooks only say that something may
 * have changed; what is decided on is the subscription as it was just read.
 */

export interface BillingDecision {
  readonly commands: readonly Command[]
  /** The end the provider is to be told. */
  readonly push: number | null
  readonly agreement: Agreement
}

/** Paddle locks a subscription in its last 30 minutes and takes no nearer date; the others are held to the same. */
const leastNoticeMs = 30 * minuteMs
/** A first payment is tried again for up to two months (Stripe); a second one is due after one. */
const firstPaymentMs = { overdue: 28 * dayMs, over: 62 * dayMs } as const

interface Situation {
  readonly trial: Trial
  readonly subscription: BillingSubscription
  readonly money: Money
  readonly agreement: Agreement
  /** Whether the provider can also make a trial shorter. */
  readonly shortens: boolean
  readonly truth: Truth
  readonly by: Actor
  readonly now: number
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

function whyNotPush(request: number, theirs: number, { shortens, now }: Situation): string | null {
  if (request <= now + leastNoticeMs)
    return 'The billing system needs at least 30 minutes before the end of a trial.'
  return request < theirs && !shortens ? 'This billing system cannot make a trial shorter.' : null
}

/** A granted extension stays; the team hears of it and says which date holds. */
const contradiction = (theirs: number, granted: number): string =>
  `The billing system now ends this trial on ${dateWords(theirs)}; an extension to ${dateWords(granted)} was granted here and stays. Send it again, or take the date of the billing system.`

const wouldTakeBack = ({ trial, truth }: Situation, theirs: number): number | null => {
  const granted = truth === 'billing' ? null : grantedEnd(trial)
  return granted !== null && theirs < granted - driftMs ? granted : null
}

/** To extend beyond a scheduled cancellation would promise time that the subscription does not have. */
function blockedByCancel(request: number, { subscription: { cancelsAt } }: Situation): Agreement['refused'] {
  if (cancelsAt === null || request <= cancelsAt + driftMs) return null
  const why = `The subscription is set to be canceled on ${dateWords(cancelsAt)}, before the new end. Take the cancellation back there; the new end is sent then.`
  return { endsAt: request, why, cancelsAt }
}

/** An end that was held back for a cancellation is sent once that is gone, or comes later. */
function withoutOldCancel({ subscription: { cancelsAt } }: Situation, agreement: Agreement): Agreement {
  const { refused } = agreement
  const isGone =
    refused?.cancelsAt !== undefined && (cancelsAt === null || cancelsAt >= refused.endsAt - driftMs)
  return isGone ? { ...agreement, refused: null } : agreement
}

/** Anyone who moved the end since both agreed is followed; when both did, the later end holds: a promise is kept. */
function whileTrialing(situation: Situation): BillingDecision {
  const { trial, subscription, truth } = situation
  const agreement = withoutOldCancel(situation, situation.agreement)
  const theirs = subscription.trialEndsAt
  const stay: BillingDecision = { commands: [], push: null, agreement }
  if (theirs === null) return stay
  const last = truth === 'trialpace' ? { ...agreement, endsAt: theirs } : agreement
  const request = openRequest(trial, last, truth)
  const agreed: Agreement = { ...agreement, endsAt: theirs }
  if (isSameEnd(trial.clock.endsAt, theirs)) return { ...stay, agreement: { ...agreed, refused: null } }
  const hasMoved = !isSameEnd(theirs, agreement.endsAt)
  const isOurTurn = !hasMoved || truth === 'trialpace' || (request !== null && request > theirs)
  const isTheirs = truth === 'billing' && hasMoved && agreement.endsAt !== null
  if (request !== null && isOurTurn && !isTheirs) {
    const why = whyNotPush(request, theirs, situation)
    const blocked = blockedByCancel(request, situation)
    if (why !== null) return { ...stay, agreement: refuse(agreed, request, why) }
    if (blocked) return { ...stay, agreement: { ...agreed, refused: blocked } }
    return { ...stay, push: request, agreement: agreed }
  }
  if (!hasMoved || truth === 'trialpace') return { ...stay, agreement: agreed }
  const granted = wouldTakeBack(situation, theirs)
  if (granted !== null) return { ...stay, agreement: refuse(agreed, granted, contradiction(theirs, granted)) }
  return {
    commands: [moveTo(situation, theirs, subscription.startedAt)],
    push: null,
    agreement: { ...agreed, refused: null },
  }
}

/** When the free time was over at the provider; null when it is not, or nothing is known of it. */
function stoppedAt({ subscription, now }: Situation): number | null {
  const { status, trialEndsAt, endedAt, pausedAt } = subscription
  const passed = trialEndsAt !== null && trialEndsAt <= now ? trialEndsAt : null
  if (status === 'canceled' || status === 'expired') return endedAt ?? passed ?? now
  if (status === 'paused') return pausedAt ?? passed ?? now
  return passed
}

/** A subscription of before this trial, or one without a trial, says nothing of when this trial ends. */
const isOfTrial = ({ trial, subscription, agreement }: Situation, end: number): boolean =>
  agreement.endsAt !== null || (subscription.trialEndsAt !== null && end > trial.clock.startsAt)

/** Over or paused there before its time: the trial is over here too. Never moves an end later. */
function whenStopped(situation: Situation): BillingDecision {
  const { trial, agreement, truth } = situation
  const { endsAt, startsAt, status } = trial.clock
  const stay: BillingDecision = { commands: [], push: null, agreement }
  const stopped = stoppedAt(situation)
  if (stopped === null || endsAt === null || status === 'converted' || truth === 'trialpace') return stay
  if (stopped >= endsAt - driftMs || !isOfTrial(situation, stopped)) return stay
  const granted = wouldTakeBack(situation, stopped)
  if (granted !== null)
    return agreement.refused && isSameEnd(agreement.refused.endsAt, granted)
      ? stay
      : { ...stay, agreement: refuse(agreement, granted, contradiction(stopped, granted)) }
  const end = Math.max(stopped, startsAt + 1)
  return {
    commands: [moveTo(situation, end, null)],
    push: null,
    agreement: { ...agreement, endsAt: end },
  }
}

/** The first payment, else the end of the trial; never the time at which it was noticed. */
function convertedAt({
  subscription,
  money,
  now,
}: Pick<Situation, 'subscription' | 'money' | 'now'>): number {
  const { activatedAt, trialEndsAt, startedAt } = subscription
  const known = [money.firstPaidAt, activatedAt, trialEndsAt, startedAt]
  return known.find((at): at is number => at !== null && at <= now) ?? now
}

/** Money converts. The word “active” alone does so for the time being, where the provider tells nothing of money. */
function whenActive(situation: Situation): BillingDecision {
  const { trial, subscription, agreement, money, by } = situation
  const { planId } = subscription
  const stay: BillingDecision = { commands: [], push: null, agreement }
  const proof = proofOf(subscription, money)
  if (proof === 'unpaid') return whenUnpaid(situation)
  const seen: Agreement = {
    ...agreement,
    isProvisional: proof === 'unknown' && (trial.clock.status !== 'converted' || !!agreement.isProvisional),
    planId,
  }
  const isNews = trial.clock.status !== 'converted' || (agreement.planId ?? planId) !== planId
  if (!isNews) return { ...stay, agreement: seen }
  return {
    ...stay,
    commands: [{ type: 'convert', plan: planId, at: convertedAt(situation), by }],
    agreement: seen,
  }
}

/** A conversion that rested on its word alone is taken back, and one whose money all went back to the payer. */
function whenUnpaid(situation: Situation): BillingDecision {
  const { trial, subscription, agreement, money, by, now } = situation
  const { status, convertedAt: at } = trial.clock
  const isOver = subscription.status === 'canceled' || subscription.status === 'expired'
  const waitMs = isOver ? firstPaymentMs.over : firstPaymentMs.overdue
  const neverCame =
    !!agreement.isProvisional && proofOf(subscription, money) !== 'paid' && now - (at ?? now) <= waitMs
  const isTakenBack = status === 'converted' && (neverCame || isReturned(money))
  if (!isTakenBack) return whenStopped(situation)
  return {
    commands: [{ type: 'takeBackConversion', by }],
    push: null,
    agreement: { ...agreement, isProvisional: false },
  }
}

/**
 * What follows from a subscription as it was just read. An extension is only ever sent to a subscription in trial:
 * on a paying one the same call would move its billing (Stripe: put it back into trial).
 */
export function decideBilling(situation: Situation): BillingDecision {
  const { trial, subscription, agreement, truth } = situation
  const { status, version } = subscription
  const nothing: BillingDecision = { commands: [], push: null, agreement }
  // A read that is older than one we have acted on, e.g. from a replica that lags.
  if (version !== null && agreement.version !== null && version < agreement.version) return nothing
  if (status === 'pending' || status === 'void') return nothing
  const seen = { ...situation, agreement: { ...agreement, version: version ?? agreement.version } }
  const request = openRequest(trial, agreement, truth)
  if (status === 'trialing' && trial.clock.status !== 'converted') return whileTrialing(seen)
  if (status === 'trialing') return { ...nothing, agreement: seen.agreement }
  if (request !== null)
    seen.agreement = refuse(
      seen.agreement,
      request,
      `The subscription is ${status.replace('_', ' ')}, not in trial: changing its dates would change what is billed.`,
    )
  return status === 'active' ? whenActive(seen) : whenUnpaid(seen)
}
