import type { Config } from './config.ts'
import { watchChanges } from './features/kpis/measure-changes.ts'
import { createMeasures, type WarnLog } from './features/kpis/measures.ts'
import { createMeasuringStore } from './features/kpis/measuring-settings.ts'
import { createMoney } from './features/kpis/money.ts'
import { createKpiReader } from './features/kpis/read-kpis.ts'
import { createRollups } from './features/kpis/rollups.ts'
import type { Playbooks } from './features/playbook/playbooks.ts'
import type { TrialChanges } from './features/trials/change-trial.ts'
import type { Clock, Ids } from './ports.ts'
import type { Storage } from './storage/port.ts'

/** All that counts: what the mails came to, what was paid and spent. */
export function createMeasuring({
  config,
  storage,
  playbooks,
  changes,
  clock,
  ids,
  log,
}: {
  config: Pick<Config, 'inboundSmtpPort'>
  storage: Storage
  playbooks: Playbooks
  changes: TrialChanges
  clock: Clock
  ids: Ids
  log: WarnLog
}) {
  const { documents } = storage
  const settings = createMeasuringStore(documents)
  const money = createMoney(documents)
  const rollups = createRollups(documents)
  const measures = createMeasures({ storage, playbooks, money, settings, rollups, clock, ids, log })
  changes.onSaved(watchChanges(measures))
  const hasInbound = config.inboundSmtpPort !== null
  const reader = createKpiReader({ playbooks, measures, rollups, money, settings, hasInbound })
  return { settings, money, measures, reader }
}

export type Measuring = ReturnType<typeof createMeasuring>
