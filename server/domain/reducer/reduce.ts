import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { standingOf } from '../activation/activation.ts'
import * as outbox from '../messages/outbox.ts'
import { withPassedMoments } from '../messages/passed-moments.ts'
import * as withheld from '../messages/withheld.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { blankTrial } from '../trial/blank-trial.ts'
import { endAfterLength } from '../trial/clock.ts'
import { type Command, done, type Reduced } from '../trial/command.ts'
import { knownSince, withHistory } from '../trial/history.ts'
import type { Trial } from '../trial/model.ts'
import * as adopting from './adopt-commands.ts'
import * as clock from './clock-commands.ts'
import * as joining from './company-commands.ts'
import * as contact from './contact-commands.ts'
import { delist } from './delist.ts'
import { onMember } from './on-member.ts'
import * as person from './person-commands.ts'
import { advanceTrial, refresh, withDerived } from './refresh.ts'
import { trackEvents } from './track-events.ts'

export interface NewTrial {
  readonly id: TrialId
  readonly workspaceId: WorkspaceId
  readonly userId: string | null
  readonly anonymousId: string | null
  /** Of a company: there is no one user then. */
  readonly companyId?: string
}

/**
 * A trial that no one has saved yet (version 0). A known user’s trial begins now; their first events may date it
 * back. An anonymous visitor has none: no end, no emails.
 * @param knownAt when its first event was received; what lies long before is history
 */
export const newTrial = (who: NewTrial, playbook: CompiledPlaybook, now: number, knownAt = now): Trial =>
  refresh(unplannedTrial(who, playbook, now, knownAt), playbook, now)

/** The same for {@link reduceAll}, which plans it once all is known. */
export function unplannedTrial(who: NewTrial, playbook: CompiledPlaybook, now: number, knownAt = now): Trial {
  const { companyId, ...subject } = who
  const blank = blankTrial(subject, now, companyId)
  const { person, usage } = blank
  const endsAt =
    blank.clock.status === 'anonymous'
      ? null
      : endAfterLength(now, playbook.playbook.product.timeZone, playbook)
  const clock = knownSince({ ...blank.clock, endsAt }, knownAt)
  const derived = { usage, person, clock, surveyAnswer: null }
  const standing = standingOf(derived, clock.status, null, playbook, now)
  const trial = { ...blank, clock, standing }
  return clock.status === 'anonymous' ? trial : { ...trial, plannedBy: playbook.version }
}

type Handler<T extends Command['type']> = (
  trial: Trial,
  command: Extract<Command, { type: T }>,
  playbook: CompiledPlaybook,
  now: number,
) => Reduced

/** Every command and its handler. */
const handlers: { readonly [T in Command['type']]: Handler<T> } = {
  extend: clock.extend,
  undoExtension: clock.undoExtension,
  convert: clock.convert,
  takeBackConversion: clock.takeBackConversion,

  suppress: contact.suppress,
  unsuppress: contact.unsuppress,
  replied: contact.replied,
  repMailed: contact.repMailed,
  pause: contact.pause,
  silence: contact.silence,
  softBounce: contact.softBounce,
  hardBounce: contact.hardBounce,
  evidence: contact.evidence,
  retractEvidence: contact.retractEvidence,
  skipNext: contact.skipNext,
  nudge: contact.nudge,

  describe: person.describe,
  absorb: person.absorb,
  merge: person.merge,
  retire: adopting.retire,
  adopt: adopting.adopt,
  answerSurvey: person.answerSurvey,

  enlist: joining.enlist,
  enlisted: joining.enlisted,
  delist,
  noteVisitor: joining.noteVisitor,
  join: joining.join,
  leave: joining.leave,
  forgetMember: joining.forgetMember,

  track: (trial, { events }, playbook, now) => done(trackEvents(trial, events, playbook, now)),
  advance: (trial, _, playbook, now) => done(advanceTrial(trial, playbook, now)),
  claim: outbox.claim,
  prepared: outbox.prepared,
  gate: outbox.gate,
  sent: outbox.sent,
  deferred: outbox.deferred,
  failed: outbox.failed,
  unknown: outbox.unknown,

  block: withheld.block,
  retryBlocked: withheld.retryBlocked,
  standAside: withheld.standAside,
  unhold: withheld.unhold,
}

/** These may bring a number that an email lacked. */
const movesFacts: ReadonlySet<Command['type']> = new Set([
  'track',
  'describe',
  'merge',
  'absorb',
  'adopt',
  'join',
])

/** These keep what is derived up to date themselves. */
const selfRefreshing: ReadonlySet<Command['type']> = new Set(['track', 'advance'])

/** These say what becomes of the email that comes next. */
const readsPlan: ReadonlySet<Command['type']> = new Set(['convert'])

/** What a command does, and whether the plan that follows from it has been made. */
function carriedOut(
  trial: Trial,
  command: Command,
  playbook: CompiledPlaybook,
  now: number,
): Reduced & { readonly isPlanned: boolean } {
  const handler = handlers[command.type] as Handler<Command['type']>
  const handled =
    (trial.company && onMember(trial, command, handler, playbook, now)) ??
    handler(trial, command, playbook, now)
  const reduced = movesFacts.has(command.type)
    ? { ...handled, trial: withheld.withMovedFacts(handled.trial, now) }
    : handled
  const known = reduced.outcome.ok ? withHistory(trial, reduced.trial, command, now) : reduced.trial
  if (known !== trial && known.clock.historyUntil === now)
    return { ...reduced, trial: withPassedMoments(known, playbook, now), isPlanned: false }
  const isRefreshed = selfRefreshing.has(command.type) && reduced.trial === handled.trial
  return { ...reduced, isPlanned: reduced.trial === trial || isRefreshed }
}

/**
 * The only way a trial changes. Pure: the trial given is never touched, and comes back itself when nothing changed.
 * An expected refusal is an outcome; only a refused `gate` comes with a changed trial (the email taken back).
 */
export function reduce(trial: Trial, command: Command, playbook: CompiledPlaybook, now: number): Reduced {
  const { isPlanned, ...reduced } = carriedOut(trial, command, playbook, now)
  return isPlanned ? reduced : { ...reduced, trial: refresh(reduced.trial, playbook, now) }
}

/**
 * Several commands one after the other, and the plan that follows from all of them made once. The first refusal ends
 * it: then the trial is the one given, unless the refused command itself changed it.
 */
export function reduceAll(
  trial: Trial,
  commands: readonly Command[],
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  let outcome: Reduced['outcome'] = { ok: true }
  let reduced = trial
  let isPlanned = trial.version > 0
  for (const command of commands) {
    if (!isPlanned && readsPlan.has(command.type)) {
      reduced = refresh(reduced, playbook, now)
      isPlanned = true
    }
    const step = carriedOut(reduced, command, playbook, now)
    if (!step.outcome.ok)
      return {
        outcome: step.outcome,
        trial: step.trial === reduced ? trial : refresh(step.trial, playbook, now),
      }
    outcome = { ...outcome, ...step.outcome }
    // Only `advance` makes the whole plan itself; the others go on from the plan there is.
    if (step.trial !== reduced) isPlanned = step.isPlanned && (isPlanned || command.type === 'advance')
    reduced = isPlanned ? step.trial : withDerived(step.trial, playbook, now)
  }
  return { outcome, trial: isPlanned ? reduced : refresh(reduced, playbook, now) }
}
