import type { Grouping } from '../../../shared/api/metrics.ts'
import type { NamedFigure } from '../../domain/metrics/kpi.ts'
import { type Cell, csvOf } from './csv.ts'
import type { KpiReport, KpiSeries } from './read-kpis.ts'

const header = [
  'from',
  'to',
  'number',
  'id',
  'name',
  'unit',
  'value',
  'low',
  'high',
  'numerator',
  'denominator',
  'n',
  'quality',
  'note',
]

/** One line for each figure, the other definitions of a metric below it. */
export function kpiCsv({ from, to, metrics }: KpiReport): string {
  const line = (number: number, figure: NamedFigure, note: string): Cell[] => [
    from,
    to,
    number,
    figure.id,
    figure.name,
    figure.unit,
    figure.value,
    figure.interval?.low ?? null,
    figure.interval?.high ?? null,
    figure.numerator,
    figure.denominator,
    figure.n,
    figure.quality,
    note,
  ]
  return csvOf([
    header,
    ...metrics.flatMap((metric) => [
      line(metric.number, metric, metric.action ?? metric.why),
      ...metric.others.map((other) => line(metric.number, other, '')),
    ]),
  ])
}

/** One line for each group, one column for each metric. */
export function seriesCsv({ from, to, metrics }: KpiReport, by: Grouping, series: KpiSeries): string {
  const ids = metrics.map(({ id }) => id)
  return csvOf([
    ['from', 'to', by, 'delivered', ...ids],
    ...series.map(({ key, delivered, values }) => [
      from,
      to,
      key,
      delivered,
      ...ids.map((id) => values[id] ?? null),
    ]),
  ])
}
