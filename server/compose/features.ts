import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { secondMs } from '../../shared/clock.ts'
import type { WorkspaceId } from '../../shared/trial.ts'
import type { Config } from '../config.ts'
import { trialistView } from '../domain/reducer/trialist-view.ts'
import { holdOf, unreleased } from '../domain/sending.ts'
import { createAccountsFeature } from '../features/accounts/accounts-feature.ts'
import { auditRoutes } from '../features/audit/audit-routes.ts'
import { createBillingFeature } from '../features/billing/billing-feature.ts'
import { hasConnection } from '../features/billing/connections.ts'
import { createBrandFeature } from '../features/brand/brand-feature.ts'
import type { OnEcho } from '../features/collect/click-echo.ts'
import { createCollect } from '../features/collect/collect.ts'
import { createEventFeed, type EventFeed } from '../features/collect/event-feed.ts'
import { createFold } from '../features/collect/fold-events.ts'
import { createCompanionFeature } from '../features/companion/companion-feature.ts'
import { createCompanySwitchFeature } from '../features/company-switch/company-switch-feature.ts'
import { createConnectFeature } from '../features/connect/connect-feature.ts'
import { createContentFeature } from '../features/content/content-feature.ts'
import { createDeliverabilityFeature } from '../features/deliverability/deliverability-feature.ts'
import { createEmailTrackingFeature } from '../features/email-tracking/email-tracking-feature.ts'
import { csvRecords } from '../features/imports/csv-records.ts'
import { createImportsFeature } from '../features/imports/imports-feature.ts'
import { createInboundFeature } from '../features/inbound/inbound-feature.ts'
import { hasInboundOverHttp } from '../features/inbound/inbound-routes.ts'
import { jobRoutes } from '../features/jobs/job-routes.ts'
import { createJobs } from '../features/jobs/job-service.ts'
import { createLintFeature } from '../features/lint/lint-feature.ts'
import { createDueLoop } from '../features/messages/due-loop.ts'
import { createMessagesFeature } from '../features/messages/messages-feature.ts'
import type { MailAddresses } from '../features/messages/write-mail.ts'
import { createMetricsFeature, type MetricsFeature } from '../features/metrics/metrics-feature.ts'
import { createNudgesFeature } from '../features/nudges/nudges-feature.ts'
import { createPlaybookFeature } from '../features/playbook/playbook-feature.ts'
import { createReleaseFeature } from '../features/release/release-feature.ts'
import { createSetupFeature } from '../features/setup/setup-feature.ts'
import { simulateRoutes } from '../features/simulate/simulate-routes.ts'
import type { Suppressions } from '../features/suppressions/suppression-list.ts'
import { createSuppressionsFeature } from '../features/suppressions/suppressions-feature.ts'
import { createTrialsFeature } from '../features/trials/trials-feature.ts'
import { createWorkspacesFeature } from '../features/workspaces/workspaces-feature.ts'
import type { Route } from '../http/app-route.ts'
import { clientAddress } from '../http/client-address.ts'
import type { Clock, Ids, Mailer, Random, Renderer } from '../ports.ts'
import type { Storage } from '../storage/port.ts'
import type { Services } from './services.ts'

/** Everything outside the process, and what is known about it once the server has its address. */
export interface Ports {
  readonly config: Config
  readonly storage: Storage
  readonly clock: Clock
  /** Real time, also where `clock` can be moved. */
  readonly wallClock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly mailer: Mailer
  readonly renderer: Renderer
  readonly log: Logger
  /** Where browsers reach this server, without a slash at its end. */
  readonly publicUrl: string
  readonly addresses: MailAddresses
  /** Where every billing system’s API is, in place of their own hosts. */
  readonly billingUrl: string | null
  /** false: nothing may leave, e.g. in a copy of a database that no one has confirmed. */
  readonly canSend: () => boolean
}

/** Events this old and still unfolded belong to a process that died. */
const sweepAfterMs = 60 * secondMs

