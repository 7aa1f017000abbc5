import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { hourMs, minuteMs, secondMs } from '../../shared/clock.ts'
import type { Playbook } from '../../shared/playbook.ts'
import { createIds } from '../adapters/ids.ts'
import { createLiquidRenderer } from '../adapters/liquid-renderer.ts'
import { createLogger } from '../adapters/logger.ts'
import { noMailer } from '../adapters/no-mailer.ts'
import { createSmtpMailer } from '../adapters/smtp-mailer.ts'
import { systemClock } from '../adapters/system-clock.ts'
import type { Config } from '../config.ts'
import { defaultPlaybook } from '../domain/playbook/default.ts'
import type { Billing } from '../features/billing/billing.ts'
import type { createInboundServer } from '../features/inbound/inbound-server.ts'
import type { DueLoop } from '../features/messages/due-loop.ts'
import { createSetupTokens } from '../features/setup/setup-tokens.ts'
import type { TrialChanges } from '../features/trials/change-trial.ts'
import type { MadeSecrets } from '../features/workspaces/workspace-service.ts'
import { answerClientError } from '../http/client-error.ts'
import { createGracefulClose } from '../http/graceful-close.ts'
import { listenBacklog, serverLimits } from '../http/server-limits.ts'
import { packageRoot } from '../package-root.ts'
import type { Clock, Ids, Mailer, Random, Renderer } from '../ports.ts'
import { rawDataMs } from '../storage/documents/email.ts'
import { openStorage } from '../storage/open.ts'
import type { Storage } from '../storage/port.ts'
import { watchRevisions } from '../storage/revisions.ts'
import { createListener } from './doors.ts'
import { createFeatures, type Features, type Ports } from './features.ts'
import { type Chore, type Maintenance, startMaintenance } from './maintenance.ts'
import { createRetention } from './retention.ts'
import { createScheduledBackups } from './scheduled-backups.ts'
import { createSendingFence, type SendingFence } from './sending-fence.ts'
import { createServices, type Services } from './services.ts'

/** What a caller may put in the place of the real thing: the demo’s clock, a test’s mailer. */
export interface Overrides {
  readonly clock?: Clock
  /** By which sign-ins end; the machine’s where `clock` can be moved. */
  readonly wallClock?: Clock
  readonly ids?: Ids
  readonly random?: Random
  readonly storage?: Storage
  readonly mailer?: Mailer
  readonly renderer?: Renderer
  readonly log?: Logger
  /** Where every billing system’s API is, in place of their own hosts. */
  readonly billingUrl?: string
  /** What a new workspace starts with. */
  readonly playbook?: Playbook
  /** Further handlers, mounted before the API. */
  readonly handlers?: (server: ServerCore) => RequestHandler[]
}

/** What exists before the doors open. */
export interface ServerCore {
  readonly url: string
  readonly storage: Storage
  readonly services: Services & Features
  readonly changes: TrialChanges
  readonly dueLoop: DueLoop
  readonly billing: Billing
}

