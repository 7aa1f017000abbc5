import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Signals } from '../email-tracking/signals.ts'
import type { Jobs } from '../jobs/job-service.ts'
import type { MailMeasuring } from '../messages/send-message.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { brakeRoutes } from './brake-routes.ts'
import { createCurrencies } from './currencies.ts'
import { createFoldSoon } from './fold-soon.ts'
import { funnelRoute } from './funnel-routes.ts'
import { createKpiGauges } from './kpi-gauges.ts'
import { kpiRoutes } from './kpi-routes.ts'
import { watchChanges } from './measure-changes.ts'
import { createMeasures, type WarnLog } from './measures.ts'
import { createMeasuringStore } from './measuring-settings.ts'
import { createMetricsPush } from './metrics-push.ts'
import { createMoney } from './money.ts'
import { moneyRoutes } from './money-routes.ts'
import { createKpiReader } from './read-kpis.ts'
import { createRebuild, rebuildKind } from './rebuild.ts'
import { createRollups } from './rollups.ts'
import { createMailBrake } from './sending-brake.ts'
import { createSubjectTests } from './subject-tests.ts'
import { createTakePayments } from './take-payments.ts'
import { createEarlyRevenue } from './unmatched-revenue.ts'

interface MetricsParts {
  readonly ports: { storage: Storage; clock: Clock; ids: Ids; log: WarnLog }
  readonly playbooks: Playbooks
  readonly workspaces: Pick<Workspaces, 'all'>
  readonly changes: TrialChanges
  readonly signals: Pick<Signals, 'reclassify' | 'onChanged'>
  readonly jobs: Jobs
  readonly audit: AuditLog
  /** Whether a metric can have a value at all: without a source it says so instead of 0. */
  readonly sources: {
    hasBilling(workspaceId: WorkspaceId): Promise<boolean>
    hasInbound(workspaceId: WorkspaceId): Promise<boolean>
  }
  readonly webhook: string | null
  /** Whether this process counts. */
  readonly worksHere: boolean
}

/** All that counts: what the emails led to, what was paid and spent. */
export function createMetricsFeature(parts: MetricsParts) {
  const { playbooks, workspaces, audit } = parts
  const { storage, clock, log } = parts.ports
  const counted = createCounting(parts)
  const { documents } = storage
  const { reader, measures, settings, currencies, money, rollups, rebuild } = counted
  const foldSoon = createFoldSoon(measures, log)
  if (parts.worksHere) measures.onMarked(foldSoon.marked)
  const { upToDate } = foldSoon
  const early = createEarlyRevenue({ storage, money, measures, clock, log })
  parts.changes.onSaved((trial) => early.onSaved(trial))
  const takePayments = createTakePayments({ money, currencies, measures, early })
  const subjectTests = createSubjectTests({ documents, reader, playbooks, clock })
  const brake = createMailBrake({ documents, reader, clock, log })
  const push =
    parts.webhook === null
      ? null
      : createMetricsPush({
          url: parts.webhook,
          workspaces: () => workspaces.all(),
          documents,
          reader,
          measures,
          clock,
          log,
        })
  const mails: MailMeasuring = {
    settings: (workspaceId) => settings.get(workspaceId),
    choose: (trial, ruleId) => subjectTests.choose(trial, ruleId),
    pauseOf: (workspaceId) => brake.pauseOf(workspaceId),
  }
  /** What follows from the metrics and what tests begin with, of all workspaces: a chore. */
  const review = async () => {
    for (const { id } of workspaces.all()) {
      await brake.check(id)
      await subjectTests.note(id)
    }
  }
  const now = () => clock.now()
  const routes: Route[] = [
    ...kpiRoutes({ reader, upToDate, settings, rebuild, audit, now }),
    ...brakeRoutes({ brake, subjectTests, upToDate, audit }),
    ...moneyRoutes({ storage, currencies, money, measures, rollups, early, audit, upToDate, now }),
    funnelRoute({ storage, playbooks }),
  ]
  const gauges = createKpiGauges({ reader, workspaces, clock })
  /** Lets what is under way end, so that nothing is lost. */
  const stop = async () => {
    await foldSoon.stop()
    await measures.settled()
  }
  return { settings, money, early, takePayments, measures, push, mails, gauges, review, routes, stop }
}

/** From what happened to the roll-ups, and from those to the metrics of a period. */
function createCounting({ ports, playbooks, changes, signals, jobs, sources }: MetricsParts) {
  const { documents } = ports.storage
  const settings = createMeasuringStore(documents)
  const money = createMoney(documents)
  const currencies = createCurrencies({ documents, playbooks })
  const rollups = createRollups(documents)
  const { reclassify } = signals
  const rebuild = createRebuild({ jobs, trials: ports.storage.trials })
  const recount = (workspaceId: WorkspaceId) => rebuild(workspaceId, 'upgrade')
  const measures = createMeasures({ ...ports, playbooks, money, settings, rollups, reclassify, recount })
  changes.onSaved(watchChanges(measures))
  signals.onChanged(measures.mark)
  jobs.register(rebuildKind, measures.rebuildStep)
  const reader = createKpiReader({ ...sources, playbooks, measures, rollups, money, settings, currencies })
  return { settings, money, currencies, measures, rollups, reader, rebuild }
}

export type MetricsFeature = ReturnType<typeof createMetricsFeature>
