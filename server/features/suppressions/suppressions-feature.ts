import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { createMailStop, type MailStop } from './mail-stop.ts'
import { createSuppressions, type Suppressions } from './suppression-list.ts'
import { suppressionRoutes } from './suppression-routes.ts'

export interface SuppressionsFeature {
  readonly suppressions: Suppressions
  readonly mailStop: MailStop
  readonly routes: Route[]
}

/** The suppression list, and what it changes on every trial that has the address. */
export function createSuppressionsFeature({
  storage,
  changes,
  audit,
  clock,
}: {
  storage: Storage
  changes: TrialChanges
  audit: AuditLog
  clock: Clock
}): SuppressionsFeature {
  const suppressions = createSuppressions(storage.documents, () => clock.now())
  const mailStop = createMailStop({ storage, suppressions, changes, clock })
  return { suppressions, mailStop, routes: suppressionRoutes({ mailStop, suppressions, audit }) }
}