/** Calls the factory of each feature, each once, in the order in which they need each other. */
export function createFeatures(ports: Ports, services: Services) {
  const { config, storage, clock, ids } = ports
  const { playbooks } = services
  const shared = { ...ports, ...services }
  const jobs = createJobs({ storage, clock, ids, runsHere: config.role !== 'web' })
  const suppressing = createSuppressionsFeature(shared)
  const { mailStop, suppressions } = suppressing
  const tracking = createEmailTrackingFeature({ ...shared, mailStop })
  const metrics = createMetricsFeature({
    ...services,
    ports,
    jobs,
    signals: tracking.signals,
    sources: sourcesOf(ports),
    webhook: config.metricsWebhook,
    worksHere: config.role !== 'web',
  })
  const { mark, settled: marksStored } = metrics.measures
  // What had been paid has just moved along.
  services.memberships.onMoved((_, into) => mark(into))
  const billing = createBillingFeature({
    ...shared,
    takePayments: metrics.takePayments,
    canWork: ports.canSend,
    baseUrl: ports.billingUrl,
  })
  const billingOf = billing.billing.stateOf
  const trialists = createTrialsFeature({ ...shared, suppressions, billingOf, marksStored })
  const { trials } = trialists
  const lint = createLintFeature({ ...shared, settings: metrics.settings, jobs })
  const messages = createMessagesFeature({ ...shared, ports, ...lint })
  const accounts = createAccountsFeature(shared)
  const feed = createEventFeed()
  const connect = createConnectFeature({ ...shared, auth: accounts.auth, feed })
  const setup = createSetupFeature({ ...shared, ...accounts })
  const inbound = createInboundFeature({ ...shared, ports, mailStop, mark })
  const signIn = { ...services, ...accounts, extensionIds: config.extensionIds }
  const companion = createCompanionFeature({ ...shared, ports, signIn, trials, mark, billingOf })
  const nudges = createNudgesFeature(shared)
  const brand = createBrandFeature({ ...shared, ...lint, samplePage: tracking.samplePage })
  const whyHeld = async (workspaceId: WorkspaceId): Promise<string | null> => {
    const sending = services.workspaces.get(workspaceId)?.sending ?? unreleased
    return holdOf(sending) ?? (await metrics.mails.pauseOf(workspaceId))?.why ?? null
  }
  const table: Route[] = [
    ...trialists.routes,
    ...createPlaybookFeature({ ...shared, jobs }).routes,
    ...createCompanySwitchFeature({ ...shared, jobs }).routes,
    ...nudges.routes,
    ...createImportsFeature({ ...shared, jobs, trials, whyHeld }).routes,
    ...brand.routes,
    ...createContentFeature({ ...shared, ...lint, ...messages, csvRecords }).routes,
    ...jobRoutes({ jobs }),
    ...auditRoutes(services),
    ...suppressing.routes,
    ...createDeliverabilityFeature(shared).routes,
    ...billing.routes,
    ...createWorkspacesFeature(shared).routes,
    ...createReleaseFeature({ ...shared, jobs }).routes,
    ...accounts.routes,
    ...setup.routes,
    ...connect.routes,
    ...messages.routes,
    ...inbound.routes,
    ...lint.routes,
    ...simulateRoutes({
      trials,
      stored: storage.trials,
      playbooks,
      view: trialistView,
      now: () => clock.now(),
    }),
    ...metrics.routes,
    ...companion.routes,
  ]
  const handlers = [
    connect.handler,
    nudges.handler,
    tracking.handler,
    brand.handler,
    companion.handler,
    billing.webhooks,
  ]
  return {
    ...createEventFlow(ports, { ...services, suppressions, metrics, feed, onEcho: tracking.onEcho }),
    jobs,
    connect,
    metrics,
    tracking,
    trials,
    suppressions,
    billing: billing.billing,
    blockedEmails: messages.blocked,
    inbound: inbound.inbound,
    auth: accounts.auth,
    table,
    handlers,
  }
}

export type Features = ReturnType<typeof createFeatures>

/** From an event to what it makes due: both fold events in the same way. */
function createEventFlow(
  ports: Ports,
  parts: Services & { suppressions: Suppressions; metrics: MetricsFeature; feed: EventFeed; onEcho: OnEcho },
) {
  const { storage, clock, ids, addresses } = ports
  const { playbooks, suppressions, metrics } = parts
  const fold = createFold({ playbooks, clock })
  const collect = createCollect({
    ...ports,
    ...parts,
    fold,
    wallNow: Date.now,
    addresses: {
      of: clientAddress(ports.config.trustProxy),
      perSecond: Math.max(1, ports.config.apiRateLimit / 3),
    },
  })
  const dueLoop = createDueLoop({
    ...ports,
    ...parts,
    ...addresses,
    suppressions,
    measuring: metrics.mails,
    owner: `${hostname()}:${process.pid}:${ids.uuid(Date.now())}`,
    sweep: async () => storage.sweep((await storage.now()) - sweepAfterMs, fold),
  })
  return { collect, dueLoop }
}

/** Whether payments and feedback reach us at all. */
const sourcesOf = ({ config, storage: { documents } }: Ports) => ({
  hasBilling: (workspaceId: Parameters<typeof hasConnection>[1]) => hasConnection(documents, workspaceId),
  hasInbound: async (workspaceId: Parameters<typeof hasInboundOverHttp>[1]) =>
    config.inboundSmtpPort !== null || hasInboundOverHttp(documents, workspaceId),
})
