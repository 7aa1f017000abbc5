import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { createAuth } from '../features/accounts/auth.ts'
import { createLoginBrake } from '../features/accounts/login-brake.ts'
import type { Billing } from '../features/billing/billing.ts'
import { createWebhookRoutes } from '../features/billing/webhook-routes.ts'
import { createCollect } from '../features/collect/collect.ts'
import { createOauthRoutes } from '../features/companion/oauth-routes.ts'
import { createEchoNote } from '../features/email-tracking/note-echo.ts'
import { createSignals } from '../features/email-tracking/signals.ts'
import { createTrackingRoutes } from '../features/email-tracking/tracking-routes.ts'
import { createViewingPictures } from '../features/email-tracking/viewing-picture.ts'
import type { DueLoop } from '../features/messages/due-loop.ts'
import type { MailAddresses } from '../features/messages/write-mail.ts'
import { createNudgePreviewHandler } from '../features/nudges/preview.ts'
import { createSdkFiles } from '../features/operations/sdk-files.ts'
import { createMailStop } from '../features/suppressions/mail-stop.ts'
import { createApp } from '../http/app.ts'
import { createIdempotency } from '../http/app-idempotency.ts'
import { createDashboardFiles } from '../http/dashboard-files.ts'
import { loadCatalog } from '../locales/catalog.ts'
import { packageRoot } from '../package-root.ts'
import type { Clock, Ids, Mailer, Renderer } from '../ports.ts'
import { createMetrics } from '../prometheus.ts'
import type { Storage } from '../storage/port.ts'
import { apiRoutes } from './api-routes.ts'
import { composeInbound } from './inbound.ts'
import type { Services } from './services.ts'

export interface DoorParts {
  readonly config: Config
  readonly storage: Storage
  readonly services: Services
  readonly renderer: Renderer
  readonly mailer: Mailer
  readonly dueLoop: DueLoop
  readonly billing: Billing
  readonly clock: Clock
  /** Real time, also where `clock` can be moved. */
  readonly wallClock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly publicUrl: string
  readonly addresses: MailAddresses
  readonly draining: () => boolean
  readonly handlers: readonly RequestHandler[]
}

/** Every way in over HTTP: collect before Express, which alone would cost more than all that happens there. */
export function createDoors(parts: DoorParts) {
  const { config, storage, services, clock, ids, log, publicUrl, dueLoop } = parts
  const { workspaces, playbooks, changes, accounts, audit, suppressions, vault } = services
  const signals = createSignals({
    storage,
    changes,
    clock,
    ids,
    mark: services.measuring.measures.mark,
  })
  const onEcho = createEchoNote({ storage, signals, clock, log })
  const collect = createCollect({
    onEcho,
    storage,
    workspaces,
    playbooks,
    changes,
    clock,
    ids,
    log,
    publicUrl,
    wallNow: Date.now,
  })
  const metrics = createMetrics()
  metrics.gauge('events_accepted', 'Events accepted since the start', () => collect.stats().accepted)
  metrics.gauge('mails_in_flight', 'Mails being handed over', () => dueLoop.stats().inFlight)
  metrics.gauge(
    'mails_sent',
    'Mails accepted by the mail server since the start',
    () => dueLoop.stats().outcomes.sent,
  )
  metrics.gauge(
    'mails_unknown',
    'Mails without an answer after the final dot',
    () => dueLoop.stats().outcomes.unknown,
  )
  const { gauges } = services.measuring
  metrics.gauges('kpi', 'Figures of the last 28 days, see /api/kpis', ['workspace', 'metric'], gauges)
  const brake = createLoginBrake({ clock })
  const auth = createAuth({
    workspaces,
    accounts,
    accountOf: (token) => services.grants.accountOf(token),
    publicUrl: () => publicUrl,
  })
  const idempotency = createIdempotency({ storage, vault, clock })
  const mailStop = createMailStop({ storage, suppressions, changes, clock })
  const viewing = createViewingPictures()
  const tracking = { storage, changes, playbooks, clock, ids, log }
  const inbound = composeInbound({ ...parts, mailStop })
  const catalog = loadCatalog(join(packageRoot, 'templates'))
  const app = createApp({
    routes: apiRoutes({ ...parts, inbound, mailStop, metrics, auth, brake, publicUrl: () => publicUrl }),
    auth,
    idempotency,
    metrics,
    log,
    clock,
    ids,
    trustProxy: config.trustProxy,
    ratePerSecond: config.apiRateLimit,
    before: [
      createSdkFiles({ distDir: join(packageRoot, 'dist', 'sdk') }).router,
      createNudgePreviewHandler({ workspaces, playbooks, clock }),
      createTrackingRoutes({ ...tracking, mailStop, signals, viewing, catalog }),
      createOauthRoutes({
        accounts,
        auth,
        audit,
        brake,
        grants: services.grants,
        extensionIds: config.extensionIds,
      }),
      createWebhookRoutes({ billing: parts.billing, clock: parts.wallClock }),
      ...parts.handlers,
    ],
    after: createDashboardFiles(packageRoot),
  })
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (!collect.handle(request, response)) app(request, response)
  }
  return { collect, inbound, mailStop, signals, viewing, listener }
}
