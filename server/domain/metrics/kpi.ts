import { engagementMetrics } from './engagement.ts'
import { listMetrics } from './list.ts'
import type { KpiInput, Metric } from './metric.ts'
import { moneyMetrics } from './money.ts'

export type { KpiInput, Metric, NamedFigure } from './metric.ts'

/** All 21, in their order. Pure: the same counters give the same figures. */
export const kpis = (input: KpiInput): Metric[] =>
  [...engagementMetrics(input), ...listMetrics(input), ...moneyMetrics(input)].sort(
    (a, b) => a.number - b.number,
  )
