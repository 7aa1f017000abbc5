import { metricsApi } from '../../../shared/api/metrics.ts'
import { dayMs } from '../../../shared/clock.ts'
import { daysLater } from '../../domain/metrics/days.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'

import { csvHeaders } from './csv.ts'
import { kpiCsv, seriesCsv } from './kpi-csv.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import type { KpiReader } from './read-kpis.ts'
import type { Rebuild } from './rebuild.ts'

const tag = 'Figures'
const defaultDays = 28
const maxDays = 1100

/** @throws ProblemError when the days are in the wrong order or too many. */
export function periodOf(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: number,
): { from: string; to: string } {
  const last = to ?? utcDay(now)
  const first = from ?? daysLater(last, 1 - defaultDays)
  const days = (Date.parse(last) - Date.parse(first)) / dayMs
  if (days < 0 || days > maxDays)
    throw new ProblemError('invalid-request', {
      detail: `Give \`from\` before \`to\`, at most ${maxDays} days apart.`,
    })
  return { from: first, to: last }
}

export interface KpiRouteParts {
  readonly reader: KpiReader
  /** Resolves when what has just happened is counted, unless that takes a while. */
  readonly upToDate: () => Promise<void>
  readonly settings: MeasuringStore
  readonly rebuild: Rebuild
  readonly audit: AuditLog
  readonly now: () => number
}

/** The metrics, from roll-ups that the worker keeps up to date: reading writes nothing. */
export function kpiRoutes(parts: KpiRouteParts): Route[] {
  const { reader, upToDate, now } = parts

  return [
    route(metricsApi, 'GET /api/kpis', {
      id: 'kpis',
      tag,
      summary: 'Get the 21 metrics of a period, with intervals, quality and trend; as JSON or CSV',
      role: 'analyst',
      async handle({ workspace, query }) {
        const { by, format, from, to, ...filter } = query
        const period = { ...filter, ...periodOf({ from, to }, now()) }
        await upToDate()
        const { report: plain, before, series } = await reader.compare(workspace.id, period, by)
        const values = new Map(before.metrics.map(({ id, value }) => [id, value]))
        const report = {
          ...plain,
          metrics: plain.metrics.map((metric) => ({ ...metric, before: values.get(metric.id) ?? null })),
        }
        if (format === 'csv')
          return {
            status: 200,
            headers: csvHeaders(`trialpace-${period.from}-${period.to}`),
            stream: async (response) =>
              void response.end(by && series ? seriesCsv(report, by, series) : kpiCsv(report)),
          }
        return ok(series ? { ...report, series } : report)
      },
    }),
    rebuildRoute(parts),
    ...measuringRoutes(parts),
  ]
}

const rebuildRoute = (parts: KpiRouteParts): Route =>
  route(metricsApi, 'POST /api/kpis/rebuild', {
    id: 'rebuildKpis',
    tag,
    summary: 'Recalculate all metrics from emails, signals and trials; returns the job',
    role: 'admin',
    async handle({ workspace, principal }) {
      return { status: 202, body: await parts.rebuild(workspace.id, principal.actor.name) }
    },
  })

const measuringRoutes = ({ settings, audit, ...parts }: KpiRouteParts): Route[] => [
  route(metricsApi, 'GET /api/measuring', {
    id: 'getMeasuring',
    tag,
    summary: 'Get the email tracking settings and how conversions are credited',
    role: 'rep',
    handle: async ({ workspace }) => ok(await settings.get(workspace.id)),
  }),
  route(metricsApi, 'PUT /api/measuring', {
    id: 'putMeasuring',
    tag,
    summary:
      'Change the email tracking settings; absent fields keep their value. A different window recalculates all metrics',
    role: 'admin',
    async handle({ workspace, body, principal, ip }) {
      const { before, after } = await settings.change(workspace.id, body)
      await audit.write(workspace.id, { by: principal.id, action: 'measuring.change', before, after, ip })
      const job =
        before.attributionDays === after.attributionDays
          ? null
          : await parts.rebuild(workspace.id, principal.actor.name)
      return ok({ settings: after, job })
    },
  }),
]
