import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestHandler } from 'express'
import { type Logger, pino } from 'pino'
import { dayMs, hourMs, secondMs } from '../shared/clock.ts'
import type { Playbook } from '../shared/playbook.ts'
import { createIds } from './adapters/ids.ts'
import { systemClock } from './adapters/system-clock.ts'
import { apiRoutes } from './compose-routes.ts'
import { createServices, type Services } from './compose-services.ts'
import type { Config } from './config.ts'
import { createCollect } from './features/collect/collect.ts'
import { defaultPlaybook } from './features/playbook/default-playbook.ts'
import type { TrialChanges } from './features/trials/change-trial.ts'
import type { MadeSecrets } from './features/workspaces/workspace-service.ts'
import { createApp } from './http/app.ts'
import { createIdempotency } from './http/app-idempotency.ts'
import { createAuth } from './http/auth.ts'
import { createDashboardFiles } from './http/dashboard-files.ts'
import { listenBacklog, serverLimits } from './http/server-limits.ts'
import { startMaintenance } from './maintenance.ts'
import { createMetrics } from './metrics.ts'
import { packageRoot } from './package-root.ts'
import type { Clock, Ids, Mailer, Random } from './ports.ts'
import { openStorage } from './storage/open.ts'
import type { Storage } from './storage/port.ts'

/** What a caller may put in the place of the real thing: the demo’s clock, a test’s mailer. */
export interface Overrides {
  readonly clock?: Clock
  readonly ids?: Ids
  readonly random?: Random
  readonly storage?: Storage
  readonly mailer?: Mailer
  readonly log?: Logger
  /** What a new workspace starts with. */
  readonly playbook?: Playbook
  /** Further handlers, mounted before the API. */
  readonly handlers?: (server: Pick<RunningServer, 'storage' | 'changes' | 'services'>) => RequestHandler[]
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly server: Server
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly services: Services
  /** Secrets made at this start, to be shown once; null when there were some. */
  readonly made: MadeSecrets | null
  /** Stops accepting, lets what runs finish, closes. Never takes longer than the drain timeout. */
  drain(): Promise<void>
  /** The same, for tests: by the server’s own handle. */
  close(): Promise<void>
}

const listen = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: listenBacklog }, () => {
      server.removeListener('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })

/** IPv6 literals stand in brackets; 0.0.0.0 and :: are no address to go to. */
function localUrl({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

/**
 * Wires ports, services and doors, and listens.
 * @throws StorageUnavailable, VaultError, or the error of listening (EADDRINUSE …).
 */
export async function createServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const log = overrides.log ?? pino({ level: config.logLevel, base: null })
  const clock = overrides.clock ?? systemClock
  const ids = overrides.ids ?? createIds()
  const storage =
    overrides.storage ??
    (await openStorage({
      dataDir: config.dataDir,
      ...(config.mongodbUri && { mongodbUri: config.mongodbUri }),
    }))
  const services = await createServices({
    config,
    storage,
    clock,
    ids,
    defaultPlaybook: overrides.playbook ?? defaultPlaybook,
  })
  const { workspaces, playbooks, changes, jobs } = services
  const metrics = createMetrics()
  const idempotency = createIdempotency({ storage, vault: services.vault, clock })
  let url = config.publicUrl ?? ''
  let draining = false
  const auth = createAuth({ workspaces, accounts: services.accounts, publicUrl: () => url })
  const routes = apiRoutes({
    config,
    storage,
    services,
    clock,
    metrics,
    auth,
    publicUrl: () => url,
    draining: () => draining,
  })
  const app = createApp({
    routes,
    auth,
    idempotency,
    metrics,
    log,
    clock,
    ids,
    trustProxy: config.trustProxy,
    ratePerSecond: config.apiRateLimit,
    before: overrides.handlers?.({ storage, changes, services }) ?? [],
    after: createDashboardFiles(packageRoot),
  })
  const collect = createCollect({
    storage,
    workspaces,
    playbooks,
    changes,
    clock,
    ids,
    log,
    ...(config.publicUrl && { publicUrl: config.publicUrl }),
    wallNow: Date.now,
  })
  const server = createHttpServer({ ...serverLimits, requestTimeout: 10 * secondMs }, (request, response) => {
    if (!collect.handle(request, response)) app(request, response)
  })
  const works = config.role !== 'web'
  const maintenance = startMaintenance(
    [
      { name: 'reload', everyMs: 5 * secondMs, run: () => reload(services) },
      { name: 'idempotency', everyMs: hourMs, run: () => idempotency.purge() },
      ...(works
        ? [
            { name: 'jobs', everyMs: 2 * secondMs, run: () => jobs.runPending() },
            {
              name: 'retention',
              everyMs: hourMs,
              run: () => storage.events.purge(clock.now() - eventRetentionMs),
            },
          ]
        : []),
    ],
    log,
  )
  const address = await listen(server, config.port, config.host)
  url ||= localUrl(address)
  log.info({ url, storage: storage.engine.name, role: config.role }, 'listening')

  async function stop() {
    draining = true
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    await collect.drain()
    await Promise.all([closed, maintenance.stop(), jobs.stop()])
    await collect.close()
  }

  let stopped: Promise<void> | null = null
  const drain = () => {
    stopped ??= withTimeout(stop(), config.drainTimeoutMs, () => server.closeAllConnections()).finally(() =>
      storage.close(),
    )
    return stopped
  }
  return {
    url,
    port: address.port,
    server,
    storage,
    changes,
    services,
    made: services.made,
    drain,
    close: drain,
  }
}

const eventRetentionMs = 396 * dayMs

const reload = async ({ workspaces, playbooks }: Services) => {
  await workspaces.refresh()
  await playbooks.start(workspaces.all().map((workspace) => workspace.id))
  await playbooks.refresh()
}

/** After `ms` what still hangs is cut off, and given a moment to notice. */
async function withTimeout(work: Promise<void>, ms: number, cutOff: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      cutOff()
      resolve()
    }, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
