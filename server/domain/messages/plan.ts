import type { DecisionOutcome } from '../../../shared/trial.ts'
import { stallsAt } from '../activation/activation.ts'
import { whyThen } from '../activation/explain.ts'
import { asProven } from '../activation/proven.ts'
import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import { withClaims } from '../trial/claims.ts'
import { statusAt } from '../trial/clock.ts'
import type { NextMessage, OutboxMessage, Trial } from '../trial/model.ts'
import { asRecipient } from '../trial/recipient.ts'
import { mailable } from '../trial/suppression.ts'
import { departure, elsewhereWhy } from './departure.ts'
import {
  type Candidate,
  candidateOf,
  hadPassed,
  isSettled,
  isUsedUp,
  messageOf,
  passedWhy,
  reopenAfterMs,
} from './due.ts'
import { isInFlight, objectionTo } from './guards.ts'
import { type CompanyTrial, isOfCompany, recipientsIn } from './recipients.ts'

/**
 * What falls due for one person, what comes next, and when to look again. Nothing here is stored: all times follow
 * from the current end date, zone, usage and playbook.
 */
export interface MessagePlan {
  /** Emails that go into the outbox now. */
  readonly due: readonly Candidate[]
  /** Matters decided against, now. */
  readonly settled: readonly Settlement[]
  /** Waiting emails of the outbox whose reason is gone; their rule may fall due again. */
  readonly dropped: readonly { readonly message: OutboxMessage; readonly why: string }[]
  /** Waiting emails of the outbox that may not go before a later moment. */
  readonly postponed: readonly { readonly message: OutboxMessage; readonly until: number }[]
  readonly next: NextMessage | null
  /** Every email that will go as things stand, soonest first; {@link next} is the first of them. */
  readonly upcoming: readonly UpcomingMail[]
  /** Earliest moment at which anything about this trial can change by itself; may be too early, never too late. */
  readonly nextAt: number | null
}

export type UpcomingMail = NextMessage & { readonly at: number }

interface Settlement {
  readonly candidate: Candidate
  readonly outcome: Extract<DecisionOutcome, 'skipped' | 'superseded' | 'held_out'>
  readonly why: string
}

/** A rule whose time is still to come. */
interface Future {
  readonly candidate: Candidate
  readonly at: number
  /** false: as things stand it will be skipped then. */
  readonly likely: boolean
  readonly why: string
}

type Contender = {
  readonly candidate: Candidate
  readonly waiting: OutboxMessage | null
  readonly at: number
}

interface Draft {
  readonly settled: Settlement[]
  readonly dropped: { message: OutboxMessage; why: string }[]
  readonly postponed: { message: OutboxMessage; until: number }[]
  readonly futures: Future[]
  readonly contenders: Contender[]
}

const classRank: Record<CompiledRule['class'], number> = { service: 0, trial: 1, onboarding: 2 }

/** The more relevant first: class, then priority, then the later time, then the playbook’s own order. */
const byRelevance = (a: Pick<Contender, 'candidate'>, b: Pick<Contender, 'candidate'>): number =>
  classRank[a.candidate.rule.class] - classRank[b.candidate.rule.class] ||
  b.candidate.rule.priority - a.candidate.rule.priority ||
  b.candidate.dueAt - a.candidate.dueAt ||
  a.candidate.rule.index - b.candidate.rule.index

/** An email that is in the outbox and has not been taken up yet. */
function reviewWaiting(
  message: OutboxMessage,
  candidate: Candidate | null,
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
  draft: Draft,
): void {
  if (!candidate || candidate.key !== message.key) {
    draft.dropped.push({ message, why: 'its condition no longer holds' })
    return
  }
  if (Math.abs(candidate.dueAt - message.dueAt) >= reopenAfterMs) {
    draft.dropped.push({ message, why: 'its time has moved' })
    reviewFresh(candidate, trial, playbook, now, draft)
    return
  }
  const objection = objectionTo(candidate, trial, playbook, now)
  const isFree = message.attempts === 0
  const { at, why } = departure(candidate, trial, playbook, Math.max(now, message.nextAttemptAt), isFree)
  if (objection || at === null) {
    const late = message.held ? `held because ${message.held.why}; then ${why}` : why
    draft.dropped.push({ message, why: objection?.why ?? late })
    draft.settled.push({ candidate, ...(objection ?? { outcome: 'skipped', why: late }) })
    return
  }
  if (at > now && at > message.nextAttemptAt) draft.postponed.push({ message, until: at })
  draft.contenders.push({ candidate, waiting: message, at })
}

