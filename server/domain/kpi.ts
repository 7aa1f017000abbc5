import { engagementMetrics } from './kpi-engagement.ts'
import type { KpiInput, Metric } from './kpi-figure.ts'
import { listMetrics } from './kpi-list.ts'
import { moneyMetrics } from './kpi-money.ts'

export type { KpiInput, Metric, NamedFigure } from './kpi-figure.ts'

/** All 21, in their order. Pure: the same counters give the same figures. */
export const kpis = (input: KpiInput): Metric[] =>
  [...engagementMetrics(input), ...listMetrics(input), ...moneyMetrics(input)].sort(
    (a, b) => a.number - b.number,
  )
