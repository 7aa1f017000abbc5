import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as z from 'zod'
import type { WorkspaceId } from '../../shared/trial.ts'
import { createDnsLookup } from '../adapters/dns-lookup.ts'
import type { Config } from '../config.ts'
import { trialistView } from '../domain/reducer/trialist-view.ts'
import { accountRoutes } from '../features/accounts/account-routes.ts'
import type { Auth } from '../features/accounts/auth.ts'
import type { LoginBrake } from '../features/accounts/login-brake.ts'
import { auditRoutes } from '../features/audit/audit-routes.ts'
import type { Billing } from '../features/billing/billing.ts'
import { billingRoutes } from '../features/billing/billing-routes.ts'
import { companionRoutes } from '../features/companion/companion-routes.ts'
import { createSnippets } from '../features/companion/snippets.ts'
import { createDeliverability } from '../features/deliverability/deliverability.ts'
import { deliverabilityRoutes } from '../features/deliverability/deliverability-routes.ts'
import { senderAddresses, sendingSetup } from '../features/deliverability/sending-setup.ts'
import type { Inbound } from '../features/inbound/inbound.ts'
import { inboundRoutes } from '../features/inbound/inbound-routes.ts'
import { jobRoutes } from '../features/jobs/job-routes.ts'
import { lintJobKind } from '../features/lint/lint-job.ts'
import { lintRoutes } from '../features/lint/lint-routes.ts'
import { messageRoutes } from '../features/messages/message-routes.ts'
import { createPreviewMail } from '../features/messages/preview-mail.ts'
import type { MailAddresses } from '../features/messages/write-mail.ts'
import { brakeRoutes } from '../features/metrics/brake-routes.ts'
import { funnelRoute } from '../features/metrics/funnel-routes.ts'
import { kpiRoutes } from '../features/metrics/kpi-routes.ts'
import { moneyRoutes } from '../features/metrics/money-routes.ts'
import { nudgeLiftRoutes } from '../features/nudges/lift-routes.ts'
import { nudgePreviewRoutes } from '../features/nudges/preview.ts'
import { opsRoutes } from '../features/operations/health-routes.ts'
import { openApiDocument } from '../features/operations/openapi-document.ts'
import { createDryRun } from '../features/playbook/dry-run.ts'
import { playbookRoutes } from '../features/playbook/playbook-routes.ts'
import { simulateRoutes } from '../features/simulate/simulate-routes.ts'
import type { MailStop } from '../features/suppressions/mail-stop.ts'
import { suppressionRoutes } from '../features/suppressions/suppression-routes.ts'
import { trialRoutes } from '../features/trials/trial-routes.ts'
import { workspaceRoutes } from '../features/workspaces/workspace-routes.ts'
import { ok, type Route, route } from '../http/app-route.ts'
import { packageRoot, version } from '../package-root.ts'
import type { Clock, Ids, Mailer, Renderer } from '../ports.ts'
import type { Metrics } from '../prometheus.ts'
import type { Storage } from '../storage/port.ts'
import type { Services } from './services.ts'

function readStub(): string | null {
  const file = join(packageRoot, 'dist', 'sdk', 'v1', 'stub.js')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

/** The table of everything the API offers; the document made of it is its own last entry. */
export function apiRoutes(parts: {
  config: Config
  storage: Storage
  services: Services
  billing: Billing
  clock: Clock
  metrics: Metrics
  auth: Auth
  brake: LoginBrake
  ids: Ids
  renderer: Renderer
  mailer: Mailer
  inbound: Inbound
  mailStop: MailStop
  log: Logger
  addresses: MailAddresses
  publicUrl: () => string
  draining: () => boolean
}): Route[] {
  const {
    config,
    storage,
    services,
    billing,
    clock,
    metrics,
    auth,
    brake,
    ids,
    renderer,
    mailer,
    inbound,
    mailStop,
    log,
    addresses,
    publicUrl,
    draining,
  } = parts
  const {
    audit,
    accounts,
    grants,
    jobs,
    playbooks,
    trials,
    workspaces,
    suppressions,
    measuring,
    mailChecks,
  } = services
  const runJobs = () => {
    if (config.role !== 'web') void jobs.runPending().catch(() => undefined)
  }
  const replan = async (workspaceId: WorkspaceId, by: string) => {
    const counts = await storage.trials.countBySegment(workspaceId)
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
    const job = await jobs.start({ workspaceId, kind: 'replan', by, total })
    runJobs()
    return job
  }
  const now = () => clock.now()
  const table: Route[] = [
    ...trialRoutes({
      trials,
      storage,
      playbooks,
      audit,
      suppressions,
      view: trialistView,
      now,
    }),
    ...playbookRoutes({ playbooks, audit, dryRun: createDryRun({ storage, playbooks, clock }), replan }),
    ...nudgePreviewRoutes({ playbooks, clock }),
    ...nudgeLiftRoutes({ storage, playbooks }),
    ...jobRoutes({ jobs, kindsOfReps: [lintJobKind] }),
    ...auditRoutes({ audit }),
    ...suppressionRoutes({ mailStop, suppressions, audit }),
    ...deliverabilityRoutes({
      deliverability: createDeliverability({
        setupOf: (id) => sendingSetup(config, senderAddresses(playbooks.current(id).playbook)),
        dns: createDnsLookup(config.dnsServers),
        clock,
      }),
      mailFrom: config.mailFrom,
    }),
    ...billingRoutes({ billing, audit, publicUrl }),
    ...workspaceRoutes({ workspaces, audit, publicUrl, stub: readStub() }),
    ...accountRoutes({
      accounts,
      auth,
      audit,
      brake,
      endGrants: grants.endAll,
      workspaceName: (account) => workspaces.get(account.workspaceId)?.name ?? '',
    }),
    ...messageRoutes({
      storage,
      accounts,
      audit,
      mailer,
      preview: createPreviewMail({
        storage,
        playbooks,
        renderer,
        templatesDir: join(packageRoot, 'templates'),
        publicUrl: publicUrl(),
        now,
      }),
      checkSpam: mailChecks.checkSpam,
      addresses,
      now,
      uuid: () => ids.uuid(now()),
    }),
    ...inboundRoutes({ inbound, documents: storage.documents, now, log }),
    ...lintRoutes({ ...mailChecks, playbooks, runJobs }),
    ...simulateRoutes({ trials, playbooks, view: trialistView, now }),
    ...kpiRoutes({ storage, ...measuring, jobs, audit, runJobs, now }),
    ...brakeRoutes({ ...measuring, audit }),
    ...moneyRoutes({ storage, ...measuring, now }),
    funnelRoute({ storage, playbooks }),
    ...companionRoutes({
      companion: services.companion,
      trials,
      accounts,
      snippets: createSnippets({ playbooks }),
      publicUrl,
      version,
    }),
    ...opsRoutes({ storage, metrics, metricsToken: config.metricsToken, version, draining }),
  ]
  /** Made once, when first asked for: it never changes while the server runs. */
  let written: Record<string, unknown> | null = null
  const document: Route = route({
    method: 'get',
    path: '/openapi.json',
    id: 'openApi',
    tag: 'Operation',
    summary: 'This API as OpenAPI 3.1',
    role: 'none',
    answers: { 200: { description: 'OpenAPI 3.1 document', schema: z.looseObject({}) } },
    handle: async () => {
      written ??= openApiDocument(all, { version, publicUrl: publicUrl() })
      return ok(written)
    },
  })
  const all: Route[] = [...table, document]
  return all
}
