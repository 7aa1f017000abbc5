import { minuteMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Dns } from '../../ports.ts'
import { checkRecords } from './check-records.ts'
import type { SendingSetup } from './needed-records.ts'
import type { CheckedRecord } from './record.ts'

interface DeliverabilityReport {
  readonly records: readonly CheckedRecord[]
  readonly checkedAt: number
}

export interface Deliverability {
  /** @returns null when no sender is set. */
  report(workspaceId: WorkspaceId): Promise<DeliverabilityReport | null>
}

/** How long an answer is given again, so that no one can make us hammer a resolver. */
const keptMs = minuteMs

export function createDeliverability({
  setupOf,
  dns,
  clock,
}: {
  setupOf: (workspaceId: WorkspaceId) => SendingSetup | null
  dns: Dns
  clock: Clock
}): Deliverability {
  const kept = new Map<WorkspaceId, { at: number; report: Promise<DeliverabilityReport> }>()

  async function check(setup: SendingSetup): Promise<DeliverabilityReport> {
    const records = await checkRecords(setup, dns)
    return { records, checkedAt: clock.now() }
  }

  return {
    async report(workspaceId) {
      const before = kept.get(workspaceId)
      const now = clock.now()
      if (before && now >= before.at && now - before.at < keptMs) return before.report
      const setup = setupOf(workspaceId)
      if (setup === null) return null
      const report = check(setup)
      kept.set(workspaceId, { at: now, report })
      // A failure is not kept: the next one who asks tries again.
      report.catch(() => kept.delete(workspaceId))
      return report
    },
  }
}
