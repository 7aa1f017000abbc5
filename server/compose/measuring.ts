import type { WorkspaceId } from '../../shared/trial.ts'
import type { Config } from '../config.ts'
import type { Workspaces } from '../domain/workspace.ts'
import { hasConnection } from '../features/billing/connections.ts'
import { createSignals } from '../features/email-tracking/signals.ts'
import { hasInboundOverHttp } from '../features/inbound/inbound-routes.ts'
import type { MailMeasuring } from '../features/messages/send-message.ts'
import { createCurrencies } from '../features/metrics/currencies.ts'
import { createKpiGauges } from '../features/metrics/kpi-gauges.ts'
import { watchChanges } from '../features/metrics/measure-changes.ts'
import { createMeasures, type WarnLog } from '../features/metrics/measures.ts'
import { createMeasuringStore } from '../features/metrics/measuring-settings.ts'
import { createMetricsPush } from '../features/metrics/metrics-push.ts'
import { createMoney } from '../features/metrics/money.ts'
import { createKpiReader } from '../features/metrics/read-kpis.ts'
import { createRollups } from '../features/metrics/rollups.ts'
import { createMailBrake } from '../features/metrics/sending-brake.ts'
import { createSubjectTests } from '../features/metrics/subject-tests.ts'
import { createTakePayments } from '../features/metrics/take-payments.ts'
import type { Playbooks } from '../features/playbook/playbooks.ts'
import type { TrialChanges } from '../features/trials/change-trial.ts'
import type { Clock, Ids } from '../ports.ts'
import type { Storage } from '../storage/port.ts'

/** All that counts: what the mails came to, what was paid and spent. */
export function createMeasuring({
  config,
  storage,
  playbooks,
  workspaces,
  changes,
  clock,
  ids,
  log,
}: {
  config: Pick<Config, 'inboundSmtpPort' | 'metricsWebhook'>
  storage: Storage
  playbooks: Playbooks
  workspaces: Pick<Workspaces, 'all'>
  changes: TrialChanges
  clock: Clock
  ids: Ids
  log: WarnLog
}) {
  const { documents } = storage
  const settings = createMeasuringStore(documents)
  const money = createMoney(documents)
  const currencies = createCurrencies({ documents, playbooks })
  const rollups = createRollups(documents)
  const { reclassify } = createSignals({ storage, changes, clock, ids })
  const measures = createMeasures({
    storage,
    playbooks,
    money,
    settings,
    rollups,
    reclassify,
    clock,
    ids,
    log,
  })
  changes.onSaved(watchChanges(measures))
  const hasInbound = async (workspaceId: WorkspaceId) =>
    config.inboundSmtpPort !== null || hasInboundOverHttp(documents, workspaceId)
  const reader = createKpiReader({
    playbooks,
    measures,
    rollups,
    money,
    settings,
    currencies,
    hasBilling: (workspaceId) => hasConnection(documents, workspaceId),
    hasInbound,
  })
  const takePayments = createTakePayments({ money, currencies, measures })
  const subjectTests = createSubjectTests({ documents, reader, playbooks, clock })
  const brake = createMailBrake({ documents, reader, clock, log })
  const url = config.metricsWebhook
  const push =
    url === null
      ? null
      : createMetricsPush({
          url,
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
  const gauges = createKpiGauges({ reader, workspaces, clock })
  const checkBrakes = async () => {
    for (const { id } of workspaces.all()) await brake.check(id)
  }
  return {
    settings,
    currencies,
    money,
    takePayments,
    measures,
    reader,
    subjectTests,
    brake,
    push,
    mails,
    gauges,
    checkBrakes,
  }
}
