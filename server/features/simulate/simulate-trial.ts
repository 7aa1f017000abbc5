import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { newTrial, reduce } from '../../domain/reducer/reduce.ts'
import type { Command, PersonPatch } from '../../domain/trial/command.ts'
import type { Decision, TrackedEvent, Trial } from '../../domain/trial/model.ts'

/** What would happen to one person if time passed and every mail server said yes. Pure: nothing is stored or sent. */
export interface Simulation {
  readonly timeline: readonly Decision[]
  readonly trial: Trial
  /** false: it was cut off because too much would have happened. */
  readonly complete: boolean
}

export interface SimulatedEvent {
  readonly event: string
  readonly at: number
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

const maxSteps = 5000

export const simulatedTrial = (
  workspaceId: WorkspaceId,
  userId: string,
  patch: PersonPatch,
  playbook: CompiledPlaybook,
  startsAt: number,
): Trial => {
  const id = `${workspaceId}:u:${userId}` as TrialId
  const fresh = newTrial({ id, workspaceId, userId, anonymousId: null }, playbook, startsAt)
  const by = { kind: 'system', name: 'simulation' } as const
  return reduce(fresh, { type: 'describe', patch, by }, playbook, startsAt).trial
}

const tracked = (
  { event, at, properties }: SimulatedEvent,
  index: number,
  actor: string | undefined,
): TrackedEvent => ({
  ...(actor !== undefined && { actor }),
  messageId: `simulated-${index}`,
  type: 'track',
  name: event,
  at,
  receivedAt: at,
  verified: true,
  properties: properties ?? {},
  traits: {},
})

/** Decides at one moment, and hands over what is due, as the due loop would. */
function settle(trial: Trial, playbook: CompiledPlaybook, now: number, fence: number): Trial {
  const step = (current: Trial, command: Command) => reduce(current, command, playbook, now)
  let current = step(trial, { type: 'advance' }).trial
  for (let sent = 0; sent < 20; sent++) {
    const claimed = step(current, { type: 'claim', fence: fence + sent })
    if (!claimed.outcome.ok || !claimed.outcome.message) break
    const claim = { key: claimed.outcome.message.key, fence: fence + sent }
    const prepared = { token: 's', messageId: 's', subject: 's', variant: 0, bodyHash: 's' }
    current = step(claimed.trial, { type: 'prepared', claim, ...prepared }).trial
    const gate = step(current, { type: 'gate', claim })
    current = gate.outcome.ok
      ? step(gate.trial, { type: 'sent', claim, answer: 'simulated' }).trial
      : gate.trial
  }
  return current
}

export function simulateTrial(
  start: Trial,
  events: readonly SimulatedEvent[],
  playbook: CompiledPlaybook,
  { from, until, actor }: { from: number; until: number; actor?: string | undefined },
): Simulation {
  const waiting = events
    .map((event, index) => tracked(event, index, actor))
    .filter((event) => event.at <= until)
    .sort((a, b) => a.at - b.at)
  const timeline: Decision[] = []
  const seen = new Set<Decision>(start.decisions)
  let trial = start
  let now = from
  for (let steps = 0; steps < maxSteps; steps++) {
    trial = settle(trial, playbook, now, steps * 20 + 1)
    for (const decision of trial.decisions) {
      if (!seen.has(decision)) timeline.push(decision)
      seen.add(decision)
    }
    const eventAt = waiting[0]?.at ?? Number.POSITIVE_INFINITY
    const dueAt = trial.nextAt ?? Number.POSITIVE_INFINITY
    // A moment that stays due would never end: time goes on by a minute at least.
    const nextAt = Math.min(eventAt, dueAt <= now ? now + 60_000 : dueAt)
    if (nextAt > until) return { timeline, trial, complete: true }
    now = Math.max(now, nextAt)
    const due = waiting.filter((event) => event.at <= now)
    waiting.splice(0, due.length)
    if (due.length > 0) trial = reduce(trial, { type: 'track', events: due }, playbook, now).trial
  }
  return { timeline, trial, complete: false }
}
