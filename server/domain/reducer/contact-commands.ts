import { durationMs } from '../../../shared/clock.ts'
import { candidateOf } from '../messages/due.ts'
import { withSign } from '../messages/outbox.ts'
import { settle, supersede } from '../messages/outbox-plan.ts'
import { type CompanyTrial, isOfCompany, recipientsIn } from '../messages/recipients.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { withSoftBounce } from '../trial/bounce.ts'
import { done, type Of, type Reduced, refused } from '../trial/command.ts'
import { withDecision, withMessage } from '../trial/decisions.ts'
import type { Contact, NudgeState, OutboxMessage, Trial } from '../trial/model.ts'
import { asRecipient } from '../trial/recipient.ts'
import { withSuppression } from '../trial/suppression.ts'

const withContact = (trial: Trial, change: Partial<Contact>): Trial => {
  const isSame = (Object.keys(change) as (keyof Contact)[]).every((key) => trial.contact[key] === change[key])
  return isSame ? trial : { ...trial, contact: { ...trial.contact, ...change } }
}

const later = (a: number | null, b: number): number => (a === null ? b : Math.max(a, b))

const messageWith = (trial: Trial, key: OutboxMessage['key'] | null): OutboxMessage | undefined =>
  key === null ? undefined : trial.outbox.find((message) => message.key === key)

/** What has happened to an email for the first time; it proves that the email has left. */
const signedOnce = (
  trial: Trial,
  message: OutboxMessage | undefined,
  field: 'repliedAt' | 'bouncedAt',
  { at, now }: { at: number; now: number },
): Trial => (message && message[field] === null ? withSign(trial, message, { [field]: at }, now) : trial)

