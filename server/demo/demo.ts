import { join } from 'node:path'
import { pino } from 'pino'
import { createLiquidRenderer } from '../adapters/liquid-renderer.ts'
import { createServer, type ServerCore } from '../compose/server.ts'
import { type Config, configFaultText, readConfig } from '../config.ts'
import { packageRoot } from '../package-root.ts'
import type { Renderer } from '../ports.ts'
import { createClockRoutes } from './clock-routes.ts'
import { choosePort, type DemoFolder, demoEnvironment, freePort, openDemoFolder } from './demo-config.ts'
import { demoPlaybook } from './demo-playbook.ts'
import { createDemoRoutes } from './demo-routes.ts'
import { deliverFeedback } from './inbox/deliver-feedback.ts'
import { createInboxActor } from './inbox/inbox-actions.ts'
import { createInboxRoutes } from './inbox/inbox-routes.ts'
import { startInboxSmtp } from './inbox/inbox-smtp.ts'
import { createInboxStore } from './inbox/inbox-store.ts'
import { createMovableClock, demoStart, type MovableClock } from './movable-clock.ts'
import { createPageRoutes } from './page-routes.ts'
import { createAppRoutes } from './sample-app/app-routes.ts'
import { createTrialpaceApi } from './sample-app/trialpace-api.ts'
import { seedWorkspace } from './seed/seed.ts'
import { snippetFor } from './snippet.ts'
import { createTimeTravel } from './time-travel.ts'

export interface DemoOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Goes on where the last demo stopped, instead of starting with fresh data. */
  readonly keep: boolean
}

export interface RunningDemo {
  readonly url: string
  readonly config: Config
  readonly clock: MovableClock
  /** How many trialists there are from the start. */
  readonly trialists: number
  readonly folder: string
  close(): Promise<void>
}

/** Starts the demo: the real server on a clock that can be moved, writing to a mail server that keeps everything. */
export async function startDemo({ env, keep }: DemoOptions): Promise<RunningDemo> {
  const folder = await openDemoFolder(env.TRIALPACE_DATA_DIR, keep)
  const clock = createMovableClock(Math.max(demoStart(Date.now()), folder.stoppedAt ?? 0))
  const inbox = createInboxStore(clock)
  const smtp = await startInboxSmtp(inbox)
  const config = await demoConfig(env, { folder, smtpUrl: smtp.url })
  const publicUrl = config.publicUrl as string
  const writeKey = config.writeKey as string
  const identitySecret = config.identitySecret as string

  const renderer = createLiquidRenderer({
    templatesDir: join(packageRoot, 'templates'),
    log: pino({ level: 'silent' }),
  })
  const routes = ({ storage, dueLoop, services }: ServerCore) => {
    const travel = createTimeTravel({ clock, storage, drain: dueLoop.drain })
    return createDemoRoutes({
      pages: createPageRoutes({ snippet: () => snippetFor({ writeKey, publicUrl }) }),
      app: createAppRoutes({
        api: createTrialpaceApi({ baseUrl: publicUrl, secretKey: config.secretKey as string }),
        identitySecret,
      }),
      clock: createClockRoutes({
        clock,
        travel,
        async onMoved(now) {
          await folder.noteTime(now)
          await services.metrics.measures.foldAll()
        },
      }),
      inbox: createInboxRoutes({
        inbox,
        actor: createInboxActor({
          clock,
          deliver: (mail) => deliverFeedback(mail, config.inboundSmtpPort as number),
          passTo: travel.passTo,
        }),
      }),
    })
  }
  const server = await createServer(config, {
    clock,
    renderer,
    playbook: demoPlaybook(publicUrl),
    handlers: (core) => [routes(core)],
  })
  return {
    url: publicUrl,
    config,
    clock,
    trialists: await seedIfEmpty(server, renderer, { config, now: clock.now() }),
    folder: folder.path,
    async close() {
      await folder.noteTime(clock.now())
      await server.close()
      await smtp.close()
      await folder.discard()
    },
  }
}

async function demoConfig(
  env: DemoOptions['env'],
  { folder, smtpUrl }: { folder: DemoFolder; smtpUrl: string },
): Promise<Config> {
  const host = env.HOST || '127.0.0.1'
  const port = await choosePort(env.PORT, host)
  const inboundPort = await freePort(0, '127.0.0.1')
  const read = readConfig(
    demoEnvironment(env, {
      HOST: host,
      PORT: String(port),
      PUBLIC_URL:
        env.PUBLIC_URL || `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`,
      TRIALPACE_DATA_DIR: folder.path,
      SMTP_URL: smtpUrl,
      INBOUND_SMTP_PORT: String(inboundPort),
    }),
  )
  if (!read.ok) throw new Error(configFaultText(read.faults))
  return read.config
}

/** @returns how many trialists there are then. */
async function seedIfEmpty(
  { storage, services, changes }: ServerCore,
  renderer: Renderer,
  { config, now }: { config: Config; now: number },
): Promise<number> {
  const workspace = services.workspaces.all()[0]
  if (!workspace) throw new Error('the demo has no workspace')
  const counts = await storage.trials.countBySegment(workspace.id)
  const present = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (present > 0) return present
  const trials = await seedWorkspace({
    storage,
    workspace,
    playbook: services.playbooks.current(workspace.id),
    renderer,
    addresses: {
      publicUrl: config.publicUrl as string,
      mailDomain: config.inboundDomain as string,
      mailFrom: config.mailFrom as string,
    },
    money: services.metrics.money,
    now,
  })
  for (const trial of trials) changes.announce(trial)
  await services.metrics.measures.foldAll()
  return trials.length
}
