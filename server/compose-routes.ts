import * as z from 'zod'
import type { WorkspaceId } from '../shared/trial.ts'
import type { Services } from './compose-services.ts'
import type { Config } from './config.ts'
import { accountRoutes } from './features/accounts/account-routes.ts'
import { createLoginBrake } from './features/accounts/login-brake.ts'
import { auditRoutes } from './features/audit/audit-routes.ts'
import { jobRoutes } from './features/jobs/job-routes.ts'
import { openApiDocument } from './features/openapi/openapi-document.ts'
import { kpiRoutes } from './features/ops/kpi-routes.ts'
import { opsRoutes } from './features/ops/ops-routes.ts'
import { createDryRun } from './features/playbook/dry-run.ts'
import { playbookRoutes } from './features/playbook/playbook-routes.ts'
import { simulateRoutes } from './features/simulate/simulate-routes.ts'
import { trialRoutes } from './features/trials/trial-routes.ts'
import { trialistSummary } from './features/trials/trial-summary.ts'
import { workspaceRoutes } from './features/workspaces/workspace-routes.ts'
import { ok, type Route, route } from './http/app-route.ts'
import type { Auth } from './http/auth.ts'
import type { Metrics } from './metrics.ts'
import { version } from './package-root.ts'
import type { Clock } from './ports.ts'
import type { Storage } from './storage/port.ts'

/** The table of everything the API offers; the document made of it is its own last entry. */
export function apiRoutes(parts: {
  config: Config
  storage: Storage
  services: Services
  clock: Clock
  metrics: Metrics
  auth: Auth
  publicUrl: () => string
  draining: () => boolean
}): Route[] {
  const { config, storage, services, clock, metrics, auth, publicUrl, draining } = parts
  const { audit, accounts, jobs, playbooks, trials, workspaces, suppressions } = services
  const replan = async (workspaceId: WorkspaceId, by: string) => {
    const counts = await storage.trials.countBySegment(workspaceId)
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
    const job = await jobs.start({ workspaceId, kind: 'replan', by, total })
    if (config.role !== 'web') void jobs.runPending().catch(() => undefined)
    return job
  }
  const view = trialistSummary
  const table: Route[] = [
    ...trialRoutes({
      trials,
      storage,
      playbooks,
      audit,
      suppressions,
      view,
      now: () => clock.now(),
    }),
    ...playbookRoutes({ playbooks, audit, dryRun: createDryRun({ storage, playbooks, clock }), replan }),
    ...jobRoutes({ jobs }),
    ...auditRoutes({ audit }),
    ...workspaceRoutes({ workspaces, audit, publicUrl }),
    ...accountRoutes({
      accounts,
      auth,
      audit,
      brake: createLoginBrake({ clock }),
      workspaceName: (account) => workspaces.get(account.workspaceId)?.name ?? '',
    }),
    ...simulateRoutes({ trials, playbooks, view, now: () => clock.now() }),
    ...kpiRoutes({ storage, playbooks }),
    ...opsRoutes({ storage, metrics, metricsToken: config.metricsToken, version, draining }),
  ]
  const document: Route = route({
    method: 'get',
    path: '/openapi.json',
    id: 'openApi',
    tag: 'Operation',
    summary: 'This API as OpenAPI 3.1',
    role: 'none',
    answers: { 200: { description: 'OpenAPI 3.1 document', schema: z.looseObject({}) } },
    handle: async () => ok(openApiDocument(all, { version, publicUrl: publicUrl() })),
  })
  const all: Route[] = [...table, document]
  return all
}
