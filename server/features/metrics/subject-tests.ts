import { minuteMs } from '../../../shared/clock.ts'
import { subjectsOf } from '../../../shared/content/subjects.ts'
import type { MessageKind, WorkspaceId } from '../../../shared/trial.ts'
import { type CounterName, type Counters, countOf } from '../../domain/metrics/counters.ts'
import { daysLater } from '../../domain/metrics/days.ts'
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
import type { StoredTest } from '../../storage/documents/metrics.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { KpiReader } from './read-kpis.ts'

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
  /** Writes down since when each test runs; where subjects were changed, another one begins. */
  note(workspaceId: WorkspaceId): Promise<void>
  list(workspaceId: WorkspaceId): Promise<RunningTest[]>
  /**
   * The subject for one person: the one they had before in this rule, else by the weights as they are now.
   * @returns null where the rule has nothing to test.
   */
  choose(trial: Trial, ruleId: string): Promise<number | null>
}

const kind = 'subject-test'
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

  const testsOf = (workspaceId: WorkspaceId) =>
    playbooks.current(workspaceId).rules.filter(({ subjects }) => subjects.length >= 2)

  async function note(workspaceId: WorkspaceId): Promise<void> {
    for (const { id, subjects } of testsOf(workspaceId))
      await updateDocument(documents, kind, `${workspaceId}/${id}`, (known) => begun(known, subjects))
  }

  /** Days before the subjects were changed say nothing about them; nor does the day itself. */
  function begun(known: StoredTest | null, subjects: readonly string[]): StoredTest {
    const today = utcDay(clock.now())
    if (!known) return { subjects, since: today }
    const isSame = JSON.stringify(known.subjects) === JSON.stringify(subjects)
    return isSame ? known : { subjects, since: daysLater(today, 1) }
  }

  async function sinceOf(
    workspaceId: WorkspaceId,
    ruleId: string,
    subjects: readonly string[],
  ): Promise<string> {
    const known = await documents.get(kind, `${workspaceId}/${ruleId}`)
    const { since } = begun(known?.body ?? null, subjects)
    return latestOf(since, daysLater(utcDay(clock.now()), -longestDays))
  }

  async function assess(workspaceId: WorkspaceId): Promise<RunningTest[]> {
    const today = utcDay(clock.now())
    const tests: RunningTest[] = []
    for (const { id, kind: messageKind, subjects } of testsOf(workspaceId)) {
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
      tests.push({ ruleId: id, kind: messageKind, subjects, since, metric, ...assessSubjects(arms, perWeek) })
    }
    return tests
  }

  function current(workspaceId: WorkspaceId): Promise<RunningTest[]> {
    const now = clock.now()
    const found = known.get(workspaceId)
    if (found && now >= found.at && now < found.at + freshMs) return found.tests
    const tests = note(workspaceId).then(() => assess(workspaceId))
    known.set(workspaceId, { at: now, tests })
    tests.catch(() => known.delete(workspaceId))
    return tests
  }

  return {
    note,
    list: assess,
    async choose(trial, ruleId) {
      const rule = playbooks.current(trial.workspaceId).ruleById.get(ruleId)
      const subjects = rule ? subjectsOf(rule) : []
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
