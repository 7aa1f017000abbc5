import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { countOf } from '../../domain/metrics/counters.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import type { Measures } from './measures.ts'
import type { Rollups } from './rollups.ts'

/** What the people whose trials began in one month have paid so far, refunds taken off, in the base currency. */
export interface Cohort {
  /** `2026-09` */
  readonly month: string
  readonly trialists: number
  readonly paying: number
  readonly revenueMinor: number
  /** null: none of them is counted (any more). */
  readonly perTrialistMinor: number | null
}

/** The payments that are attached to trials are read once; how many trials began is in the roll-ups. */
export async function cohortRevenue(
  workspaceId: WorkspaceId,
  { from, to }: { from: string; to: string },
  {
    storage: { documents, trials },
    measures,
    rollups,
  }: { storage: Storage; measures: Pick<Measures, 'generation'>; rollups: Rollups },
): Promise<Cohort[]> {
  const [first, last] = [from.slice(0, 7), to.slice(0, 7)]
  const cohorts = new Map<string, { trialists: number; paying: number; revenueMinor: number }>()
  const cohortOf = (month: string) => {
    const known = cohorts.get(month) ?? { trialists: 0, paying: 0, revenueMinor: 0 }
    cohorts.set(month, known)
    return known
  }
  const { id: generation } = await measures.generation(workspaceId)
  for (const { row, counters } of await rollups.read(
    workspaceId,
    generation,
    'people',
    `${first}-01`,
    `${last}-31`,
  )) {
    const started = countOf(counters, 'started')
    if (started !== 0) cohortOf(row.slice(0, 7)).trialists += started
  }

  async function add(trialId: TrialId, revenueMinor: number) {
    const trial = await trials.get(trialId)
    const month = trial && utcDay(trial.clock.startsAt).slice(0, 7)
    if (!month || month < first || month > last) return
    const cohort = cohortOf(month)
    cohort.revenueMinor += revenueMinor
    if (revenueMinor > 0) cohort.paying++
  }

  // Ids are `<trial>/<payment>`, in order: the payments of one trial come one after the other.
  let [current, sum]: [string | null, number] = [null, 0]
  const flush = async () => {
    if (current !== null) await add(current.replaceAll('%2F', '/').replaceAll('%25', '%') as TrialId, sum)
  }
  for await (const { id, body } of eachDocument(documents, 'payment', {
    prefix: `${workspaceId}:`,
  })) {
    const owner = id.slice(0, id.lastIndexOf('/'))
    if (owner !== current) {
      await flush()
      ;[current, sum] = [owner, 0]
    }
    sum += body.baseMinor
  }
  await flush()

  return [...cohorts]
    .map(([month, cohort]) => ({
      month,
      ...cohort,
      perTrialistMinor: cohort.trialists > 0 ? Math.round(cohort.revenueMinor / cohort.trialists) : null,
    }))
    .sort((a, b) => (a.month < b.month ? -1 : 1))
}
