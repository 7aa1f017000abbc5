import { standingOf } from '../activation/activation.ts'
import { reasonsByMember } from '../activation/members.ts'
import { applyPlan } from '../messages/outbox-plan.ts'
import { planMessages } from '../messages/plan.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { withClaims } from '../trial/claims.ts'
import { statusAt } from '../trial/clock.ts'
import type { NextMessage, Standing, Trial, TrialClock } from '../trial/model.ts'

/** Everything derived that is kept on the trial: status, standing, what comes next and when to look again. */

export const withStatus = (clock: TrialClock, now: number): TrialClock => {
  const status = statusAt(clock, now)
  return status === clock.status ? clock : { ...clock, status }
}

function sameReached(a: Standing['reachedAt'], b: Standing['reachedAt']): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** Whether the message plan would read both alike; score and reasons are for people. */
export const plansAlike = (a: Standing, b: Standing): boolean =>
  a.segment === b.segment &&
  a.pace === b.pace &&
  a.activatedAt === b.activatedAt &&
  (a.noPitch ?? false) === (b.noPitch ?? false) &&
  sameReached(a.reachedAt, b.reachedAt)

const sameStanding = (a: Standing, b: Standing): boolean =>
  plansAlike(a, b) &&
  a.score === b.score &&
  a.segmentSince === b.segmentSince &&
  a.reasons.length === b.reasons.length &&
  a.reasons.every((reason, index) => reason === b.reasons[index])

/** The standing as of now; the same object when nothing about it has changed. */
export function standingNow(trial: Trial, playbook: CompiledPlaybook, now: number): Standing {
  const subject = {
    usage: withClaims(trial, playbook).usage,
    person: trial.person,
    clock: trial.clock,
    surveyAnswer: trial.survey?.answer ?? null,
  }
  const derived = standingOf(subject, statusAt(trial.clock, now), trial.standing, playbook, now)
  const standing = trial.company
    ? { ...derived, reasons: [...derived.reasons, ...reasonsByMember(trial.company, playbook)] }
    : derived
  return sameStanding(standing, trial.standing) ? trial.standing : standing
}

const sameNext = (a: NextMessage | null, b: NextMessage | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.kind === b.kind &&
    a.ruleId === b.ruleId &&
    a.at === b.at &&
    a.why === b.why &&
    a.to === b.to)

/** Status and standing as of now. */
export function withDerived(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  const clock = withStatus(trial.clock, now)
  const standing = standingNow(trial, playbook, now)
  return clock === trial.clock && standing === trial.standing ? trial : { ...trial, clock, standing }
}

function withNext(
  trial: Trial,
  { next, nextAt }: Pick<Trial, 'next' | 'nextAt'>,
  { version }: CompiledPlaybook,
): Trial {
  if (nextAt === trial.nextAt && sameNext(next, trial.next)) return trial
  return { ...trial, next: sameNext(next, trial.next) ? trial.next : next, nextAt, plannedBy: version }
}

/** Whether another process has planned this trial by a playbook that this one has yet to read. */
export const isBehind = (playbook: CompiledPlaybook, trial: Trial): boolean =>
  (trial.plannedBy ?? 0) > playbook.version

/** A newer playbook’s plan is not undone: it is made again at once, by a worker that reads that playbook first. */
const withNewerPlan = (trial: Trial, now: number): Trial =>
  trial.nextAt !== null && trial.nextAt <= now ? trial : { ...trial, nextAt: now }

/** Recomputes all of it, decides nothing. */
export function refresh(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  if (isBehind(playbook, trial)) return withNewerPlan(trial, now)
  const derived = withDerived(trial, playbook, now)
  const plan = planMessages(derived, playbook, now)
  return withNext(derived, plan, playbook)
}

/** Carrying out one decision can bring up another (a used-up cap, a freed place); more rounds than this never. */
const maxRounds = 5

/**
 * Time has passed: what is due is in the outbox afterwards, what came too late is logged. By the playbook given, for
 * there is no newer one: see {@link isBehind} for those who may not know yet.
 */
export function advanceTrial(trial: Trial, playbook: CompiledPlaybook, now: number): Trial {
  const { plannedBy: _, ...unplanned } = trial
  let result: Trial = withDerived(isBehind(playbook, trial) ? unplanned : trial, playbook, now)
  for (let round = 0; round < maxRounds; round++) {
    const plan = planMessages(result, playbook, now)
    const decided = plan.due.length + plan.settled.length + plan.dropped.length + plan.postponed.length > 0
    if (!decided) return withNext(result, plan, playbook)
    result = applyPlan(result, plan, now)
  }
  return refresh(result, playbook, now)
}
