import { supersede } from '../messages/outbox-plan.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { extendClock, statusAt, undoExtension as undone, zoneOf } from '../trial/clock.ts'
import type { Of, Reduced } from '../trial/command.ts'
import { withDecision } from '../trial/decisions.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'

export function extend(
  trial: Trial,
  command: Of<'extend'>,
  playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const result = extendClock(trial.clock, command, zoneOf(trial, playbook), playbook, now)
  if ('ok' in result) return { trial, outcome: result }
  return {
    trial: result.clock === trial.clock ? trial : { ...trial, clock: result.clock },
    outcome: { ok: true, extension: result.extension },
  }
}

const mayHaveQuoted = (message: OutboxMessage, endsAt: number): boolean =>
  message.endsAtQuoted === endsAt && (message.state === 'dot' || message.state === 'unknown')

export function undoExtension(
  trial: Trial,
  { id }: Of<'undoExtension'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const isQuoted = (endsAt: number) => trial.outbox.some((message) => mayHaveQuoted(message, endsAt))
  const result = undone(trial.clock, id, isQuoted, now)
  if ('ok' in result) return { trial, outcome: result }
  return {
    trial: result.clock === trial.clock ? trial : { ...trial, clock: result.clock },
    outcome: { ok: true, extension: result.extension },
  }
}

/** Pays from now on: nothing is pitched any more, and what waited is taken back at once. */
export function convert(
  trial: Trial,
  { plan, at }: Of<'convert'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  const person = plan === null || plan === trial.person.plan ? trial.person : { ...trial.person, plan }
  if (trial.clock.status === 'converted')
    return { trial: person === trial.person ? trial : { ...trial, person }, outcome: { ok: true } }
  const why = 'the person has converted'
  const clock = { ...trial.clock, status: 'converted' as const, convertedAt: at }
  let result: Trial = { ...trial, person, clock }
  for (const message of trial.outbox)
    if (message.state === 'due') result = supersede(result, message, 'superseded', why, now)
  if (trial.next) result = withDecision(result, trial.next, 'skipped', why, now)
  return { trial: result, outcome: { ok: true } }
}

/** As if it had never converted: the trial goes on, or is over, by its own end. */
export function takeBackConversion(
  trial: Trial,
  _command: Of<'takeBackConversion'>,
  _playbook: CompiledPlaybook,
  now: number,
): Reduced {
  if (trial.clock.status !== 'converted') return { trial, outcome: { ok: true } }
  const open = { ...trial.clock, status: 'trialing' as const, convertedAt: null }
  return { trial: { ...trial, clock: { ...open, status: statusAt(open, now) } }, outcome: { ok: true } }
}
