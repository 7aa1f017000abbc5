import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino, { type Logger } from 'pino'
import { createIds } from '../../server/adapters/ids.ts'
import { demoPlaybook } from '../../server/demo/demo-playbook.ts'
import { compilePlaybook } from '../../server/domain/playbook/compile.ts'
import { withClaims } from '../../server/domain/trial/claims.ts'
import type { Trial } from '../../server/domain/trial/model.ts'
import type { Workspace, Workspaces } from '../../server/domain/workspace.ts'
import { type Collect, type CollectOptions, createCollect } from '../../server/features/collect/collect.ts'
import { createFold } from '../../server/features/collect/fold-events.ts'
import { createTrialChanges } from '../../server/features/trials/change-trial.ts'
import { createMemberships } from '../../server/features/trials/memberships.ts'
import { listenBacklog, serverLimits } from '../../server/http/server-limits.ts'
import type { Clock } from '../../server/ports.ts'
import type { Storage } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { trialIdOfAnonymous, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'

export const writeKey = 'pk_main'
export const secretKey = 'sk_main'
export const identitySecret = 'identity-secret-of-the-main-team'

const workspace = (id: string, more: Partial<Workspace> = {}): Workspace => ({
  id: id as WorkspaceId,
  name: id,
  writeKey: `pk_${id}`,
  identitySecret: `identity-secret-of-the-${id}-team`,
  linkSecret: 'link',
  identity: 'trusting',
  sending: { releasedAt: 0, mode: 'normal', testAddress: null },
  ...more,
})
/** `main` lets anyone count as usage, `strict` only signed users; each has `pk_<name>` and `sk_<name>`. */
const all = [workspace('main'), workspace('strict', { identity: 'required' })]
const testWorkspaces: Workspaces = {
  all: () => all,
  get: (id) => all.find((one) => one.id === id) ?? null,
  byWriteKey: (key) => all.find((one) => one.writeKey === key) ?? null,
  bySecretKey(key) {
    const found = all.find((one) => key === `sk_${one.id}`)
    return found ? { workspace: found, scope: 'full', keyId: found.id } : null
  },
}

export interface CollectServer {
  readonly origin: string
  readonly port: number
  readonly server: Server
  readonly collect: Collect
  readonly storage: Storage
  /** Milliseconds by which the server’s clock is ahead of the real one. */
  skew(ms: number): void
  /** Ids of the trials that were announced as changed, oldest first. */
  readonly announced: string[]
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>
  /** As the team sees it: with what unsigned events claim. */
  trialOf(userId: string, workspaceId?: string): Promise<Trial | null>
  visitor(anonymousId: string, workspaceId?: string): Promise<Trial | null>
  close(): Promise<void>
}

/** The collect handler on a real HTTP server over a real (in-memory) SQLite, with the demo playbook. */
export async function serveCollect(
  options: Partial<CollectOptions> & {
    wrapStorage?: (storage: Storage) => Storage
    log?: Logger
    /** Whose trials they are; those of persons where it is not said. */
    trialsOf?: 'person' | 'company'
  } = {},
): Promise<CollectServer> {
  const { wrapStorage, trialsOf = 'person', ...overrides } = options
  let aheadMs = 0
  const clock: Clock = { now: () => Date.now() + aheadMs, waitUntil: async () => {} }
  const opened = overrides.storage ?? (await openSqliteStorage({ file: ':memory:' }))
  const storage = wrapStorage ? wrapStorage(opened) : opened
  const demo = demoPlaybook('http://127.0.0.1:8080')
  const compiled = compilePlaybook({ ...demo, trial: { ...demo.trial, of: trialsOf } }, 1)
  const playbooks = { current: () => compiled, newest: async () => compiled }
  const changes = createTrialChanges({ storage, playbooks, clock })
  const announced: string[] = []
  changes.onSaved((trial) => void announced.push(trial.id))
  const log = pino({ level: 'silent' })
  const collect = createCollect({
    workspaces: testWorkspaces,
    playbooks,
    changes,
    memberships: createMemberships({ storage, changes }),
    fold: createFold({ playbooks, clock }),
    clock,
    ids: createIds(),
    log,
    ...overrides,
    storage,
  })
  const server = createServer(serverLimits, (request, response) => {
    if (!collect.handle(request, response)) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: listenBacklog }, resolve),
  )
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    port,
    server,
    collect,
    storage,
    announced,
    skew: (ms) => {
      aheadMs = ms
    },
    post: (path, body, init = {}) =>
      fetch(origin + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
      }),
    async trialOf(userId, id = 'main') {
      const stored = await storage.trials.get(trialIdOfUser(id as WorkspaceId, userId))
      return stored && withClaims(stored, compiled)
    },
    visitor: (anonymousId, id = 'main') =>
      storage.trials.get(trialIdOfAnonymous(id as WorkspaceId, anonymousId)),
    async close() {
      await collect.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await storage.close()
    },
  }
}
