import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Vault } from '../workspaces/vault.ts'
import { createMailStop, type MailStop } from './mail-stop.ts'
import { createSuppressions, keyedAddressHash, type Suppressions } from './suppression-list.ts'
import { suppressionRoutes } from './suppression-routes.ts'
import { takeOverPlainHashes } from './take-over-plain-hashes.ts'

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
  vault,
  clock,
}: {
  storage: Storage
  changes: TrialChanges
  audit: AuditLog
  vault: Pick<Vault, 'fingerprint'>
  clock: Clock
}): SuppressionsFeature {
  const suppressions = createSuppressions(
    storage.documents,
    () => clock.now(),
    keyedAddressHash((text) => vault.fingerprint(text, fingerprintPurpose)),
  )
  const mailStop = createMailStop({ storage, suppressions, changes, clock })
  return { suppressions, mailStop, routes: suppressionRoutes({ mailStop, suppressions, audit }) }
}

const fingerprintPurpose = 'suppression'

/** At the start, before any email can leave: an entry that is not found would let one through. */
export const migrateSuppressions = (storage: Storage, vault: Pick<Vault, 'fingerprint'>): Promise<number> =>
  takeOverPlainHashes(storage.documents, (text) => vault.fingerprint(text, fingerprintPurpose))
