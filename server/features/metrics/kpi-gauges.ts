import { minuteMs } from '../../../shared/clock.ts'
import { daysLater } from '../../domain/metrics/days.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock } from '../../ports.ts'
import type { KpiReader } from './read-kpis.ts'

type Gauges = readonly { labels: Record<string, string>; value: number }[]

/** Scrapes come often, figures change slowly. */
const freshMs = minuteMs

/** Figures of the last 28 days for Prometheus; what cannot be told is left out. */
export function createKpiGauges({
  reader,
  workspaces,
  clock,
}: {
  reader: KpiReader
  workspaces: Pick<Workspaces, 'all'>
  clock: Clock
}): () => Promise<Gauges> {
  let known: { at: number; gauges: Promise<Gauges> } | null = null

  async function read(): Promise<Gauges> {
    const to = utcDay(clock.now())
    const gauges: { labels: Record<string, string>; value: number }[] = []
    for (const { id } of workspaces.all()) {
      const { metrics } = await reader.report(id, { from: daysLater(to, -27), to })
      for (const figure of metrics.flatMap((metric) => [metric, ...metric.others]))
        if (figure.value !== null)
          gauges.push({ labels: { workspace: id, metric: figure.id }, value: figure.value })
    }
    return gauges
  }

  return () => {
    const now = clock.now()
    if (!known || now < known.at || now >= known.at + freshMs) {
      known = { at: now, gauges: read() }
      known.gauges.catch(() => {
        known = null
      })
    }
    return known.gauges
  }
}
