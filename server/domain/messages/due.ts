import { dayMs, hourMs } from '../../../shared/clock.ts'
import type { MessageKey, RecipientRole } from '../../../shared/trial.ts'
import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import { fitIntoWindow, lastOpen, nextOpen } from '../time/send-window.ts'
import { zoneOf } from '../trial/clock.ts'
import type { OutboxMessage, Trial, TrialClock } from '../trial/model.ts'

/** A matter once decided opens again only when its time moves later by more than billing systems jitter. */
export const reopenAfterMs = hourMs

/** One rule for one trial as the clock stands now: derived again each time, never stored as truth. */
export interface Candidate {
  readonly rule: CompiledRule
  readonly key: MessageKey
  /** `<ruleId>/<cycle>`, of a company with the member: the key within the trial. */
  readonly slot: string
  readonly cycle: number
  /** What its time is counted from. */
  readonly anchorAt: number
  /** Its time, after the send window was applied. */
  readonly dueAt: number
  /** Later than that it is of no use. */
  readonly notAfter: number
  /** Of a company: the member it is for, and as what. */
  readonly to?: string
  readonly roles?: readonly RecipientRole[]
  /** Under which names in `settled` it is noted that it was decided against, and with which time. */
  readonly settles: readonly string[]
  readonly settleAt: number
}

/**
 * For a person the email of a rule and cycle is one matter. For a company it is one for each role, whoever has the role
 * at the time, so that a new champion is not sent what the one before did not get.
 */
export const settleSlots = (
  base: string,
  to: string | undefined,
  roles: readonly RecipientRole[],
): readonly string[] => {
  if (to === undefined) return [base]
  const named = roles.filter((role) => role !== 'everyone').map((role) => `${base}/@${role}`)
  return roles.includes('everyone') || named.length === 0 ? [...named, `${base}/${to}`] : named
}

/**
 * The moment a person who had left comes back to value: the latest milestone event more than a day after the end
 * (a day, because the last session may run over it).
 */
function comebackAt(trial: Trial, playbook: CompiledPlaybook): number | null {
  const { endsAt } = trial.clock
  if (endsAt === null || trial.standing.activatedAt === null) return null
  if (trial.standing.activatedAt >= endsAt) return trial.standing.activatedAt
  let latest: number | null = null
  for (const name of playbook.activation.of) {
    const event = playbook.milestoneByName.get(name)?.event
    const lastAt = event === undefined ? undefined : trial.usage.counters[event]?.lastAt
    if (lastAt !== undefined && lastAt >= endsAt + dayMs && (latest === null || lastAt > latest))
      latest = lastAt
  }
  return latest
}

function anchorOf(rule: CompiledRule, trial: Trial): number | null {
  const { anchorOf: from } = rule
  switch (from.type) {
    case 'trialStart':
      return trial.clock.startsAt
    case 'trialEnd':
      return trial.clock.endsAt
    case 'activated':
      return trial.standing.activatedAt
    case 'lastSeen':
      return trial.usage.lastSeenAt
    case 'surveyAnswered':
      return trial.survey?.at ?? null
    case 'extended':
      return trial.clock.extensions.findLast((extension) => extension.undoneAt === null)?.at ?? null
    case 'milestone':
      return trial.standing.reachedAt[from.name] ?? null
    case 'event':
      return Object.hasOwn(trial.usage.counters, from.name)
        ? (trial.usage.counters[from.name]?.lastAt ?? null)
        : null
  }
}

/**
 * Reminders of a short trial move closer together: the first one never goes in the first half of the trial, and the
 * others keep their proportion to it. A trial at least twice as long as the longest notice is not affected.
 */
function offsetOf(rule: CompiledRule, { clock }: Trial, playbook: CompiledPlaybook): number {
  if (!rule.beforeEnd || clock.endsAt === null) return rule.offsetMs
  const half = Math.max(0, clock.endsAt - clock.startsAt) / 2
  const { longestNoticeMs } = playbook
  return half >= longestNoticeMs ? rule.offsetMs : Math.round((rule.offsetMs * half) / longestNoticeMs)
}

