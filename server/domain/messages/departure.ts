import { dayMs } from '../../../shared/clock.ts'
import { whyThen } from '../activation/explain.ts'
import { asProven } from '../activation/proven.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { bestMoment, localHabit } from '../time/send-time.ts'
import { nextOpen } from '../time/send-window.ts'
import { zoneOf } from '../trial/clock.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { type Candidate, candidateOf, reopenAfterMs } from './due.ts'
import { blockOf, objectionTo } from './guards.ts'
import { seenByRecipient } from './recipients.ts'

/** When one email can leave, and whether it may leave now. */

export const elsewhereWhy = 'it is for someone else of the company now'

/**
 * Whether an email of the outbox may go right now, asked when it is taken up and again before its final dot.
 * @returns null when it may; else why not, and until when it has to wait (null: its condition no longer holds for good).
 */
export function hindrance(
  message: OutboxMessage,
  stored: Trial,
  playbook: CompiledPlaybook,
  now: number,
): { readonly why: string; readonly until: number | null; readonly settles: Candidate | null } | null {
  const rule = playbook.ruleById.get(message.ruleId)
  if (!rule) return { why: 'the playbook no longer has this email', until: null, settles: null }
  const seen = seenByRecipient(stored, message, playbook, now)
  if (!seen) return { why: elsewhereWhy, until: null, settles: null }
  const trial = asProven(seen, playbook, now)
  const candidate = candidateOf(rule, trial, playbook)
  if (!candidate || candidate.key !== message.key)
    return { why: 'its condition no longer holds', until: null, settles: null }
  if (Math.abs(candidate.dueAt - message.dueAt) >= reopenAfterMs)
    return { why: 'its time has moved', until: null, settles: null }
  const objection = objectionTo(candidate, trial, playbook, now)
  // An address may come while the email is still of use.
  if (objection)
    return { why: objection.why, until: null, settles: trial.person.email === null ? null : candidate }
  // An email that has begun to leave goes on, also when the hour turns meanwhile.
  const isFree = message.state !== 'claimed' && message.attempts === 0
  const { at, why } = departure(candidate, trial, playbook, now, isFree)
  if (at === null) return { why, until: null, settles: candidate }
  return at > now ? { why, until: at, settles: null } : null
}

/** From when an email could go, the best moment for this person: within a day of its time, and while it is of use. */
function personalMoment(
  at: number,
  { rule, dueAt, notAfter }: Candidate,
  trial: Trial,
  playbook: CompiledPlaybook,
): number {
  const zone = zoneOf(trial, playbook)
  const { endsAt } = trial.clock
  const beforeEnd = endsAt !== null && at < endsAt ? endsAt - 1 : Number.POSITIVE_INFINITY
  return bestMoment(at, {
    latest: Math.min(notAfter, dueAt + dayMs, beforeEnd),
    window: rule.sendWindow,
    zone,
    habit: localHabit(trial.usage.hours, zone, at),
  })
}

/**
 * When a candidate can leave: its time, moved by pauses, by the distance to the email before and by the window.
 * @param notBefore now, or the next attempt of an email that was deferred
 * @param isFree it may still wait for the person’s own hour
 * @returns `at` null when that would be too late to be of use.
 */
export function departure(
  candidate: Candidate,
  trial: Trial,
  playbook: CompiledPlaybook,
  notBefore: number,
  isFree = true,
): { at: number | null; why: string } {
  const { rule, dueAt, notAfter } = candidate
  const block = blockOf(rule, trial, playbook)
  const earliest = Math.max(dueAt, notBefore, block?.until ?? dueAt)
  const at = earliest === dueAt ? dueAt : nextOpen(earliest, rule.sendWindow, zoneOf(trial, playbook))
  const blocked = block !== null && block.until > Math.max(dueAt, notBefore)
  if (at !== null && at <= notAfter) {
    const personal = isFree && rule.isPersonal ? personalMoment(at, candidate, trial, playbook) : at
    const waits = personal > at ? '; at the hour this person is mostly active' : ''
    return { at: personal, why: `${whyThen(rule)}${blocked ? `; ${block.why}` : ''}${waits}` }
  }
  if (notBefore > notAfter) return { at: null, why: 'it came too late to be useful' }
  return { at: null, why: blocked ? block.why : 'no allowed send time was left in which it would be useful' }
}
