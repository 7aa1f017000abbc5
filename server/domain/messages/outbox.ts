import { hourMs, minuteMs } from '../../../shared/clock.ts'
import { mayPitch } from '../activation/activation.ts'
import { asProven } from '../activation/proven.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { nextOpen } from '../time/send-window.ts'
import { type BounceClass, withSoftBounce } from '../trial/bounce.ts'
import { statusAt, withQuoted, zoneOf } from '../trial/clock.ts'
import { type Command, type Reduced, refused } from '../trial/command.ts'
import { withDecision, withMessage } from '../trial/decisions.ts'
import { blankContact, memberOf, withMember } from '../trial/members.ts'
import type { Contact, OutboxMessage, Trial } from '../trial/model.ts'
import { withSuppression } from '../trial/suppression.ts'
import { hindrance } from './departure.ts'
import { held, isRefused, ok } from './held-message.ts'
import { settle, supersede } from './outbox-plan.ts'
import { seenBy, seenByRecipient } from './recipients.ts'

/** Waits after each refusal for now; the last one repeats until the email is of no more use. */
const retryDelaysMs = [
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  8 * hourMs,
] as const
const jitterShare = 0.2

/** Emails that wait for the same moment do not all leave in it. */
const spreadMs = 10_000

/** @param jitter uniform in [0, 1): ± 20 %, so that what failed together does not come back together */
export function retryDelayMs(attempts: number, jitter: number): number {
  const base = retryDelaysMs[Math.min(Math.max(attempts, 1), retryDelaysMs.length) - 1] as number
  return Math.round(base * (1 + jitterShare * (2 * jitter - 1)))
}

/** All that a rendered email rests on: when it differs before the final dot the text may be wrong and must not go. */
function factsOf(trial: Trial, playbook: CompiledPlaybook, now: number): string {
  const { standing } = asProven(trial, playbook, now)
  return JSON.stringify([
    statusAt(trial.clock, now),
    trial.clock.endsAt,
    trial.clock.cycle,
    mayPitch(standing) ? standing.activatedAt !== null : standing.segment,
    trial.person.email,
    zoneOf(trial, playbook),
    trial.survey?.answer ?? null,
  ])
}

/** May have arrived: never sent again by itself, and counted as if it had been. */
function markUnknown(
  trial: Trial,
  message: OutboxMessage,
  answer: string,
  playbook: CompiledPlaybook,
  now: number,
): Trial {
  const changed = withMessage(trial, { ...message, state: 'unknown', answer })
  return withDecision(
    asGone(changed, message, message.dotAt ?? now, playbook),
    message,
    'unknown',
    answer,
    now,
  )
}

/** What follows from an email having gone out: the distance to the next one, and the end it has told. */
function asGone(trial: Trial, message: OutboxMessage, at: number, playbook: CompiledPlaybook): Trial {
  const isTrialMail = playbook.ruleById.get(message.ruleId)?.class === 'trial'
  const noted = isTrialMail
    ? withContactOf(trial, message, (contact) => ({
        ...contact,
        lastTrialMailAt: Math.max(contact.lastTrialMailAt ?? at, at),
      }))
    : trial
  return {
    ...noted,
    clock: message.endsAtQuoted === null ? trial.clock : withQuoted(trial.clock, message.endsAtQuoted),
  }
}

/** What is between us and the one whom an email went to: the trial’s own, or that of a member of a company. */
function withContactOf(trial: Trial, { to }: OutboxMessage, change: (contact: Contact) => Contact): Trial {
  if (!trial.company) return { ...trial, contact: change(trial.contact) }
  const member = to === undefined ? null : memberOf(trial.company, to)
  if (!member || to === undefined) return trial
  const changed = { ...member, contact: change(member.contact ?? blankContact) }
  return { ...trial, company: withMember(trial.company, to, changed) }
}

/** The email cannot go now: it waits, or it is taken back and says why. */
function holdBack(
  trial: Trial,
  message: OutboxMessage,
  reason: NonNullable<ReturnType<typeof hindrance>>,
  now: number,
): Trial {
  if (reason.until !== null)
    return withMessage(trial, { ...message, state: 'due', fence: null, nextAttemptAt: reason.until })
  const gone = supersede(trial, message, reason.settles ? 'skipped' : 'superseded', reason.why, now)
  return reason.settles ? settle(gone, reason.settles) : gone
}

