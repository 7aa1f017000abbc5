import { dayMs, hourMs, isoInstant, minuteMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { daysLater } from '../../domain/metrics/days.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import { postJson } from '../../http/post-json.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { Measures, WarnLog } from './measures.ts'
import type { KpiReader } from './read-kpis.ts'

/** Hands yesterday’s figures to a webhook, once a day, with retries; days missed are made up for. */
export interface MetricsPush {
  run(): Promise<void>
}

const maxDaysMadeUp = 7
const maxWaitMs = 6 * hourMs

const retryMs = (failures: number): number => Math.min(5 * minuteMs * 2 ** failures, maxWaitMs)

export function createMetricsPush({
  url,
  workspaces,
  documents,
  reader,
  measures,
  clock,
  log,
}: {
  url: string
  workspaces: () => readonly { id: WorkspaceId; name: string }[]
  documents: DocumentStore
  reader: KpiReader
  measures: Measures
  clock: Clock
  log: WarnLog
}): MetricsPush {
  /** A flat list, as dashboards of other products take it: one row for each figure. */
  async function documentOf(workspace: { id: WorkspaceId; name: string }, day: string): Promise<string> {
    const { metrics, currency } = await reader.report(workspace.id, { from: day, to: day })
    return JSON.stringify({
      source: 'trialpace',
      workspace: workspace.name,
      date: day,
      sentAt: isoInstant(clock.now()),
      currency,
      metrics: metrics.flatMap((metric) =>
        [metric, ...metric.others].map(
          ({ id, name, unit, value, numerator, denominator, interval, quality }) => ({
            id,
            name,
            unit,
            value,
            numerator,
            denominator,
            low: interval?.low ?? null,
            high: interval?.high ?? null,
            quality,
          }),
        ),
      ),
    })
  }

  async function push(workspace: { id: WorkspaceId; name: string }): Promise<void> {
    const now = clock.now()
    const yesterday = utcDay(now - dayMs)
    const found = await documents.get('metrics-push', workspace.id)
    const before = found?.body ?? { day: daysLater(yesterday, -1), failures: 0, nextAt: 0 }
    const oldest = daysLater(yesterday, -maxDaysMadeUp)
    const day = [daysLater(before.day, 1), daysLater(oldest, 1)].sort().at(-1) as string
    if (day > yesterday || now < before.nextAt) return
    // Taken before it is sent: of several servers one sends, and one that dies is followed after a while.
    const claim = { ...before, failures: before.failures + 1, nextAt: now + retryMs(before.failures) }
    const version = await documents.put('metrics-push', workspace.id, claim, found?.version ?? 0)
    if (version === null) return
    try {
      await postJson(new URL(url), await documentOf(workspace, day), {
        'Idempotency-Key': `${workspace.id}-${day}`,
      })
    } catch (error) {
      return log.warn({ err: error, day }, 'the daily metrics were not taken, they will be sent again')
    }
    await documents.put('metrics-push', workspace.id, { day, failures: 0, nextAt: 0 }, version)
  }

  return {
    async run() {
      await measures.fold()
      for (const workspace of workspaces()) await push(workspace)
    },
  }
}
