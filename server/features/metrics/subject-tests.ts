import { minuteMs } from '../../../shared/clock.ts'
import type { MessageKind, WorkspaceId } from '../../../shared/trial.ts'
import { type CounterName, type Counters, countOf } from '../../domain/metrics/counters.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import {
  type ArmCounts,
  assessSubjects,
  assignVariant,
  leastConversions,
  type SubjectTest,
} from '../../domain/metrics/subject-test.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { daysLater, type KpiReader } from './read-kpis.ts'

interface RunningTest extends SubjectTest {
  readonly ruleId: string
  readonly kind: MessageKind
  readonly subjects: readonly string[]
  /** First UTC day that counts; changed subjects begin a new test. */
  readonly since: string
  /** What an email is judged by. */
  readonly metric: 'conversion' | 'verified_click'
}

export interface SubjectTests {
  list(workspaceId: WorkspaceId): Promise<RunningTest[]>
  /**
   * The subject for one person: the one they had before in this rule, else by the weights as they are now.
   * @returns null where the rule has nothing to test.
   */
  choose(trial: Trial, ruleId: string): Promise<number | null>
}

/** Weights change slowly; asking for them at each email would cost more than they are worth. */
const freshMs = 5 * minuteMs
const longestDays = 365

const conversionOf: Readonly<Record<RunningTest['metric'], CounterName>> = {
  conversion: 'goal',
  verified_click: 'clickedVerified',
}

/** Conversions are what counts, but come late and seldom: until each subject has enough, verified clicks are in. */
const metricOf = (arms: readonly Counters[]): RunningTest['metric'] =>
  arms.every((arm) => countOf(arm, 'goal') >= leastConversions) ? 'conversion' : 'verified_click'

const latestOf = (...days: readonly string[]): string => [...days].sort().at(-1) ?? ''

export function createSubjectTests({
  documents,
  reader,
  playbooks,
  clock,
}: {
  documents: DocumentStore
  reader: Pick<KpiReader, 'byVariant'>
  playbooks: Playbooks
  clock: Clock
}): SubjectTests {
  const known = new Map<WorkspaceId, { at: number; tests: Promise<RunningTest[]> }>()

  /** Days before the subjects were changed say nothing about them; nor does the day itself. */
  async function sinceOf(
    workspaceId: WorkspaceId,
    ruleId: string,
    subjects: readonly string[],
  ): Promise<string> {
    const id = `${workspaceId}/${ruleId}`
    const today = utcDay(clock.now())
    const found = await documents.get('subject-test', id)
    const isSame = found && JSON.stringify(found.body.subjects) === JSON.stringify(subjects)
    const since = isSame ? found.body.since : found ? daysLater(today, 1) : today
    if (!isSame) await documents.put('subject-test', id, { subjects, since }, found?.version ?? 0)
    return latestOf(since, daysLater(today, -longestDays))
  }

  async function assess(workspaceId: WorkspaceId): Promise<RunningTest[]> {
    const today = utcDay(clock.now())
    const tests: RunningTest[] = []
    for (const { id, kind, subjects } of playbooks.current(workspaceId).rules) {
      if (subjects.length < 2) continue
      const since = await sinceOf(workspaceId, id, subjects)
      const counted = since > today ? new Map() : await reader.byVariant(workspaceId, since, today)
      const week = await reader.byVariant(workspaceId, daysLater(today, -6), today)
      const counters = subjects.map((_, variant): Counters => counted.get(id)?.get(variant) ?? {})
      const metric = metricOf(counters)
      const arms = counters.map(
        (arm, variant): ArmCounts => ({
          variant,
          sent: countOf(arm, 'delivered'),
          conversions: countOf(arm, conversionOf[metric]),
          objections: countOf(arm, 'unsubscribed') + countOf(arm, 'complained'),
        }),
      )
      const perWeek = [...(week.get(id)?.values() ?? [])].reduce(
        (sum, arm) => sum + countOf(arm, 'delivered'),
        0,
      )
      tests.push({ ruleId: id, kind, subjects, since, metric, ...assessSubjects(arms, perWeek) })
    }
    return tests
  }

  function current(workspaceId: WorkspaceId): Promise<RunningTest[]> {
    const now = clock.now()
    const found = known.get(workspaceId)
    if (found && now >= found.at && now < found.at + freshMs) return found.tests
    const tests = assess(workspaceId)
    known.set(workspaceId, { at: now, tests })
    tests.catch(() => known.delete(workspaceId))
    return tests
  }

  return {
    list: assess,
    async choose(trial, ruleId) {
      const subjects = playbooks.current(trial.workspaceId).ruleById.get(ruleId)?.subjects ?? []
      if (subjects.length < 2) return null
      const before = trial.outbox.find(
        ({ ruleId: rule, variant }) => rule === ruleId && variant !== null && variant < subjects.length,
      )
      if (before) return before.variant
      const test = (await current(trial.workspaceId)).find((candidate) => candidate.ruleId === ruleId)
      const weights = test?.arms.map(({ weight }) => weight)
      return assignVariant(
        trial.id,
        ruleId,
        weights?.length === subjects.length ? weights : subjects.map(() => 1 / subjects.length),
      )
    },
  }
}
