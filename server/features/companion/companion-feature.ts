import type { RequestHandler } from 'express'
import type { BillingState } from '../../../shared/billing.ts'
import type { TrialId } from '../../../shared/trial.ts'
import type { Route } from '../../http/app-route.ts'
import { version } from '../../package-root.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialService } from '../trials/trial-service.ts'
import { companionRoutes } from './companion-routes.ts'
import { createCompanion } from './companion-service.ts'
import { createOauthRoutes, type OauthParts } from './oauth-routes.ts'
import { createSnippets } from './snippets.ts'

/** The Gmail companion: its sign-in, and the cards it shows. */
export function createCompanionFeature({
  signIn,
  ports: { storage, clock, ids },
  playbooks,
  trials,
  mark,
  billingOf,
  publicUrl,
}: {
  signIn: OauthParts
  ports: { storage: Storage; clock: Clock; ids: Ids }
  playbooks: Playbooks
  trials: TrialService
  /** Called when a rep’s label changes a trial’s metrics. */
  mark: (trialId: TrialId) => void
  /** What the billing system knows of a trialist. */
  billingOf: (trialId: TrialId) => Promise<BillingState | null>
  publicUrl: string
}): { readonly handler: RequestHandler; readonly routes: Route[] } {
  const companion = createCompanion({ storage, playbooks, ids, now: () => clock.now(), mark, billingOf })
  const routes = companionRoutes({
    companion,
    trials,
    accounts: signIn.accounts,
    snippets: createSnippets({ playbooks }),
    publicUrl,
    version,
  })
  return { handler: createOauthRoutes(signIn), routes }
}
