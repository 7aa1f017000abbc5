import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { readSendingTrouble } from '../features/messages/sending-trouble.ts'
import { createForwardedWatch } from '../features/operations/forwarded-watch.ts'
import { createOperationsFeature } from '../features/operations/operations-feature.ts'
import { createSdkFiles } from '../features/operations/sdk-files.ts'
import { createAddressLimits, publicLimits } from '../http/address-limits.ts'
import { createApp } from '../http/app.ts'
import { createIdempotency } from '../http/app-idempotency.ts'
import { refuseWithoutHost } from '../http/client-error.ts'
import { createDashboardFiles } from '../http/dashboard-files.ts'
import { isLoopbackUrl } from '../http/private-connection.ts'
import { packageRoot } from '../package-root.ts'
import { createMetrics, type Metrics } from '../prometheus.ts'
import type { Storage } from '../storage/port.ts'
import type { Features, Ports } from './features.ts'
import type { Services } from './services.ts'

/** Plain http to this machine: anything else has something before it. */
const isLocalUrl = (url: string): boolean => url.startsWith('http:') && isLoopbackUrl(url)

/** Every way in over HTTP: collect before Express, which alone would cost more than all that happens there. */
export function createListener(
  ports: Ports,
  services: Services,
  features: Features,
  { draining, handlers }: { draining: () => boolean; handlers: readonly RequestHandler[] },
) {
  const { config } = ports
  const { collect } = features
  const metrics = watch(createMetrics(), features, ports.storage)
  const { routes } = createOperationsFeature({
    ...ports,
    table: features.table,
    metrics,
    metricsToken: config.metricsToken,
    isProxied: config.trustProxy !== false || !isLocalUrl(ports.publicUrl),
    draining,
  })
  const app = createApp({
    ...ports,
    routes,
    auth: features.auth,
    audit: services.audit,
    idempotency: createIdempotency({ ...ports, vault: services.vault }),
    metrics,
    trustProxy: config.trustProxy,
    ratePerSecond: config.apiRateLimit,
    before: [
      createAddressLimits(publicLimits(config.apiRateLimit)),
      createSdkFiles({ distDir: join(packageRoot, 'dist', 'sdk') }).router,
      ...features.handlers,
      ...handlers,
    ],
    after: createDashboardFiles(packageRoot),
  })
  const watchForwarded = createForwardedWatch({
    documents: ports.storage.documents,
    clock: ports.wallClock,
    isTold: config.trustProxy !== false,
  })
  return (request: IncomingMessage, response: ServerResponse) => {
    if (refuseWithoutHost(request, response)) return
    watchForwarded(request)
    if (!collect.handle(request, response)) app(request, response)
  }
}

function watch(
  metrics: Metrics,
  { collect, dueLoop, metrics: kpis }: Features,
  { documents }: Storage,
): Metrics {
  metrics.gauge('sending_trouble', '1 while the mail server takes no email from us', async () =>
    (await readSendingTrouble(documents)) ? 1 : 0,
  )
  metrics.gauge('events_accepted', 'Events accepted since the start', () => collect.stats().accepted)
  metrics.gauge('events_rejected', 'Events refused since the start', () => collect.stats().rejected)
  metrics.gauge(
    'events_bots',
    'Events of robots since the start, which are among the rejected',
    () => collect.stats().bots,
  )
  metrics.gauge('mails_in_flight', 'Emails being handed over', () => dueLoop.stats().inFlight)
  metrics.gauge(
    'mails_sent',
    'Emails accepted by the mail server since the start',
    () => dueLoop.stats().outcomes.sent,
  )
  metrics.gauge(
    'mails_unknown',
    'Emails without an answer after the final dot',
    () => dueLoop.stats().outcomes.unknown,
  )
  metrics.gauges('kpi', 'Metrics of the last 28 days, see /api/kpis', ['workspace', 'metric'], kpis.gauges)
  return metrics
}
