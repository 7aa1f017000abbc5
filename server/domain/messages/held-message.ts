import { type Claim, type Reduced, refused } from '../trial/command.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { settleSlots } from './due.ts'

/** A message that a worker has claimed, and answers to what it reports about it. */

export const ok = (trial: Trial, message?: OutboxMessage): Reduced => ({
  trial,
  outcome: message ? { ok: true, message } : { ok: true },
})

/** The message a worker holds, in one of the asked states; else why it does not. */
export function held(
  trial: Trial,
  { key, fence }: Claim,
  states: readonly OutboxMessage['state'][],
): OutboxMessage | Reduced {
  const message = trial.outbox.find((candidate) => candidate.key === key)
  if (!message) return refused(trial, 'not_found', 'There is no such message.')
  if (message.fence !== fence || !states.includes(message.state))
    return refused(trial, 'stale_fence', `The message is ${message.state} and not held under this lease.`)
  return message
}

/** Where in `settled` it is noted that this email was decided against, see `Candidate.settles`. */
export function slotsOf(trial: Trial, { key, to, roles = [] }: OutboxMessage): readonly string[] {
  const slot = key.slice(trial.id.length + 1)
  return settleSlots(to === undefined ? slot : slot.slice(0, -to.length - 1), to, roles)
}

export const isRefused = (found: OutboxMessage | Reduced): found is Reduced => 'outcome' in found
