import type { BillingState } from '../../../shared/billing.ts'
import type { TrialId } from '../../../shared/trial.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { ErasureParts } from './erase-trial.ts'
import type { TrialService } from './trial-service.ts'

/** Makes the API’s picture of a trial. */
export type TrialView = (trial: Trial, playbook: CompiledPlaybook, now: number) => Trialist

export type BillingOf = (trialId: TrialId) => Promise<BillingState | null>

export const trialistTag = 'Trialists'

/** Answers with a trialist as things stand now, and the version for `If-Match`. */
export type ShowTrialist = (trial: Trial) => Promise<{
  readonly status: 200
  readonly body: Trialist
  readonly headers: Record<string, string>
}>

/** What the routes about trialists work with. */
export interface TrialRouteParts extends ErasureParts {
  readonly trials: TrialService
  readonly playbooks: Playbooks
  readonly audit: AuditLog
  readonly view: TrialView
  /** What the billing system knows of a trialist; null: nothing. */
  readonly billingOf: BillingOf
  readonly now: () => number
  readonly suppressions: Suppressions
}
