import { trialistView } from '../../domain/reducer/trialist-view.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from './change-trial.ts'
import type { BillingOf } from './trial-route-parts.ts'
import { trialRoutes } from './trial-routes.ts'
import { createTrialService, type TrialService } from './trial-service.ts'

export interface TrialsFeature {
  readonly trials: TrialService
  readonly routes: Route[]
}

/** Trialists: their page, their clock, their data. */
export function createTrialsFeature({
  clock,
  ids,
  ...parts
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
  audit: AuditLog
  suppressions: Suppressions
  billingOf: BillingOf
  clock: Clock
  ids: Ids
}): TrialsFeature {
  const now = () => clock.now()
  const trials = createTrialService({ ...parts, ids, now })
  return { trials, routes: trialRoutes({ ...parts, trials, view: trialistView, now }) }
}
