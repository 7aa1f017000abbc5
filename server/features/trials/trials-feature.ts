import { trialistView } from '../../domain/reducer/trialist-view.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from './change-trial.ts'
import { companyRoutes } from './company-routes.ts'
import { createCompanyService } from './company-service.ts'
import { createEraseMember, type ErasureParts } from './erase-trial.ts'
import type { Memberships } from './memberships.ts'
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
  memberships: Memberships
  playbooks: Playbooks
  audit: AuditLog
  suppressions: Suppressions
  billingOf: BillingOf
  marksStored: ErasureParts['marksStored']
  clock: Clock
  ids: Ids
}): TrialsFeature {
  const now = () => clock.now()
  const trials = createTrialService({ ...parts, ids, now })
  const companies = createCompanyService({ ...parts, trials, ids, now })
  const routeParts = { ...parts, trials, view: trialistView, now }
  const eraseMember = createEraseMember(parts)
  return {
    trials,
    routes: [...trialRoutes(routeParts, eraseMember), ...companyRoutes(routeParts, companies, eraseMember)],
  }
}
