import type { Grouping } from '../../../shared/api/metrics.ts'
import { dayMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { addCounters, type Counters, countOf, sumOfCounters } from '../../domain/metrics/counters.ts'
import { daysBetween, daysLater, type Period, startOfDay } from '../../domain/metrics/days.ts'
import { kpis, type Metric } from '../../domain/metrics/kpi.ts'
import { allDaysRow, type RowId } from '../../domain/metrics/measure-trial.ts'
import { holdoutLift } from '../../domain/metrics/money.ts'
import {
  firstDayFor,
  meanSubscribers,
  type People,
  peopleIn,
  peopleSince,
  weeklyUnsubscribes,
} from '../../domain/metrics/people-days.ts'
import { breathe } from '../../storage/breathe.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Currencies } from './currencies.ts'
import type { Measures } from './measures.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import type { Money } from './money.ts'
import type { Rollups, Row } from './rollups.ts'

interface KpiQuery extends Period {
  readonly rule?: string | undefined
  readonly kind?: string | undefined
  readonly variant?: string | undefined
  readonly locale?: string | undefined
}

export interface KpiReport {
  readonly from: string
  readonly to: string
  readonly currency: string
  readonly metrics: readonly Metric[]
  readonly holdout: ReturnType<typeof holdoutLift>
}

/** The values of each group, by metric. */
export type KpiSeries = { key: string; delivered: number; values: Record<string, number | null> }[]

export interface KpiReader {
  report(workspaceId: WorkspaceId, query: KpiQuery): Promise<KpiReport>
  /** The period, as many days before it, and the period by group if asked for; what they share is read once. */
  compare(
    workspaceId: WorkspaceId,
    query: KpiQuery,
    by: Grouping | undefined,
  ): Promise<{ report: KpiReport; before: KpiReport; series: KpiSeries | undefined }>
  /** Sums by rule and variant, e.g. for subject tests. */
  byVariant(workspaceId: WorkspaceId, from: string, to: string): Promise<Map<string, Map<number, Counters>>>
  /** Sum over all emails of these days. */
  mails(workspaceId: WorkspaceId, from: string, to: string): Promise<Counters>
}

const firstDayOfAll = '2000-01-01'
const lastDayOfAll = '9999-12-31'
const trialMonthDays = 365.25 / 12

const partOf = (row: RowId, by: Grouping): string =>
  row.split('/')[{ day: 0, rule: 1, kind: 2, variant: 3, locale: 4 }[by]] ?? ''

/** Rows that are added up before others get their turn. */
const rowsAtOnce = 500

async function sumOf(rows: readonly Row[]): Promise<Counters> {
  let sum: Counters = {}
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce).map(({ counters }) => counters)
    sum = sumOfCounters([sum, ...some])
    await breathe()
  }
  return sum
}

type KpiInput = Parameters<typeof kpis>[0] & Parameters<typeof holdoutLift>[0]

const reportOf = ({ from, to }: KpiQuery, input: KpiInput): KpiReport => ({
  from,
  to,
  currency: input.currency,
  metrics: kpis(input),
  holdout: holdoutLift(input),
})

async function seriesOf(rows: readonly Row[], input: KpiInput, by: Grouping): Promise<KpiSeries> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = partOf(row.row, by)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  const series: KpiSeries = []
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const mails = await sumOf(group)
    const metrics = kpis({ ...input, mails, isFiltered: true })
    series.push({
      key,
      delivered: countOf(mails, 'delivered'),
      values: Object.fromEntries(metrics.map(({ id, value }) => [id, value])),
    })
  }
  return series
}

