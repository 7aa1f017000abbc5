import { isoInstant } from '../../../shared/clock.ts'
import { conditionHolds } from '../../../shared/condition.ts'
import { hashShare } from '../../../shared/nudge-rule.ts'
import type { TrialStatus } from '../../../shared/trial.ts'
import { mayPitch, standingAt } from '../activation/activation.ts'
import { explainFailure } from '../activation/explain.ts'
import { factsOfTrial } from '../activation/facts.ts'
import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import { statusAt } from '../trial/clock.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { mailable } from '../trial/suppression.ts'
import type { Candidate } from './due.ts'

/** Why an email does not go at all, now that its time has come. */
export interface Objection {
  readonly outcome: 'skipped' | 'held_out'
  readonly why: string
}

/** Why an email has to wait, and until when. */
export interface Block {
  readonly until: number
  readonly why: string
}

export const hasGone = (message: OutboxMessage) =>
  message.state === 'sent' || message.state === 'unknown' || message.state === 'dot'

export const isInFlight = (message: OutboxMessage) => message.state === 'claimed' || message.state === 'dot'

/** Whether this person belongs to the untreated control group: always the same answer for the same person. */
function isHeldOut(trial: Trial, playbook: CompiledPlaybook): boolean {
  const { share, salt } = playbook.playbook.holdout
  return share > 0 && hashShare(`${salt}:${trial.id}`) < share
}

function factObjection(
  rule: CompiledRule,
  trial: Trial,
  status: TrialStatus,
  playbook: CompiledPlaybook,
  at: number,
): string | null {
  const { segment, reachedAt } = trial.standing
  const { endsAt } = trial.clock
  if (status === 'converted') return 'the person has converted'
  if ((rule.beforeEnd || rule.class === 'onboarding') && status !== 'trialing') return 'the trial has ended'
  if (rule.isPitch && !mayPitch(trial.standing))
    return segment === 'activated'
      ? 'activated, but a fit rule forbids pitches'
      : `no pitch to ${segment} trialists`
  if (rule.kind === 'upgrade_now' && endsAt !== null && at > endsAt + playbook.comebackWithinMs)
    return 'the trial ended too long ago'
  if (rule.milestone !== undefined && reachedAt[rule.milestone] !== undefined)
    return `"${rule.milestone}" is already reached`
  return null
}

/**
 * Everything that is checked once an email’s time has come, and again right before the final dot.
 * @returns null when it may go.
 */
export function objectionTo(
  { rule, key }: Pick<Candidate, 'rule' | 'key'>,
  trial: Trial,
  playbook: CompiledPlaybook,
  at: number,
): Objection | null {
  const status = statusAt(trial.clock, at)
  const skipped = (why: string): Objection => ({ outcome: 'skipped', why })
  const fact = factObjection(rule, trial, status, playbook, at)
  if (fact !== null) return skipped(fact)
  const gone = trial.outbox.filter(
    (message) => message.ruleId === rule.id && message.key !== key && hasGone(message),
  ).length
  if (gone >= rule.cap) return skipped(`this email has gone ${gone} times, its cap is ${rule.cap}`)
  const facts = factsOfTrial(trial, standingAt(trial, playbook, at), status, playbook, at)
  if (!conditionHolds(rule.when, facts)) return skipped(explainFailure(rule.when, facts))
  // Only now: an email that was never meant for this person is not one that a suppression has kept from them.
  const may = mailable(trial.person, trial.contact, at)
  if (!may.ok) return skipped(may.why)
  if (rule.class === 'trial' && isHeldOut(trial, playbook))
    return { outcome: 'held_out', why: 'is in the control group that gets no trial email' }
  return null
}

function lastOnboardingAt(trial: Trial, playbook: CompiledPlaybook): number | null {
  let latest: number | null = null
  for (const message of trial.outbox) {
    if (!hasGone(message) || playbook.ruleById.get(message.ruleId)?.class !== 'onboarding') continue
    const at = message.sentAt ?? message.dotAt
    if (at !== null && (latest === null || at > latest)) latest = at
  }
  return latest
}

/** When this person was told that the trial is over. */
const toldEndedAt = (trial: Trial): number | null =>
  trial.outbox.reduce<number | null>((latest, message) => {
    const at = message.kind === 'trial_ended' && hasGone(message) ? (message.sentAt ?? message.dotAt) : null
    return at !== null && (latest === null || at > latest) ? at : latest
  }, null)

/** Everything that makes an email wait: pauses, and the distance to the email before. Service emails wait for nothing. */
export function blockOf(rule: CompiledRule, trial: Trial, playbook: CompiledPlaybook): Block | null {
  if (rule.class === 'service') return null
  const { repliedAt, repMailedAt, pausedUntil, lastTrialMailAt } = trial.contact
  const onboardingAt = rule.class === 'onboarding' ? lastOnboardingAt(trial, playbook) : null
  let block: Block | null = null
  const wait = (since: number | null, ms: number, why: string) => {
    if (since !== null && (block === null || since + ms > block.until)) block = { until: since + ms, why }
  }
  wait(repliedAt, playbook.pauseAfterReplyMs, 'the person replied, so automation pauses')
  wait(repMailedAt, playbook.pauseAfterRepMailMs, 'a rep has just written, so automation pauses')
  wait(lastTrialMailAt, playbook.trialMailEveryMs, 'another trial email has just been sent')
  wait(toldEndedAt(trial), playbook.trialMailEveryMs, 'the email about the trial end has just been sent')
  wait(onboardingAt, playbook.trialMailEveryMs, 'another onboarding email has just been sent')
  if (pausedUntil !== null)
    wait(
      pausedUntil,
      0,
      `paused by a rep until ${pausedUntil < 8.64e15 ? isoInstant(pausedUntil) : 'further notice'}`,
    )
  return block
}