export const suppress = (
  trial: Trial,
  { reason }: Of<'suppress'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced => done(withContact(trial, withSuppression(trial.contact, { reason, at: now }, now)))

export const unsuppress = (trial: Trial): Reduced =>
  done(trial.contact.suppressed ? withContact(trial, { suppressed: null, softBounces: [] }) : trial)

/** A reply pauses automation; it also proves that the email arrived. */
export function replied(
  trial: Trial,
  { key, at }: Of<'replied'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const signed = signedOnce(trial, messageWith(trial, key), 'repliedAt', { at, now })
  return done(withContact(signed, { repliedAt: later(signed.contact.repliedAt, at) }))
}

export const repMailed = (trial: Trial, { at }: Of<'repMailed'>): Reduced =>
  done(withContact(trial, { repMailedAt: later(trial.contact.repMailedAt, at) }))

export const pause = (trial: Trial, { until }: Of<'pause'>): Reduced =>
  done(withContact(trial, until === null ? { pausedUntil: null, silencedAt: null } : { pausedUntil: until }))

export const silence = (trial: Trial, _: Of<'silence'>, _playbook: CompiledPlaybook, now: number): Reduced =>
  trial.contact.silencedAt ? done(trial) : done(withContact(trial, { silencedAt: now }))

/** What a bounce says holds for the address it came from; the person may have another one by now. */
const isAbout = (trial: Trial, address: string | undefined): boolean =>
  address === undefined || address === trial.person.email

export function softBounce(
  trial: Trial,
  { key, at, address }: Of<'softBounce'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = messageWith(trial, key)
  if (message?.bouncedAt != null) return done(trial)
  const signed = signedOnce(trial, message, 'bouncedAt', { at, now })
  return done(isAbout(trial, address) ? { ...signed, contact: withSoftBounce(signed.contact, at) } : signed)
}

export function hardBounce(
  trial: Trial,
  { key, at, address }: Of<'hardBounce'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const signed = signedOnce(trial, messageWith(trial, key), 'bouncedAt', { at, now })
  if (!isAbout(trial, address)) return done(signed)
  return done(withContact(signed, withSuppression(signed.contact, { reason: 'hard_bounce', at }, now)))
}

export function evidence(
  trial: Trial,
  { key, what, at }: Of<'evidence'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = messageWith(trial, key)
  if (!message) return refused(trial, 'not_found', 'There is no such message.')
  const field = what === 'open' ? 'openedAt' : 'clickedAt'
  if (message[field] !== null && message[field] <= at && message.state !== 'unknown') return done(trial)
  const first = message[field] === null ? at : Math.min(message[field], at)
  return done(withSign(trial, message, { [field]: first }, now))
}

/** An `unknown` email stays resolved: anyone who fetched it, it had arrived. */
export function retractEvidence(trial: Trial, { key, what, at }: Of<'retractEvidence'>): Reduced {
  const message = messageWith(trial, key)
  if (!message) return refused(trial, 'not_found', 'There is no such message.')
  const field = what === 'open' ? 'openedAt' : 'clickedAt'
  return done(message[field] === at ? trial : withMessage(trial, { ...message, [field]: at }))
}

/** A rep’s wish that the coming email of a rule should not go; the rule’s later times are not touched. */
export function skipNext(
  trial: Trial,
  { ruleId, by }: Of<'skipNext'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (isOfCompany(trial)) return skipNextOfCompany(trial, { ruleId, by }, playbook, now)
  const rule = playbook.ruleById.get(ruleId)
  const candidate = rule && candidateOf(rule, trial, playbook)
  if (!rule || !candidate) return refused(trial, 'not_found', 'There is no such email planned.')
  const message = messageWith(trial, candidate.key)
  if (message && message.state !== 'due' && message.state !== 'superseded')
    return refused(trial, 'conflict', `That email is already ${message.state}.`)
  const why = `skipped by ${by.name}`
  const settled = { ...trial.settled, [candidate.slot]: candidate.dueAt }
  const cleared = { ...trial, settled }
  return done(
    message?.state === 'due'
      ? supersede(cleared, message, 'skipped', why, now)
      : withDecision(cleared, { ruleId, kind: rule.kind }, 'skipped', why, now),
  )
}

/** For all of them who were to get it. */
function skipNextOfCompany(
  trial: CompanyTrial,
  { ruleId, by }: Pick<Of<'skipNext'>, 'ruleId' | 'by'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const rule = playbook.ruleById.get(ruleId)
  const why = `skipped by ${by.name}`
  let result: Trial = trial
  for (const [userId, roles] of recipientsIn(trial, playbook, now)) {
    const isTheirs = rule !== undefined && Object.hasOwn(roles, ruleId)
    const candidate = isTheirs ? candidateOf(rule, asRecipient(trial, userId, roles), playbook) : null
    if (!rule || !candidate) continue
    const message = messageWith(result, candidate.key)
    if (message && message.state !== 'due' && message.state !== 'superseded') continue
    const cleared = settle(result, candidate)
    result =
      message?.state === 'due'
        ? supersede(cleared, message, 'skipped', why, now)
        : withDecision(cleared, { ruleId, kind: rule.kind, to: userId }, 'skipped', why, now)
  }
  return result === trial ? refused(trial, 'not_found', 'There is no such email planned.') : done(result)
}

const untouched: NudgeState = {
  shownAt: [],
  dismissals: 0,
  snoozedUntil: null,
  clickedAt: null,
  heldOut: false,
}
/** Enough for the weekly cap; older ones are of no use. */
const showsKept = 50

export function nudge(
  trial: Trial,
  { nudgeId, what, at, claimed }: Of<'nudge'>,
  playbook: CompiledPlaybook,
): Reduced {
  const states = (claimed ? trial.claimedNudges : trial.nudges) ?? {}
  const rule = playbook.nudges.find((candidate) => candidate.id === nudgeId)
  if (!rule) return refused(trial, 'not_found', 'The playbook has no such nudge.')
  const state = Object.hasOwn(states, nudgeId) ? (states[nudgeId] as NudgeState) : untouched
  if (what === 'shown' && state.shownAt.includes(at)) return done(trial)
  const snoozedUntil = later(state.snoozedUntil, at + durationMs(rule.snooze))
  const changed: NudgeState = {
    shown: { ...state, shownAt: [...state.shownAt, at].sort((a, b) => a - b).slice(-showsKept) },
    dismissed: { ...state, dismissals: state.dismissals + 1, snoozedUntil },
    snoozed: { ...state, snoozedUntil },
    clicked: { ...state, clickedAt: later(state.clickedAt, at) },
    held_out: { ...state, heldOut: true },
  }[what]
  return done({ ...trial, [claimed ? 'claimedNudges' : 'nudges']: { ...states, [nudgeId]: changed } })
}
