import { metricsApi } from '../../../shared/api/metrics.ts'
import { dayMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'

import type { Job, Jobs } from '../jobs/job-service.ts'
import { kpiCsv, seriesCsv } from './kpi-csv.ts'

import type { Measures } from './measures.ts'
import type { MeasuringStore } from './measuring-settings.ts'
import { daysLater, type KpiReader } from './read-kpis.ts'

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
  readonly storage: Storage
  readonly reader: KpiReader
  readonly measures: Measures
  readonly settings: MeasuringStore
  readonly jobs: Jobs
  readonly audit: AuditLog
  readonly now: () => number
}

/** The figures, from roll-ups that are brought up to date first. */
export function kpiRoutes(parts: KpiRouteParts): Route[] {
  const { reader, measures, now } = parts

  return [
    route(metricsApi, 'GET /api/kpis', {
      id: 'kpis',
      tag,
      summary: 'The 21 metrics of a period, with intervals, quality and trend; as JSON or CSV',
      role: 'analyst',
      async handle({ workspace, query }) {
        const { by, format, from, to, ...filter } = query
        const period = { ...filter, ...periodOf({ from, to }, now()) }
        await measures.fold()
        const { report: plain, before, series } = await reader.compare(workspace.id, period, by)
        const values = new Map(before.metrics.map(({ id, value }) => [id, value]))
        const report = {
          ...plain,
          metrics: plain.metrics.map((metric) => ({ ...metric, before: values.get(metric.id) ?? null })),
        }
        if (format === 'csv')
          return {
            status: 200,
            headers: {
              'Content-Type': 'text/csv; charset=utf-8',
              'Content-Disposition': `attachment; filename="trialpace-${period.from}-${period.to}.csv"`,
            },
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

/** Starts counting again, unless that is under way. */
async function startRebuild(
  { jobs, storage }: Pick<KpiRouteParts, 'jobs' | 'storage'>,
  workspaceId: WorkspaceId,
  by: string,
): Promise<Job> {
  const running = (await jobs.list(workspaceId, 50)).find(
    ({ kind, state }) => kind === 'rebuildKpis' && (state === 'queued' || state === 'running'),
  )
  if (running) return running
  const counts = await storage.trials.countBySegment(workspaceId)
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
  return jobs.start({ workspaceId, kind: 'rebuildKpis', by, total })
}

const rebuildRoute = (parts: KpiRouteParts): Route =>
  route(metricsApi, 'POST /api/kpis/rebuild', {
    id: 'rebuildKpis',
    tag,
    summary: 'Counts all figures anew from mails, signals and trials; answers with the job',
    role: 'admin',
    async handle({ workspace, principal }) {
      return { status: 202, body: await startRebuild(parts, workspace.id, principal.actor.name) }
    },
  })

const measuringRoutes = ({ settings, audit, ...parts }: KpiRouteParts): Route[] => [
  route(metricsApi, 'GET /api/measuring', {
    id: 'getMeasuring',
    tag,
    summary: 'How far opens and clicks are recorded, and how conversions are credited',
    role: 'rep',
    handle: async ({ workspace }) => ok(await settings.get(workspace.id)),
  }),
  route(metricsApi, 'PUT /api/measuring', {
    id: 'putMeasuring',
    tag,
    summary: 'Changes what is given and keeps the rest; another window counts all figures anew',
    role: 'admin',
    async handle({ workspace, body, principal, ip }) {
      const { before, after } = await settings.change(workspace.id, body)
      await audit.write(workspace.id, { by: principal.id, action: 'measuring.change', before, after, ip })
      const job =
        before.attributionDays === after.attributionDays
          ? null
          : await startRebuild(parts, workspace.id, principal.actor.name)
      return ok({ settings: after, job })
    },
  }),
]
