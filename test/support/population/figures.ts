import type { ServedPopulation } from './serve-population.ts'

/** What the API answers, as a client of it would read it: no type of the server is used here. */

export interface Figure {
  readonly id: string
  readonly numerator: number | null
  readonly denominator: number | null
  readonly value: number | null
}

export interface Metric extends Figure {
  readonly number: number
  readonly unit: string
  readonly quality: string
  readonly action: string | null
  readonly others: readonly Figure[]
  readonly breakdown: readonly { readonly name: string; readonly count: number }[]
}

export interface Report {
  readonly metrics: readonly Metric[]
  readonly holdout: { readonly treated: Figure; readonly heldOut: Figure }
  readonly series?: readonly {
    readonly key: string
    readonly delivered: number
    readonly values: Readonly<Record<string, number | null>>
  }[]
}

export const readReport = async ({ stage }: Pick<ServedPopulation, 'stage'>, query = ''): Promise<Report> =>
  (await stage.api('GET', `/api/kpis${query}`)) as Report

/** Waits until all that has been noted is counted. */
export async function readSettled(population: Pick<ServedPopulation, 'stage'>): Promise<Report> {
  let before = ''
  for (let look = 0; look < 100; look++) {
    const report = await readReport(population)
    const text = JSON.stringify(report)
    if (text === before) return report
    before = text
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the metrics do not come to rest')
}

export function metricOf({ metrics }: Report, id: string): Metric {
  const found = metrics.find((metric) => metric.id === id)
  if (!found) throw new Error(`there is no metric ${id}`)
  return found
}

/** The metric itself, or one of its other definitions. */
export function figureOf(report: Report, id: string): Figure {
  const found = report.metrics
    .flatMap((metric) => [metric, ...metric.others])
    .find((figure) => figure.id === id)
  if (!found) throw new Error(`there is no figure ${id}`)
  return found
}

export const breakdownOf = (report: Report, id: string): Record<string, number> =>
  Object.fromEntries(metricOf(report, id).breakdown.map(({ name, count }) => [name, count]))

/** Counts everything anew from what is stored, and waits for it. */
export async function rebuild({ stage, api }: Pick<ServedPopulation, 'stage' | 'api'>): Promise<void> {
  const { id } = (await stage.api('POST', '/api/kpis/rebuild')) as { id: string }
  for (;;) {
    await api.server.services.jobs.runPending()
    const { state, error } = (await stage.api('GET', `/api/jobs/${id}`)) as {
      state: string
      error: string | null
    }
    if (state === 'done') return
    if (state === 'failed' || state === 'cancelled') throw new Error(`the rebuild ${state}: ${error}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
