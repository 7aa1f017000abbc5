import { isoInstant } from '../../../shared/clock.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import type { Segment, WorkspaceId } from '../../../shared/trial.ts'
import { type CompiledPlaybook, compilePlaybook } from '../../domain/playbook/compile.ts'
import { reduce } from '../../domain/reducer/reduce.ts'
import type { NextMessage, Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import { eachTrial } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from './playbooks.ts'

interface DryRunResult {
  readonly looked: number
  readonly complete: boolean
  readonly changed: number
  readonly segments: Record<string, { before: number; after: number }>
  readonly kinds: Record<string, { before: number; after: number }>
  readonly changes: readonly {
    userId: string
    companyId?: string
    segment: { before: Segment; after: Segment }
    before: Moment | null
    after: Moment | null
  }[]
}

type Moment = Omit<NextMessage, 'at'> & { at: string | null }

/** Compares what every trialist would get next under the published and under another playbook. Changes nothing. */
export type DryRun = (workspaceId: WorkspaceId, candidate: Playbook) => Promise<DryRunResult>

/** Trialists looked at, and differences shown: an answer within seconds matters more than the last trial. */
const maxTrials = 5000
const maxShown = 200

/** What comes next: an email already in the outbox, else the one foreseen. */
function upcoming(trial: Trial): NextMessage | null {
  const due = trial.outbox.find((message) => message.state === 'due')
  return due ? { kind: due.kind, ruleId: due.ruleId, at: due.nextAttemptAt, why: 'It is due.' } : trial.next
}

const moment = (next: NextMessage | null): Moment | null =>
  next && { ...next, at: next.at === null ? null : isoInstant(next.at) }

/** To the minute: a replanned wait may differ by milliseconds that mean nothing. */
const sameMoment = (a: NextMessage | null, b: NextMessage | null): boolean =>
  a?.ruleId === b?.ruleId && Math.trunc((a?.at ?? -1) / 60_000) === Math.trunc((b?.at ?? -1) / 60_000)

const count = (
  into: Record<string, { before: number; after: number }>,
  name: string,
  side: 'before' | 'after',
) => {
  into[name] ??= { before: 0, after: 0 }
  into[name][side]++
}

export function createDryRun({
  storage,
  playbooks,
  clock,
}: {
  storage: Storage
  playbooks: Playbooks
  clock: Clock
}): DryRun {
  return async (workspaceId, candidate) => {
    const now = clock.now()
    const published = playbooks.current(workspaceId)
    const proposed = compilePlaybook(candidate, published.version + 1)
    const under = (trial: Trial, playbook: CompiledPlaybook) =>
      reduce(trial, { type: 'advance' }, playbook, now).trial
    const result = {
      looked: 0,
      complete: true,
      changed: 0,
      segments: {},
      kinds: {},
      changes: [] as DryRunResult['changes'][number][],
    }
    for await (const trial of eachTrial(storage.trials, workspaceId)) {
      if (trial.clock.status === 'anonymous') continue
      if (result.looked >= maxTrials) return { ...result, complete: false }
      result.looked++
      compare(result, under(trial, published), under(trial, proposed))
    }
    return result
  }
}

function compare(
  result: { -readonly [K in keyof DryRunResult]: DryRunResult[K] },
  before: Trial,
  after: Trial,
): void {
  const [was, will] = [upcoming(before), upcoming(after)]
  count(result.segments, before.standing.segment, 'before')
  count(result.segments, after.standing.segment, 'after')
  if (was) count(result.kinds, was.kind, 'before')
  if (will) count(result.kinds, will.kind, 'after')
  const segment = { before: before.standing.segment, after: after.standing.segment }
  if (sameMoment(was, will) && segment.before === segment.after) return
  result.changed++
  if (result.changes.length < maxShown)
    result.changes = [
      ...result.changes,
      {
        userId: before.userId ?? '',
        ...(before.company && { companyId: before.company.id }),
        segment,
        before: moment(was),
        after: moment(will),
      },
    ]
}
