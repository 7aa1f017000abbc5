import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Command, Reduced } from '../trial/command.ts'
import { withMessage } from '../trial/decisions.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { held, isRefused, ok, slotOf } from './held-message.ts'
import { supersede } from './outbox-plan.ts'

/** Claimed emails that do not leave: because they cannot be written, or because another trial goes first. */

export function block(
  trial: Trial,
  command: Extract<Command, { type: 'block' }>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const message = held(trial, command.claim, ['claimed'])
  if (isRefused(message)) return message
  const blocked = { ...message, blockedWhy: command.why }
  const gone = supersede(trial, blocked, 'blocked', command.why, now)
  return ok({ ...gone, settled: { ...gone.settled, [slotOf(trial, message.key)]: message.dueAt } })
}

export function standAside(
  trial: Trial,
  { claim: mine, why, until }: Extract<Command, { type: 'standAside' }>,
  _playbook: CompiledPlaybook,
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
  const gone = supersede(trial, message, 'skipped', why, now)
  return ok({ ...gone, settled: { ...gone.settled, [slotOf(trial, message.key)]: message.dueAt } })
}

/** An email that could not be written and would still be of use. */
const isBlocked = (message: OutboxMessage, now: number): boolean =>
  message.state === 'superseded' && typeof message.blockedWhy === 'string' && message.notAfter > now

/** The cause of blocked emails may be gone: those that are still of use fall due again. */
export function retryBlocked(
  trial: Trial,
  _command: Extract<Command, { type: 'retryBlocked' }>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const blocked = trial.outbox.filter((message) => isBlocked(message, now))
  if (blocked.length === 0) return ok(trial)
  const slots = new Set(blocked.map(({ key }) => slotOf(trial, key)))
  const settled = Object.fromEntries(Object.entries(trial.settled).filter(([slot]) => !slots.has(slot)))
  const outbox = trial.outbox.map((message) =>
    blocked.includes(message) ? { ...message, blockedWhy: null } : message,
  )
  return ok({ ...trial, settled, outbox })
}