export function createKpiReader({
  playbooks,
  measures,
  rollups,
  money,
  settings,
  currencies,
  hasBilling,
  hasInbound,
}: {
  playbooks: Playbooks
  measures: Measures
  rollups: Rollups
  money: Money
  settings: MeasuringStore
  currencies: Pick<Currencies, 'wanted'>
  /** Whether a billing system is connected, which will tell of payments. */
  hasBilling: (workspaceId: WorkspaceId) => Promise<boolean>
  /** Whether this workspace’s bounces and replies reach us. */
  hasInbound: (workspaceId: WorkspaceId) => Promise<boolean>
}): KpiReader {
  async function mailRows(workspaceId: WorkspaceId, query: KpiQuery): Promise<Row[]> {
    const { id } = await measures.generation(workspaceId)
    const rows = await rollups.read(workspaceId, id, 'mails', query.from, query.to)
    const shared = await rollups.shared(workspaceId, query.from, query.to)
    return [...rows, ...shared].filter(({ row }) =>
      (['rule', 'kind', 'variant', 'locale'] as const).every(
        (by) => query[by] === undefined || partOf(row, by) === query[by],
      ),
    )
  }

  /** Entries of the period, and the playbook’s running costs for as long as it lasts. */
  async function costsOf(
    workspaceId: WorkspaceId,
    { from, to }: KpiQuery,
    handed: number,
  ): Promise<number | null> {
    const { costs } = playbooks.current(workspaceId).playbook
    const entries = await money.costs(workspaceId, startOfDay(from), startOfDay(to) + dayMs)
    if (costs.length === 0 && entries.length === 0 && !(await money.hasAny(workspaceId, 'cost'))) return null
    const months = daysBetween(from, to) / trialMonthDays
    const running = costs.reduce(
      (sum, { amountMinor, per }) => sum + amountMinor * (per === 'month' ? months : handed),
      0,
    )
    return Math.round(running) + entries.reduce((sum, { baseMinor }) => sum + baseMinor, 0)
  }

  /** What no period changes. */
  async function constantsOf(workspaceId: WorkspaceId) {
    const { playbook } = playbooks.current(workspaceId)
    const { spamScore, spamScoreAt } = await settings.get(workspaceId)
    return {
      hasRevenue: (await money.hasAny(workspaceId, 'revenue')) || (await hasBilling(workspaceId)),
      missingRates: await currencies.wanted(workspaceId),
      currency: playbook.product.currency,
      hasInbound: await hasInbound(workspaceId),
      spamScore,
      spamScoreAt,
      benchmarks: playbook.benchmarks,
    }
  }

  /** Once for all periods: the days from the first that one of them asks for, and the sum of all there are. */
  async function peopleFor(workspaceId: WorkspaceId, periods: readonly Period[]): Promise<People> {
    const { id, hasTotal } = await measures.generation(workspaceId)
    const first = hasTotal ? (periods.map(firstDayFor).sort()[0] as string) : firstDayOfAll
    const rows = await rollups.read(workspaceId, id, 'people', first, hasTotal ? allDaysRow : lastDayOfAll)
    const days = rows
      .filter(({ row }) => row !== allDaysRow)
      .map(({ row, counters }) => ({ day: partOf(row, 'day'), counters }))
    if (!hasTotal) return { days, subscribersBefore: 0 }
    const total = rows.find(({ row }) => row === allDaysRow)
    return peopleSince(days, countOf(total?.counters ?? {}, 'subscribers'))
  }

  async function inputOf(
    workspaceId: WorkspaceId,
    query: KpiQuery,
    people: People,
    constants: Awaited<ReturnType<typeof constantsOf>>,
  ) {
    const rows = await mailRows(workspaceId, query)
    const mails = await sumOf(rows)
    // Of everyone, also of payers who are no trialist of ours.
    const revenue = await money.revenue(workspaceId, startOfDay(query.from), startOfDay(query.to) + dayMs)
    const revenueAllMinor = revenue.reduce((total, { baseMinor }) => total + baseMinor, 0)
    return {
      rows,
      input: {
        ...constants,
        mails,
        people: { ...peopleIn(people, query), revenueAllMinor },
        weeklyUnsubscribes: weeklyUnsubscribes(people, query),
        meanSubscribers: meanSubscribers(people, query),
        costsMinor: await costsOf(workspaceId, query, countOf(mails, 'handed')),
        isFiltered: [query.rule, query.kind, query.variant, query.locale].some((part) => part !== undefined),
      },
    }
  }

  return {
    async report(workspaceId, query) {
      const people = await peopleFor(workspaceId, [query])
      return reportOf(
        query,
        (await inputOf(workspaceId, query, people, await constantsOf(workspaceId))).input,
      )
    },
    async compare(workspaceId, query, by) {
      const days = daysBetween(query.from, query.to)
      const earlier = { ...query, from: daysLater(query.from, -days), to: daysLater(query.from, -1) }
      const constants = await constantsOf(workspaceId)
      const people = await peopleFor(workspaceId, [query, earlier])
      const { rows, input } = await inputOf(workspaceId, query, people, constants)
      const before = await inputOf(workspaceId, earlier, people, constants)
      return {
        report: reportOf(query, input),
        before: reportOf(earlier, before.input),
        series: by && (await seriesOf(rows, input, by)),
      }
    },
    async byVariant(workspaceId, from, to) {
      const rules = new Map<string, Map<number, Counters>>()
      for (const { row, counters } of await mailRows(workspaceId, { from, to })) {
        const variant = Number(partOf(row, 'variant'))
        if (!Number.isInteger(variant)) continue
        const arms = rules.get(partOf(row, 'rule')) ?? new Map<number, Counters>()
        arms.set(variant, addCounters(arms.get(variant) ?? {}, counters))
        rules.set(partOf(row, 'rule'), arms)
      }
      return rules
    },
    mails: async (workspaceId, from, to) => sumOf(await mailRows(workspaceId, { from, to })),
  }
}
