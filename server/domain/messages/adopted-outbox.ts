import type { MessageKey, TrialId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { isUsedUp } from './due.ts'

/**
 * Under which key an email of a former id is known at the id that stays. Two emails of one rule and cycle may have gone, one
 * to each id: then the former one keeps its key.
 */
export function adoptedKey(into: Pick<Trial, 'id' | 'outbox'>, from: TrialId, key: MessageKey): MessageKey {
  if (!key.startsWith(`${from}/`) || into.outbox.some((message) => message.key === key)) return key
  return `${into.id}${key.slice(from.length)}` as MessageKey
}

/** As it is at the id that stays: what had reached its final dot may have arrived; what had not does not go any more. */
function asHistory(message: OutboxMessage): OutboxMessage | null {
  if (message.state === 'dot')
    return { ...message, state: 'unknown', answer: 'the person got another user ID while it was being sent' }
  return isUsedUp(message) && message.state !== 'claimed' ? message : null
}

/** The emails of the former id stay sent: their rules count as used up, so no one gets an email a second time. */
export function adoptedOutbox(trial: Trial, from: Trial): readonly OutboxMessage[] {
  const history = from.outbox.flatMap((message) => asHistory(message) ?? [])
  let outbox = [...trial.outbox]
  for (const message of history) {
    const key = adoptedKey({ id: trial.id, outbox: [] }, from.id, message.key)
    const mine = outbox.find((candidate) => candidate.key === key)
    const isGone = mine !== undefined && isUsedUp(mine) && mine.state !== 'claimed'
    // A waiting one of the same kind is taken back; one that is just being sent loses its hold at the gate.
    if (!isGone) outbox = outbox.filter((candidate) => candidate !== mine)
    outbox.push(isGone ? message : { ...message, key })
  }
  return outbox
}

/**
 * The emails that a member got in a trial of their own. Whatever they were sent as, the company is not sent them again:
 * they count as gone to whomever their rule means, and once more to no one who had them.
 */
export function absorbedOutbox(
  trial: Trial,
  from: Trial,
  userId: string,
  playbook: CompiledPlaybook,
): readonly OutboxMessage[] {
  const known = new Set(trial.outbox.map(({ key }) => key))
  const history = from.outbox.flatMap((message): OutboxMessage[] => {
    const gone = asHistory(message)
    const key = `${trial.id}${message.key.slice(from.id.length)}/${userId}` as MessageKey
    if (!gone || known.has(key)) return []
    const roles = playbook.ruleById.get(message.ruleId)?.recipients ?? []
    return [{ ...gone, key, to: userId, roles }]
  })
  return [...trial.outbox, ...history]
}
