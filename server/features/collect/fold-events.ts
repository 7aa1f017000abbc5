import { companyIdOf, type TrialId, type WorkspaceId } from '../../../shared/trial.ts'
import { isUpgradeAsked } from '../../domain/nudges/ask.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { upgradeAsked } from '../../domain/playbook/upgrade-asked.ts'
import { newTrial, reduce } from '../../domain/reducer/reduce.ts'
import { unvouchedOffsetMs } from '../../domain/trial/claims.ts'
import type { Command } from '../../domain/trial/command.ts'
import { absorbedLimit, type TrackedEvent, type Trial, type Usage } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import type { Fold, LoggedEvent } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { hintsOf, patchOf } from './person-traits.ts'

const collectActor = { kind: 'api', name: 'collect' } as const

type NudgeCommand = Extract<Command, { type: 'nudge' }>

const nudgeEvents: ReadonlyMap<string, NudgeCommand['what']> = new Map([
  ['Nudge Shown', 'shown'],
  ['Nudge Clicked', 'clicked'],
  ['Nudge Dismissed', 'dismissed'],
  ['Nudge Snoozed', 'snoozed'],
  ['Nudge Held Out', 'held_out'],
])

/** What the nudge layer reports about itself: no usage of the product, but a fact about the nudge. */
function nudgeCommand({ type, name, properties, at, claimed }: TrackedEvent): NudgeCommand | null {
  if (type !== 'track' || !name.startsWith('Nudge ')) return null
  const what = nudgeEvents.get(name)
  const nudgeId = properties.nudge_id
  return what && typeof nudgeId === 'string'
    ? { type: 'nudge', nudgeId, what, at, ...(claimed && { claimed }) }
    : null
}

/**
 * How logged events enter a trial: usage, then what was said of the person and of nudges, in one save, so that a
 * crash leaves either all or nothing of an event. Also used for what a crash left unfolded.
 */
export function createFold({ playbooks, clock }: { playbooks: Playbooks; clock: Clock }): Fold {
  return (trialId, current, logged) => {
    const { workspaceId } = logged[0] as LoggedEvent
    const playbook = playbooks.current(workspaceId)
    if (current?.mergedInto) return noteLate(current, logged)
    const now = clock.now()
    const trial = current ?? begin(trialId, workspaceId, logged, playbook, now)
    return apply(trial, logged, playbook, now)
  }
}

/** In the trial of a company: said by, or of, the one who did it. */
const of = (command: Command, { actor }: TrackedEvent): Command =>
  actor === undefined ? command : ({ ...command, userId: actor } as Command)

function apply(trial: Trial, logged: readonly LoggedEvent[], playbook: CompiledPlaybook, now: number): Trial {
  const events: TrackedEvent[] = []
  const commands: Command[] = []
  for (const { event } of logged) {
    const nudge = nudgeCommand(event)
    if (nudge) commands.push(of(nudge, event))
    else events.push(event)
    if (nudge && isUpgradeAsked(trial, nudge.nudgeId, event, playbook))
      events.push({ ...event, name: upgradeAsked, properties: {} })
    for (const description of descriptions(event)) commands.push(of(description, event))
  }
  let folded = trial
  if (events.length > 0) folded = reduce(folded, { type: 'track', events }, playbook, now).trial
  for (const command of commands) folded = reduce(folded, command, playbook, now).trial
  return folded
}

/**
 * What an identify call says, dated by when it was said and by how far it can be trusted; and which company a group
 * call names, when someone vouches for it.
 */
export function descriptions({ type, traits, verified, at }: TrackedEvent): Command[] {
  const { groupId } = traits
  if (type === 'group' && verified && typeof groupId === 'string')
    return [{ type: 'describe', by: collectActor, onShorten: 'keep', patch: { traits: { groupId } }, at }]
  if (type !== 'identify') return []
  const unvouchedAt = at - unvouchedOffsetMs
  const said = patchOf(traits)
  const hints = hintsOf(traits)
  return [
    ...(said ? [{ patch: said, at: verified ? at : unvouchedAt }] : []),
    ...(hints ? [{ patch: hints, at: unvouchedAt }] : []),
  ].map((description) => ({ type: 'describe', by: collectActor, onShorten: 'keep', ...description }))
}

/**
 * A trial begins with the first thing its person is known to have done. Unsigned events alone say nothing of a time:
 * it begins with their receipt, until a trusted word begins it again.
 */
function begin(
  id: TrialId,
  workspaceId: WorkspaceId,
  logged: readonly LoggedEvent[],
  playbook: CompiledPlaybook,
  now: number,
): Trial {
  const trusted = logged.filter(({ event }) => !event.claimed)
  const instants =
    trusted.length > 0 ? trusted.map(({ event }) => event.at) : logged.map(({ event }) => event.receivedAt)
  const startsAt = instants.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY)
  const trial = newTrial({ id, workspaceId, ...personOf(id, workspaceId) }, playbook, startsAt, now)
  return trusted.length > 0 ? trial : { ...trial, clock: { ...trial.clock, provisional: true } }
}

/** Reads a trial id back, see `trialIdOfUser`, `trialIdOfAnonymous` and `trialIdOfCompany`. */
export function personOf(
  id: TrialId,
  workspaceId: WorkspaceId,
): { userId: string | null; anonymousId: string | null; companyId?: string } {
  const companyId = companyIdOf(id, workspaceId)
  if (companyId !== null) return { userId: null, anonymousId: null, companyId }
  const name = id.slice(workspaceId.length + 3)
  const known = id.startsWith(`${workspaceId}:u:`)
  return { userId: known ? name : null, anonymousId: known ? null : name }
}

/**
 * A trial that was taken over, of a visitor or of a former user id, stays as it was, because its usage has been counted elsewhere. An event
 * that still reaches it (its sender had looked before the take-over) leaves its id here; {@link usageOf} of it is
 * then absorbed by the person under a key of its own.
 */
function noteLate(frozen: Trial, logged: readonly LoggedEvent[]): Trial {
  const ids = logged.map(({ event }) => event.messageId)
  const withIds = (noted: readonly string[]) => [...noted, ...ids].slice(0, absorbedLimit)
  return frozen.userId === null
    ? { ...frozen, absorbed: withIds(frozen.absorbed) }
    : { ...frozen, late: withIds(frozen.late ?? []) }
}

/** The usage that one event alone amounts to. */
export function usageOf(logged: LoggedEvent, playbook: CompiledPlaybook): Usage {
  const { receivedAt } = logged.event
  const blank = begin(logged.trialId, logged.workspaceId, [logged], playbook, receivedAt)
  return apply(blank, [logged], playbook, receivedAt).usage
}