/** The window may move an email later, but not past the end of the trial: then it is pulled earlier. */
function timeInWindow(
  rule: CompiledRule,
  trial: Trial,
  anchor: number,
  playbook: CompiledPlaybook,
): number | null {
  const zone = zoneOf(trial, playbook)
  const target = anchor + offsetOf(rule, trial, playbook)
  const { endsAt } = trial.clock
  if (rule.beforeEnd) return fitIntoWindow(target, rule.sendWindow, zone, { notAfter: endsAt })
  const next = nextOpen(target, rule.sendWindow, zone)
  if (rule.class === 'service' || endsAt === null || target >= endsAt || (next !== null && next < endsAt))
    return next
  const pulled = lastOpen(endsAt, rule.sendWindow, zone)
  // Nothing can be pulled before what it answers to.
  return pulled !== null && pulled >= anchor && pulled < endsAt ? pulled : next
}

/** What a rule counts from as things stand, and `<ruleId>/<cycle>`; null while there is nothing to count from. */
export function occasionOf(
  rule: CompiledRule,
  trial: Trial,
  playbook: CompiledPlaybook,
): { readonly anchor: number; readonly base: string } | null {
  if (rule.kind === 'upgrade_now' && rule.anchorOf.type === 'activated') {
    const cameBackAt = comebackAt(trial, playbook)
    if (cameBackAt !== null) return { anchor: cameBackAt, base: `${rule.id}/${trial.clock.cycle}-comeback` }
  }
  const anchor = anchorOf(rule, trial)
  const label = rule.repeat === 'perCycle' ? trial.clock.cycle : 0
  return anchor === null ? null : { anchor, base: `${rule.id}/${label}` }
}

export function candidateOf(rule: CompiledRule, trial: Trial, playbook: CompiledPlaybook): Candidate | null {
  const occasion = occasionOf(rule, trial, playbook)
  if (occasion === null) return null
  const { anchor, base } = occasion
  const dueAt = timeInWindow(rule, trial, anchor, playbook)
  if (dueAt === null) return null
  const { endsAt } = trial.clock
  const latest = dueAt + rule.maxLatenessMs
  const { recipient } = trial
  const roles = recipient?.roles[rule.id] ?? []
  const slot = recipient ? `${base}/${recipient.userId}` : base
  return {
    rule,
    slot,
    key: `${trial.id}/${slot}` as MessageKey,
    cycle: rule.repeat === 'perCycle' ? trial.clock.cycle : 0,
    anchorAt: anchor,
    dueAt,
    // An email that speaks of the end as something to come must be out before it.
    notAfter: rule.beforeEnd && endsAt !== null ? Math.min(latest, endsAt - 1) : latest,
    ...(recipient && { to: recipient.userId, roles }),
    settles: settleSlots(base, recipient?.userId, roles),
    // The hour at which it would leave is another for each of them.
    settleAt: recipient ? anchor : dueAt,
  }
}

export const messageOf = (trial: Trial, key: MessageKey): OutboxMessage | undefined =>
  trial.outbox.find((message) => message.key === key)

/** Whether the email has gone, may have gone, is going, or was refused for good: its key is used up. */
export const isUsedUp = (message: OutboxMessage | undefined): boolean =>
  message !== undefined && message.state !== 'due' && message.state !== 'superseded'

/** Whether this matter was decided against and nothing has happened since that opens it again. */
export const isSettled = ({ settled }: Trial, { settles, settleAt }: Candidate): boolean =>
  settles.every((slot) => isSettledFor(settled[slot], settleAt))

export const isSettledFor = (settledFor: number | undefined, at: number): boolean =>
  settledFor !== undefined && at < settledFor + reopenAfterMs

export const passedWhy = 'its time had passed when this person became known'

/**
 * Someone who becomes known in the middle of a trial or after it (an import, a first sync of all users, old events)
 * gets what is still to come, and nothing whose moment has passed. Of a trial that was over by then nothing is still to
 * come, unless they begin something new: no survey asks a whole customer base why it left.
 */
export function hadPassed(
  { dueAt, anchorAt }: Pick<Candidate, 'dueAt' | 'anchorAt'>,
  { historyUntil, endsAt }: TrialClock,
): boolean {
  if (historyUntil === undefined) return false
  const wasOver = endsAt !== null && endsAt <= historyUntil
  return dueAt < historyUntil - hourMs || (wasOver && anchorAt <= historyUntil)
}
