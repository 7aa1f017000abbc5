import { minuteMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { type Command, type Reduced, refused } from '../trial/command.ts'
import { withMessage } from '../trial/decisions.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { candidateOf } from './due.ts'
import { held, isRefused, ok, slotsOf } from './held-message.ts'
import { supersede } from './outbox-plan.ts'
import { seenBy } from './recipients.ts'

/** Emails that do not leave: they cannot be written, another trial goes first, or the workspace sends nothing. */

/** Of a person under its key alone, so that it is found again whatever the playbook says by then. */
function settled(trial: Trial, message: OutboxMessage, playbook: CompiledPlaybook): Trial {
  const { to, dueAt } = message
  const at = to === undefined ? dueAt : ruleCandidate(trial, message, playbook)?.settleAt
  if (at === undefined) return trial
  const slots = slotsOf(trial, message).map((slot) => [slot, at])
  return { ...trial, settled: { ...trial.settled, ...Object.fromEntries(slots) } }
}

function ruleCandidate(trial: Trial, message: OutboxMessage, playbook: CompiledPlaybook) {
  const rule = playbook.ruleById.get(message.ruleId)
  return rule ? candidateOf(rule, seenBy(trial, message), playbook) : null
}

export function block(
  trial: Trial,
  command: Extract<Command, { type: 'block' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, command.claim, ['claimed'])
  if (isRefused(message)) return message
  const blocked = { ...message, blockedWhy: command.why, blockedAt: now }
  return ok(settled(supersede(trial, blocked, 'blocked', command.why, now), message, playbook))
}

export function standAside(
  trial: Trial,
  { claim: mine, why, until }: Extract<Command, { type: 'standAside' }>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, mine, ['claimed'])
  if (isRefused(message)) return message
  if (until !== null && until < message.notAfter) {
    const attempts = message.attempts - 1
    return ok(
      withMessage(trial, {
        ...message,
        state: 'due',
        fence: null,
        attempts,
        nextAttemptAt: until,
        answer: why,
      }),
    )
  }
  return ok(settled(supersede(trial, message, 'skipped', why, now), message, playbook))
}

/** What was held while the workspace sent nothing is looked at now; why it waited stays, in case it came too late. */
export function unhold(
  trial: Trial,
  _: Extract<Command, { type: 'unhold' }>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const outbox = trial.outbox.map((message) =>
    message.held && message.held.until > now
      ? { ...message, held: { ...message.held, until: now } }
      : message,
  )
  return ok(outbox.some((message, index) => message !== trial.outbox[index]) ? { ...trial, outbox } : trial)
}

/** An email that could not be written and would still be of use. */
export const isBlocked = (message: OutboxMessage, now: number): boolean =>
  typeof message.blockedWhy === 'string' && message.state === 'superseded' && message.notAfter > now

/** Those that are still of use fall due again; a cause that is still there blocks them again. */
function release(trial: Trial, blocked: readonly OutboxMessage[]): Trial {
  const slots = new Set(blocked.flatMap((message) => slotsOf(trial, message)))
  const settled = Object.fromEntries(Object.entries(trial.settled).filter(([slot]) => !slots.has(slot)))
  const outbox = trial.outbox.map((message) =>
    blocked.includes(message) ? { ...message, blockedWhy: null } : message,
  )
  return { ...trial, settled, outbox }
}

/** The cause of blocked emails may be gone. */
export function retryBlocked(
  trial: Trial,
  { key }: Extract<Command, { type: 'retryBlocked' }>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const blocked = trial.outbox.filter(
    (message) => isBlocked(message, now) && (key === undefined || message.key === key),
  )
  if (blocked.length > 0) return ok(release(trial, blocked))
  return key === undefined
    ? ok(trial)
    : refused(trial, 'not_found', 'There is no such blocked email, or it would be of no more use.')
}

/** Someone who is active moves many facts: their blocked emails are written again at most this often. */
const restMs = 10 * minuteMs

/** What blocked an email is often a number that was missing or 0: facts that move may have brought it. */
export function withMovedFacts(trial: Trial, now: number): Trial {
  const rested = trial.outbox.filter(
    (message) => isBlocked(message, now) && now - (message.blockedAt ?? 0) >= restMs,
  )
  return rested.length === 0 ? trial : release(trial, rested)
}