export interface RunningServer extends ServerCore {
  readonly port: number
  /** Where bounces and replies are taken; null when they are not. */
  readonly inboundPort: number | null
  readonly server: Server
  /** Secrets made at this start, to be shown once; null when there were some. */
  readonly made: MadeSecrets | null
  /** Opens the set-up page, to be shown once; null when there is an account already, or no one is answered here. */
  readonly setupToken: string | null
  /** Stops accepting, lets what runs finish, closes. Never takes much longer than the drain timeout. */
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

/** IPv6 literals are in brackets; 0.0.0.0 and :: are no address to go to. */
function localUrl({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

function createMailer({ smtpUrl, dkim }: Config, log: Logger): Mailer {
  if (smtpUrl === null) return noMailer
  const key = dkim && { ...dkim, privateKey: readFileSync(dkim.privateKeyFile, 'utf8') }
  return createSmtpMailer({ url: smtpUrl, log, ...(key && { dkim: key }) })
}

/**
 * Wires ports, services and doors, and listens.
 * @throws StorageUnavailable, VaultError, or the error of listening (EADDRINUSE …).
 */
export async function createServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const log = overrides.log ?? createLogger(config.logLevel)
  const clock = overrides.clock ?? systemClock
  const wallClock = overrides.wallClock ?? systemClock
  const ids = overrides.ids ?? createIds()
  const storage =
    overrides.storage ??
    (await openStorage({
      dataDir: config.dataDir,
      ...(config.mongodbUri && { mongodbUri: config.mongodbUri }),
      progress: (words) => log.info(`the database is brought up to date: ${words}`),
    }))
  const services = await createServices({
    config,
    storage,
    clock,
    wallClock,
    ids,
    defaultPlaybook: overrides.playbook ?? defaultPlaybook,
    log,
  })
  const fence = await createSendingFence({ storage, config, now: () => clock.now(), log })
  const setupToken =
    config.role === 'worker' ? null : await createSetupTokens({ documents: storage.documents, ids }).issue()
  const server = createHttpServer({ ...serverLimits, requestTimeout: 10 * secondMs })
  server.on('clientError', answerClientError)
  // From here to the handler nothing waits: a request finds everything it needs, or no one who listens.
  const address = await listen(server, config.port, config.host)
  const url = config.publicUrl ?? localUrl(address)
  const renderer: Renderer =
    overrides.renderer ?? createLiquidRenderer({ templatesDir: join(packageRoot, 'templates'), log })
  const mailer = overrides.mailer ?? createMailer(config, log)
  const mailDomain = config.inboundDomain ?? 'localhost'
  const ports: Ports = {
    config,
    storage,
    clock,
    wallClock,
    ids,
    random: overrides.random ?? Math.random,
    mailer,
    renderer,
    log,
    publicUrl: url,
    addresses: { publicUrl: url, mailDomain, mailFrom: config.mailFrom ?? 'Trialpace <trialpace@localhost>' },
    billingUrl: overrides.billingUrl ?? null,
    canSend: fence.canSend,
  }
  const features = createFeatures(ports, services)
  const { dueLoop, billing, jobs, collect, tracking, metrics } = features
  let draining = false
  const core: ServerCore = {
    url,
    storage,
    services: { ...services, ...features },
    changes: services.changes,
    dueLoop,
    billing,
  }
  const handlers = overrides.handlers?.(core) ?? []
  const graceful = createGracefulClose(server)
  const listener = createListener(ports, services, features, { draining: () => draining, handlers })
  const heard = graceful.listen(listener)
  server.on('request', heard)
  // An expectation we do not know may be ignored (RFC 9110 §10.1.1); Node would answer without our headers.
  server.on('checkExpectation', heard)
  const maintenance = keepHouse(ports, core.services, fence)
  const { inboundSmtpPort: port, host } = config
  const inbound = port === null ? null : await openInbound({ port, host, inbound: features.inbound, log })
  if (config.role !== 'web') dueLoop.start()
  log.info({ url, storage: storage.engine.name, role: config.role }, 'listening')

  async function stop() {
    draining = true
    tracking.close()
    features.connect.close()
    await Promise.all([graceful.close(), inbound?.close(), dueLoop.stop(), maintenance.stop(), jobs.stop()])
    await collect.close()
    await billing.idle()
    await metrics.stop()
  }

  let stopped: Promise<void> | null = null
  const drain = () => {
    stopped ??= withTimeout(stop(), config.drainTimeoutMs, () => server.closeAllConnections()).finally(() =>
      Promise.allSettled([mailer.close(), renderer.close()])
        .then(() => storage.close())
        .then(() => log.info('stopped')),
    )
    return stopped
  }
  return {
    ...core,
    port: address.port,
    inboundPort: inbound?.port ?? null,
    server,
    made: services.made,
    setupToken,
    drain,
    close: drain,
  }
}

/** Loaded only by those who receive email themselves. */
async function openInbound(options: Parameters<typeof createInboundServer>[0]) {
  const { createInboundServer } = await import('../features/inbound/inbound-server.ts')
  return createInboundServer(options)
}

const reload = async ({ workspaces, playbooks }: Services) => {
  await workspaces.refresh()
  await playbooks.start(workspaces.all().map((workspace) => workspace.id))
  await playbooks.refresh()
}

function keepHouse(
  { config, storage, clock, wallClock, log }: Ports,
  services: Services & Features,
  fence: SendingFence,
): Maintenance {
  const { metrics, jobs, billing, blockedEmails } = services
  const retention = createRetention({ documents: storage.documents, clock, wallClock })
  const reading: Chore[] = [
    { name: 'reload', everyMs: 5 * minuteMs, topic: 'settings', run: () => reload(services) },
  ]
  const working: Chore[] = [
    { name: 'instance', everyMs: 5 * secondMs, run: () => fence.refresh() },
    { name: 'metrics', everyMs: 10 * secondMs, run: (signal) => metrics.measures.foldAll(signal) },
    { name: 'brake', everyMs: minuteMs, run: () => metrics.review() },
    { name: 'blocked', everyMs: 30 * minuteMs, run: (signal) => blockedEmails.retry(signal) },
    { name: 'push', everyMs: minuteMs, run: async () => metrics.push?.run() },
    { name: 'jobs', everyMs: minuteMs, topic: 'jobs', run: () => jobs.runPending() },
    { name: 'billing', everyMs: minuteMs, topic: 'billing', run: (signal) => billing.work(signal) },
    { name: 'billing-purge', everyMs: hourMs, run: () => billing.purge() },
    { name: 'events', everyMs: hourMs, run: () => storage.events.purge(clock.now() - rawDataMs) },
    { name: 'retention', everyMs: 5 * minuteMs, run: (signal) => retention.step(signal) },
  ]
  const backUp = config.mongodbUri ? null : createScheduledBackups(config, () => wallClock.now(), log)
  if (backUp) working.push({ name: 'backup', everyMs: 10 * minuteMs, run: backUp })
  const chores = config.role === 'web' ? reading : [...reading, ...working]
  return startMaintenance(chores, log, watchRevisions(storage.documents), 6 * secondMs)
}

/** After `ms` what still hangs is cut off, and what comes of it is not waited for. */
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