function reviewFresh(
  candidate: Candidate,
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
  draft: Draft,
): void {
  const { rule, dueAt } = candidate
  if (hadPassed(candidate, trial.clock)) {
    draft.settled.push({ candidate, outcome: 'skipped', why: passedWhy })
    return
  }
  const { at, why } = departure(candidate, trial, playbook, Math.max(now, dueAt))
  if (at !== null && at > now) {
    draft.futures.push({ candidate, at, why, likely: objectionTo(candidate, trial, playbook, at) === null })
    return
  }
  // It will be too late by then, for a reason that may still go away: decided when its time comes.
  if (at === null && dueAt > now) {
    draft.futures.push({ candidate, at: dueAt, why, likely: false })
    return
  }
  if (at !== null && rule.class !== 'service' && trial.outbox.some((message) => competes(message, playbook)))
    return
  const objection = objectionTo(candidate, trial, playbook, now)
  if (objection) draft.settled.push({ candidate, ...objection })
  else if (at === null) draft.settled.push({ candidate, outcome: 'skipped', why })
  else draft.contenders.push({ candidate, waiting: null, at })
}

/** An email that is being sent right now: whatever else is due waits for how that ends. */
const competes = (message: OutboxMessage, playbook: CompiledPlaybook): boolean =>
  isInFlight(message) && playbook.ruleById.get(message.ruleId)?.class !== 'service'

/** Of a company each looks at their own emails alone. */
const isForOthers = ({ id }: CompiledRule, { recipient }: Trial): boolean =>
  recipient !== undefined && !Object.hasOwn(recipient.roles, id)

function review(trial: Trial, playbook: CompiledPlaybook, now: number): Draft {
  const draft: Draft = { settled: [], dropped: [], postponed: [], futures: [], contenders: [] }
  const waiting = trial.outbox.filter((message) => message.state === 'due')
  for (const message of waiting)
    if (!playbook.ruleById.has(message.ruleId))
      draft.dropped.push({ message, why: 'the playbook no longer has this email' })
  for (const rule of playbook.rules) {
    if (isForOthers(rule, trial)) {
      for (const message of waiting)
        if (message.ruleId === rule.id) draft.dropped.push({ message, why: elsewhereWhy })
      continue
    }
    const candidate = candidateOf(rule, trial, playbook)
    const mine = waiting.filter((message) => message.ruleId === rule.id)
    for (const message of mine) reviewWaiting(message, candidate, trial, playbook, now, draft)
    if (!candidate || mine.some((message) => message.key === candidate.key)) continue
    if (isUsedUp(messageOf(trial, candidate.key)) || isSettled(trial, candidate)) continue
    reviewFresh(candidate, trial, playbook, now, draft)
  }
  return draft
}

/** Of several emails that are due only the most relevant goes; service emails are not part of that. */
function choose(draft: Draft): Contender[] {
  const service = draft.contenders.filter(({ candidate }) => candidate.rule.class === 'service')
  const [winner, ...losers] = draft.contenders
    .filter(({ candidate }) => candidate.rule.class !== 'service')
    .sort(byRelevance)
  for (const { candidate, waiting } of losers) {
    const why = `${(winner as Contender).candidate.rule.kind} was more relevant at that time`
    if (waiting) draft.dropped.push({ message: waiting, why })
    draft.settled.push({ candidate, outcome: 'superseded', why })
  }
  return winner ? [...service, winner] : service
}

const earliest = (instants: readonly (number | null)[]): number | null =>
  instants.reduce<number | null>(
    (least, at) => (at === null ? least : least === null || at < least ? at : least),
    null,
  )

/** What changes by itself beside the emails: the end passes, the pace turns to stalled. */
function ownChanges(trial: Trial, playbook: CompiledPlaybook, now: number): number | null {
  const { endsAt, status } = trial.clock
  return earliest([
    status === 'trialing' ? endsAt : null,
    statusAt(trial.clock, now) === 'converted' ? null : stallsAt(trial.usage, trial.standing, playbook),
  ])
}

function upcomingOf(chosen: readonly Contender[], futures: readonly Future[]): UpcomingMail[] {
  const going = chosen.map(({ candidate, at }) => ({ candidate, at, why: whyThen(candidate.rule) }))
  return [...going, ...futures.filter(({ likely }) => likely)]
    .sort((a, b) => a.at - b.at || byRelevance(a, b))
    .map(({ candidate: { rule, to }, at, why }) => ({
      kind: rule.kind,
      ruleId: rule.id,
      at,
      why,
      ...(to !== undefined && { to }),
    }))
}

/** When to look at a waiting email again. */
function lookAt(at: number, { nextAttemptAt, held, notAfter }: OutboxMessage): number {
  const heldUntil = held ? Math.min(held.until, notAfter + 1) : at
  return Math.max(nextAttemptAt, at, heldUntil)
}

/** What comes first; while it is held, it waits for something that is not time. */
function firstOf(upcoming: readonly UpcomingMail[], chosen: readonly Contender[]): NextMessage | undefined {
  const [first] = upcoming
  const held = chosen.find(({ candidate }) => candidate.rule.id === first?.ruleId)?.waiting?.held
  return first && held ? { ...first, at: null, why: `held: ${held.why}` } : first
}

const silence = (nextAt: number | null, next: NextMessage | null): MessagePlan => ({
  due: [],
  settled: [],
  dropped: [],
  postponed: [],
  next,
  upcoming: [],
  nextAt,
})

