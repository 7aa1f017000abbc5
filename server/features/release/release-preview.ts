import type { MessageKind, WorkspaceId } from '../../../shared/trial.ts'
import { hindrance } from '../../domain/messages/departure.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { reduce } from '../../domain/reducer/reduce.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import { eachTrial } from '../../storage/each.ts'
import type { TrialStore } from '../../storage/port.ts'

interface ReleasePreview {
  readonly people: number
  readonly kinds: Partial<Record<MessageKind, number>>
  readonly late: number
  readonly complete: boolean
}

/** An answer within seconds matters more than the last trial. */
const maxTrials = 100_000

const isHeld = ({ state, held }: OutboxMessage): boolean => state === 'due' && held !== undefined

/** Only these can have an email that leaves now: for all others a comparison is enough. */
const mayHaveDue = (trial: Trial, now: number): boolean =>
  trial.outbox.some((message) => message.state === 'due') || (trial.nextAt !== null && trial.nextAt <= now)

/** Who would get which email if everything that is held went now. Changes nothing. */
export async function previewRelease(
  trials: TrialStore,
  workspaceId: WorkspaceId,
  playbook: CompiledPlaybook,
  now: number,
): Promise<ReleasePreview> {
  const kinds: Partial<Record<MessageKind, number>> = {}
  let [looked, people, late] = [0, 0, 0]
  for await (const trial of eachTrial(trials, workspaceId)) {
    if (++looked > maxTrials) return { people, kinds, late, complete: false }
    if (!mayHaveDue(trial, now)) continue
    const { trial: after } = reduce(trial, { type: 'advance' }, playbook, now)
    const waiting = trial.outbox.filter(isHeld)
    late += waiting.filter(({ key }) => !after.outbox.some((one) => one.key === key && isHeld(one))).length
    const leaving = leavingNow(after, playbook, now)
    if (leaving.length > 0) people++
    for (const { kind } of leaving) kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return { people, kinds, late, complete: true }
}

const leavingNow = (trial: Trial, playbook: CompiledPlaybook, now: number): OutboxMessage[] =>
  trial.outbox.filter(
    (message) =>
      message.state === 'due' &&
      message.nextAttemptAt <= now &&
      hindrance(message, trial, playbook, now) === null,
  )
