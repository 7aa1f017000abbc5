import type { MetricAnswer } from '../../../shared/api/metrics.ts'
import { type Counters, countOf } from './counters.ts'
import { wilson } from './interval.ts'

/** Declared by the API, which says what each part means; what it was before is added there. */
export type Metric = Omit<MetricAnswer, 'before'>
export type NamedFigure = Metric['others'][number]
export type Figure = Omit<NamedFigure, 'id' | 'name' | 'unit'>
export type Benchmark = NonNullable<Metric['benchmark']>
export type Quality = Figure['quality']
export type Unit = NamedFigure['unit']

export interface KpiInput {
  /** Sum over the emails of the period and filter. */
  readonly mails: Counters
  /** Sum over the people rows of the period. */
  readonly people: Counters
  /** Opt-outs week by week: the eight before, then the latest seven days. */
  readonly weeklyUnsubscribes: readonly number[]
  /** Mean of subscribers over the period; null when no one has ever subscribed. */
  readonly meanSubscribers: number
  readonly costsMinor: number | null
  /** Whether any payment was ever recorded, or would be: a billing system is connected. */
  readonly hasRevenue: boolean
  /** Currencies of payments that wait for a rate. */
  readonly missingRates: readonly string[]
  readonly currency: string
  /** Whether bounces and replies reach us. */
  readonly hasInbound: boolean
  /** Of the templates, 0 to 10; null when never scored. */
  readonly spamScore: number | null
  /** ISO 8601; null when no one noted it. */
  readonly spamScoreAt: string | null
  /** A filter by rule, variant or language: figures of people cannot be split that way. */
  readonly isFiltered: boolean
  readonly benchmarks: Readonly<Record<string, number>>
}

const smallest = 30

const nothing = (n: number): Figure => ({
  numerator: null,
  denominator: null,
  value: null,
  interval: null,
  n,
  quality: 'not_measurable',
})

export function share(numerator: number, denominator: number, quality: Quality): Figure {
  if (denominator <= 0) return nothing(0)
  return {
    numerator,
    denominator,
    value: numerator / denominator,
    interval: wilson(numerator, denominator),
    n: denominator,
    quality,
  }
}

/** A quotient that is no share: money per email, opens per opened email. */
export const ratio = (numerator: number, denominator: number, quality: Quality): Figure =>
  denominator <= 0
    ? nothing(0)
    : {
        numerator,
        denominator,
        value: numerator / denominator,
        interval: null,
        n: denominator,
        quality,
      }

export const count = (value: number, n: number, quality: Quality): Figure => ({
  numerator: value,
  denominator: null,
  value,
  interval: null,
  n,
  quality,
})

export const missing = nothing(0)

export const named = (id: string, name: string, unit: Unit, figure: Figure): NamedFigure => ({
  ...figure,
  id,
  name,
  unit,
})

type Definition = Pick<Metric, 'number' | 'id' | 'name' | 'unit' | 'groups' | 'why'> & {
  readonly figure: Figure
} & Partial<Pick<Metric, 'benchmark' | 'action' | 'others' | 'breakdown' | 'alarm'>>

/** A figure that an action would make possible has no value, whatever was computed. */
export function metric({ figure, ...definition }: Definition): Metric {
  const action = definition.action ?? null
  const shown = action === null ? figure : missing
  const isSmall = definition.unit === 'share' && shown.value !== null && shown.n < smallest
  const why =
    action === null && shown.value === null
      ? `Nothing to measure in this period. ${definition.why}`
      : isSmall
        ? `Only ${shown.n}: too few to rely on. ${definition.why}`
        : definition.why
  return { benchmark: null, others: [], breakdown: [], alarm: null, ...definition, ...shown, action, why }
}

export const breakdownOf = (
  counters: Counters,
  prefix: string,
  total: number,
): { name: string; count: number; share: number | null }[] =>
  Object.entries(counters)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, counted = 0]) => ({
      name: name.slice(prefix.length),
      count: counted,
      share: total > 0 ? counted / total : null,
    }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))

export const delivered = ({ mails }: KpiInput): number => countOf(mails, 'delivered')

/** Where the common benchmarks come from. */
export const practice = 'trial-marketing practice, from a secondary source'

export const benchmarkOf = ({ benchmarks }: KpiInput, id: string, fallback: Benchmark): Benchmark => {
  const own = Object.hasOwn(benchmarks, id) ? benchmarks[id] : undefined
  return own === undefined ? fallback : { ...fallback, value: own, source: 'your playbook' }
}

/** What to do where a filter is in the way of a figure about people. */
export const unfilterAction = ({ isFiltered }: KpiInput): string | null =>
  isFiltered ? 'Remove the filter: this metric counts people, not single emails.' : null