/** Which email would be next if this person could be mailed; it waits for that, not for a time. */
function nextWithoutMail(
  trial: Trial,
  playbook: CompiledPlaybook,
  why: string,
  now: number,
): NextMessage | null {
  let first: Candidate | null = null
  for (const rule of playbook.rules) {
    if (isForOthers(rule, trial)) continue
    const candidate = candidateOf(rule, trial, playbook)
    if (!candidate || candidate.notAfter < now || isSettled(trial, candidate)) continue
    if (hadPassed(candidate, trial.clock)) continue
    if (isUsedUp(messageOf(trial, candidate.key))) continue
    if (!first || candidate.dueAt < first.dueAt) first = candidate
  }
  const { to } = first ?? {}
  return (
    first && { kind: first.rule.kind, ruleId: first.rule.id, at: null, why, ...(to !== undefined && { to }) }
  )
}

/**
 * What is merely claimed of a person makes nothing due and keeps nothing back.
 * @param trial with standing and status as of `now`
 */
export function planMessages(trial: Trial, playbook: CompiledPlaybook, now: number): MessagePlan {
  return isOfCompany(trial) && trial.recipient === undefined
    ? planCompany(trial, playbook, now)
    : planPerson(trial, playbook, now)
}

/** As each of those sees it who get an email; what comes next for the company is what comes next for any of them. */
function planCompany(trial: CompanyTrial, playbook: CompiledPlaybook, now: number): MessagePlan {
  if (trial.mergedInto !== null || statusAt(trial.clock, now) === 'converted')
    return planPerson(trial, playbook, now)
  const waiting = trial.outbox.filter(({ state, to }) => state === 'due' && to === undefined)
  const plans = [...recipientsIn(trial, playbook, now)].map(([userId, roles]) =>
    planPerson(asRecipient(trial, userId, roles), playbook, now),
  )
  const upcoming = plans.flatMap((plan) => plan.upcoming).sort((a, b) => a.at - b.at)
  const dropped = waiting.map((message) => ({ message, why: elsewhereWhy }))
  return {
    due: plans.flatMap((plan) => plan.due),
    settled: plans.flatMap((plan) => plan.settled),
    dropped: [...dropped, ...plans.flatMap((plan) => plan.dropped)],
    postponed: plans.flatMap((plan) => plan.postponed),
    next: upcoming[0] ?? plans.find(({ next }) => next !== null)?.next ?? null,
    upcoming,
    nextAt: earliest([
      ownChanges(trial, playbook, now),
      dropped.length > 0 ? now : null,
      ...plans.map((plan) => plan.nextAt),
    ]),
  }
}

function planPerson(trial: Trial, playbook: CompiledPlaybook, now: number): MessagePlan {
  const proven = asProven(trial, playbook, now)
  const plan = planProven(proven, playbook, now)
  if (proven === trial || trial.mergedInto !== null) return plan
  return { ...plan, nextAt: earliest([plan.nextAt, ownChanges(withClaims(trial, playbook), playbook, now)]) }
}

function planProven(trial: Trial, playbook: CompiledPlaybook, now: number): MessagePlan {
  const status = statusAt(trial.clock, now)
  if (trial.mergedInto !== null || status === 'anonymous') return silence(null, null)
  const waiting = trial.outbox.filter((message) => message.state === 'due')
  const busy = trial.outbox.filter(isInFlight).map((message) => message.nextAttemptAt)
  const own = ownChanges(trial, playbook, now)
  const may = mailable(trial.person, trial.contact, now)
  // Without an address nothing is decided: the emails wait for it, each as long as it is of use.
  if (status === 'converted' || (!may.ok && may.reason === 'no_address')) {
    const why = may.ok || status === 'converted' ? 'the person has converted' : may.why
    const next = status === 'converted' ? null : nextWithoutMail(trial, playbook, why, now)
    const plan = silence(earliest([own, ...busy, waiting.length > 0 ? now : null]), next)
    return { ...plan, dropped: waiting.map((message) => ({ message, why })) }
  }
  const draft = review(trial, playbook, now)
  const chosen = choose(draft)
  const upcoming = upcomingOf(chosen, draft.futures)
  return {
    due: chosen.filter(({ waiting }) => waiting === null).map(({ candidate }) => candidate),
    settled: draft.settled,
    dropped: draft.dropped,
    postponed: draft.postponed,
    next: firstOf(upcoming, chosen) ?? (may.ok ? null : nextWithoutMail(trial, playbook, may.why, now)),
    upcoming,
    nextAt: earliest([
      own,
      ...busy,
      ...draft.futures.map((future) => future.at),
      ...chosen.map(({ waiting, at }) => (waiting ? lookAt(at, waiting) : now)),
      draft.settled.length + draft.dropped.length + draft.postponed.length > 0 ? now : null,
    ]),
  }
}

/** What this person will get as things stand, soonest first; each rule by itself, later emails may still yield. */
export const upcomingMails = (
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): readonly UpcomingMail[] => planMessages(trial, playbook, now).upcoming
