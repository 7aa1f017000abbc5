import type { Grouping } from '../../../shared/api/metrics.ts'
import { dayMs, dayText } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { addCounters, type Counters, countOf, sumOfCounters } from '../../domain/metrics/counters.ts'
import { kpis, type Metric } from '../../domain/metrics/kpi.ts'
import type { RowId } from '../../domain/metrics/measure-trial.ts'
import { holdoutLift } from '../../domain/metrics/money.ts'
import { breathe } from '../../storage/breathe.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Currencies } from './currencies.ts'
import type { Measures } from './measures.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import type { Money } from './money.ts'
import type { Rollups, Row } from './rollups.ts'

/** UTC days `YYYY-MM-DD`, both included. */
interface KpiQuery {
  readonly from: string
  readonly to: string
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

const firstDay = '2000-01-01'
const trialMonthDays = 365.25 / 12

const partOf = (row: RowId, by: Grouping): string =>
  row.split('/')[{ day: 0, rule: 1, kind: 2, variant: 3, locale: 4 }[by]] ?? ''

const startOf = (day: string): number => dayNumber(day) * dayMs
export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / dayMs)
export const daysLater = (day: string, days: number): string => dayText(dayNumber(day) + days)
const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from) + 1

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

const lost = (counters: Counters): number =>
  (['unsubscribed', 'complaint', 'bounce', 'manual'] as const).reduce(
    (sum, cause) => sum + countOf(counters, `lost:${cause}`),
    0,
  )

const upTo = (rows: readonly Row[], to: string): Row[] => rows.filter(({ row }) => row.slice(0, 10) <= to)

/** What is counted by month belongs to each month the period touches, the rest to its day. */
function peopleIn(rows: readonly Row[], from: string): Promise<Counters> {
  const month = `${from.slice(0, 7)}-01`
  const ofPeriod = rows.flatMap(({ row, counters }) => {
    const day = row.slice(0, 10)
    if (day < month) return []
    if (day >= from) return [{ row, counters }]
    const monthly = Object.entries(counters).filter(([name]) => name.endsWith('InMonth'))
    return [{ row, counters: Object.fromEntries(monthly) }]
  })
  return sumOf(ofPeriod)
}

/** Mean over the days of how many people could be mailed. */
function meanSubscribers(rows: readonly Row[], from: string, to: string): number | null {
  const byDay = new Map<string, number>()
  for (const { row, counters } of rows) {
    const day = row.slice(0, 10)
    byDay.set(day, (byDay.get(day) ?? 0) + countOf(counters, 'subscribed') - lost(counters))
  }
  if (byDay.size === 0) return null
  let now = 0
  for (const [day, change] of byDay) if (day < from) now += change
  let sum = 0
  const days = daysBetween(from, to)
  for (let day = 0; day < days; day++) {
    now += byDay.get(daysLater(from, day)) ?? 0
    sum += now
  }
  return sum / days
}

function weeklyUnsubscribes(rows: readonly Row[], to: string): number[] {
  const weeks = Array<number>(9).fill(0)
  for (const { row, counters } of rows) {
    const age = daysBetween(row.slice(0, 10), to) - 1
    const week = 8 - Math.floor(age / 7)
    if (age >= 0 && week >= 0) weeks[week] = (weeks[week] ?? 0) + countOf(counters, 'lost:unsubscribed')
  }
  return weeks
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
    const generation = await measures.generation(workspaceId)
    const rows = await rollups.read(workspaceId, generation, 'mails', query.from, query.to)
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
    const entries = await money.costs(workspaceId, startOf(from), startOf(to) + dayMs)
    if (costs.length === 0 && entries.length === 0 && !(await money.hasAny(workspaceId, 'cost'))) return null
    const months = daysBetween(from, to) / trialMonthDays
    const running = costs.reduce(
      (sum, { amountMinor, per }) => sum + amountMinor * (per === 'month' ? months : handed),
      0,
    )
    return Math.round(running) + entries.reduce((sum, { baseMinor }) => sum + baseMinor, 0)
  }

  /** What no period changes, and people from the first day on: subscribers are the sum of all changes so far. */
  async function sourceOf(workspaceId: WorkspaceId, to: string) {
    const { playbook } = playbooks.current(workspaceId)
    const generation = await measures.generation(workspaceId)
    const { spamScore, spamScoreAt } = await settings.get(workspaceId)
    return {
      people: await rollups.read(workspaceId, generation, 'people', firstDay, to),
      constants: {
        hasRevenue: (await money.hasAny(workspaceId, 'revenue')) || (await hasBilling(workspaceId)),
        missingRates: await currencies.wanted(workspaceId),
        currency: playbook.product.currency,
        hasInbound: await hasInbound(workspaceId),
        spamScore,
        spamScoreAt,
        benchmarks: playbook.benchmarks,
      },
    }
  }

  async function inputOf(
    workspaceId: WorkspaceId,
    query: KpiQuery,
    { people, constants }: Awaited<ReturnType<typeof sourceOf>>,
  ) {
    const rows = await mailRows(workspaceId, query)
    const known = upTo(people, query.to)
    const mails = await sumOf(rows)
    // Of everyone, also of payers who are no trialist of ours.
    const revenue = await money.revenue(workspaceId, startOf(query.from), startOf(query.to) + dayMs)
    const revenueAllMinor = revenue.reduce((total, { baseMinor }) => total + baseMinor, 0)
    return {
      rows,
      input: {
        ...constants,
        mails,
        people: { ...(await peopleIn(known, query.from)), revenueAllMinor },
        weeklyUnsubscribes: weeklyUnsubscribes(known, query.to),
        meanSubscribers: meanSubscribers(known, query.from, query.to),
        costsMinor: await costsOf(workspaceId, query, countOf(mails, 'handed')),
        isFiltered: [query.rule, query.kind, query.variant, query.locale].some((part) => part !== undefined),
      },
    }
  }

  return {
    async report(workspaceId, query) {
      const source = await sourceOf(workspaceId, query.to)
      return reportOf(query, (await inputOf(workspaceId, query, source)).input)
    },
    async compare(workspaceId, query, by) {
      const days = daysBetween(query.from, query.to)
      const earlier = { ...query, from: daysLater(query.from, -days), to: daysLater(query.from, -1) }
      const source = await sourceOf(workspaceId, query.to)
      const { rows, input } = await inputOf(workspaceId, query, source)
      const before = await inputOf(workspaceId, earlier, source)
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