export function claim(
  trial: Trial,
  { fence, paused, hold }: Extract<Command, { type: 'claim' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const busy = trial.outbox.filter((message) => message.state === 'claimed' || message.state === 'dot')
  if (busy.some((message) => (message.fence ?? 0) > fence))
    return refused(trial, 'stale_fence', 'Another worker has taken over this trial.')
  let result = trial
  for (const message of busy)
    if (message.state === 'dot' && (message.fence ?? 0) < fence)
      result = markUnknown(result, message, 'the sender was lost after the final dot', playbook, now)
  const ready = result.outbox
    .filter(
      (message) =>
        (message.state === 'due' && message.nextAttemptAt <= now) ||
        (message.state === 'claimed' && (message.fence ?? 0) < fence),
    )
    .sort((a, b) => a.dueAt - b.dueAt)
  for (const message of ready) {
    const reason = hindrance(message, result, playbook, now)
    if (reason) {
      result = holdBack(result, message, reason, now)
      continue
    }
    const rule = playbook.ruleById.get(message.ruleId)
    const seen = seenByRecipient(result, message, playbook, now) ?? result
    if (paused && rule?.class !== 'service') {
      result = holdBack(result, message, { ...paused, settles: null }, now)
      continue
    }
    const { held: _, ...free } = message
    if (hold) {
      result = withMessage(result, { ...free, state: 'due', fence: null, held: hold })
      continue
    }
    const claimed: OutboxMessage = {
      ...free,
      state: 'claimed',
      fence,
      // A worker that was lost has heard no refusal: taking over from it goes on with the same attempt.
      attempts: message.state === 'due' ? message.attempts + 1 : message.attempts,
      ...(seen.recipient && { roles: seen.recipient.roles[message.ruleId] ?? [] }),
      facts: factsOf(seen, playbook, now),
      endsAtQuoted: rule?.quotesEnd ? result.clock.endsAt : null,
    }
    return ok(withMessage(result, claimed), claimed)
  }
  return result === trial ? refused(trial, 'nothing_due', 'No email is due.') : ok(result)
}

export function prepared(trial: Trial, command: Extract<Command, { type: 'prepared' }>): Reduced {
  const message = held(trial, command.claim, ['claimed'])
  if (isRefused(message)) return message
  const { token, messageId, subject, variant, bodyHash } = command
  const changed = { ...message, token, messageId, subject, variant, bodyHash }
  return ok(withMessage(trial, changed), changed)
}

/**
 * The last check before the final dot. A refusal comes with a changed trial, in which the email has been taken back
 * and the decision logged: save that one.
 */
export function gate(
  trial: Trial,
  command: Extract<Command, { type: 'gate' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, command.claim, ['claimed'])
  if (isRefused(message)) return message
  const reason = hindrance(message, trial, playbook, now)
  if (reason) return refused(holdBack(trial, message, reason, now), 'changed', reason.why)
  if (message.facts !== factsOf(seenBy(trial, message), playbook, now)) {
    const why = 'facts in the email changed while it was being sent'
    return refused(supersede(trial, message, 'superseded', why, now), 'changed', why)
  }
  const dotted: OutboxMessage = { ...message, state: 'dot', dotAt: now }
  return ok(withMessage(trial, dotted), dotted)
}

export function sent(
  trial: Trial,
  { claim, answer }: Extract<Command, { type: 'sent' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, claim, ['dot', 'unknown'])
  if (isRefused(message)) return message
  const changed: OutboxMessage = { ...message, state: 'sent', sentAt: now, answer }
  const gone = asGone(withMessage(trial, changed), message, message.dotAt ?? now, playbook)
  return ok(withDecision(gone, message, 'sent', sentWhy(message, playbook), now), changed)
}

const sentWhy = (message: OutboxMessage, playbook: CompiledPlaybook): string => {
  const rule = playbook.ruleById.get(message.ruleId)
  return rule && message.attempts > 1 ? `went out at attempt ${message.attempts}` : 'went out'
}

/** Provably not accepted: tried again inside the send window, as long as it is of use. */
export function deferred(
  trial: Trial,
  { claim, answer, jitter, notBefore }: Extract<Command, { type: 'deferred' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, claim, ['claimed', 'dot', 'unknown'])
  if (isRefused(message)) return message
  const window = playbook.ruleById.get(message.ruleId)?.sendWindow ?? null
  const retryAt =
    notBefore === undefined ? now + retryDelayMs(message.attempts, jitter) : notBefore + jitter * spreadMs
  const again = nextOpen(retryAt, window, zoneOf(seenBy(trial, message), playbook))
  if (again === null || again > message.notAfter) {
    const why = `given up after ${message.attempts} attempts: ${answer}`
    const changed: OutboxMessage = { ...message, state: 'failed', fence: null, dotAt: null, answer: why }
    return ok(withDecision(withMessage(trial, changed), message, 'failed', why, now), changed)
  }
  const changed: OutboxMessage = {
    ...message,
    state: 'due',
    fence: null,
    dotAt: null,
    nextAttemptAt: again,
    answer,
  }
  return ok(withDecision(withMessage(trial, changed), message, 'deferred', answer, now), changed)
}

export function failed(
  trial: Trial,
  command: Extract<Command, { type: 'failed' }>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, command.claim, ['claimed', 'dot', 'unknown'])
  if (isRefused(message)) return message
  const changed: OutboxMessage = { ...message, state: 'failed', dotAt: null, answer: command.answer }
  const result = withContactOf(withMessage(trial, changed), message, (contact) =>
    afterRefusal(contact, command.class, now),
  )
  return ok(withDecision(result, message, 'failed', command.answer, now), changed)
}

/** A refusal at once says of the address what a bounce that comes later would say. */
function afterRefusal(contact: Contact, refused: BounceClass, now: number): Contact {
  if (refused === 'hard') return withSuppression(contact, { reason: 'hard_bounce', at: now }, now)
  return refused === 'soft' ? withSoftBounce(contact, now) : contact
}

export function unknown(
  trial: Trial,
  { claim, answer }: Extract<Command, { type: 'unknown' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, claim, ['dot'])
  if (isRefused(message)) return message
  return ok(markUnknown(trial, message, answer, playbook, now), message)
}

/** Signs of life of one mail: an open or a click proves that an `unknown` one has arrived. */
export function withSign(
  trial: Trial,
  message: OutboxMessage,
  sign: Partial<Pick<OutboxMessage, 'openedAt' | 'clickedAt' | 'repliedAt' | 'bouncedAt'>>,
  now: number,
): Trial {
  const arrived = message.state === 'unknown' && sign.bouncedAt === undefined
  const state = arrived ? ('sent' as const) : message.state
  const sentAt = arrived ? (message.dotAt ?? now) : message.sentAt
  const changed = withMessage(trial, { ...message, ...sign, state, sentAt })
  return arrived
    ? withDecision(changed, message, 'sent', 'it has arrived: the person reacted to it', now)
    : changed
}
