import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createServer, type Overrides } from '../../server/compose/server.ts'
import { readConfig } from '../../server/config.ts'
import type { Problem } from '../../shared/problems.ts'
import { createFakeClock } from './fake-clock.ts'
import { createFakeRenderer } from './fake-renderer.ts'
import { openTestStorage } from './test-storage.ts'

export const secretKey = 'sk_test_0123456789abcdef'
export const writeKey = 'pk_test_0123456789abcdef'
export const admin = { email: 'dana@acme.example', password: 'correct horse battery' }

export interface ApiAnswer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** null: without any. */
  readonly key?: string | null
}

/** Goes as it is. */
const isPlain = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array

/** The whole server on a free port, an SQLite file of its own and a clock that stands still. */
export async function serveApi(
  startAt: number,
  {
    env = {},
    overrides = {},
    database = null,
  }: {
    env?: Record<string, string>
    overrides?: Overrides
    /** `:memory:` where nothing is to outlive the server, or a file. */
    database?: string | null
  } = {},
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'trialpace-api-'))
  const clock = createFakeClock(startAt)
  const read = readConfig({
    PORT: '0',
    TRIALPACE_DATA_DIR: dataDir,
    TRIALPACE_WRITE_KEY: writeKey,
    TRIALPACE_SECRET_KEY: secretKey,
    TRIALPACE_ADMIN_EMAIL: admin.email,
    TRIALPACE_ADMIN_PASSWORD: admin.password,
    TRIALPACE_RELEASED: 'true',
    ROLE: 'all',
    LOG_LEVEL: 'silent',
    ...env,
  })
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  const storage = await openTestStorage({
    file: database ?? join(dataDir, 'trialpace.db'),
    now: () => clock.now(),
  })
  const server = await createServer(read.config, {
    clock,
    wallClock: clock,
    storage,
    renderer: createFakeRenderer(),
    log: pino({ level: 'silent' }),
    ...overrides,
  })

  async function call<T = Problem>(
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<ApiAnswer<T>> {
    const { body, headers, key = secretKey } = options
    // Not `server.url`: that is PUBLIC_URL where a test sets one.
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: {
        ...(key !== null && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isPlain(body) ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    }
  }

  return {
    server,
    clock,
    call,
    dataDir,
    async close() {
      await server.close()
      await rm(dataDir, { recursive: true })
    },
  }
}

export type ServedApi = Awaited<ReturnType<typeof serveApi>>

/** Signs in with an account of a role, made by the owner, or as the owner; the options of a call that comes from its dashboard. */
export async function sessionOf(
  { call }: ServedApi,
  role: 'analyst' | 'rep' | 'admin' | 'owner',
): Promise<CallOptions & { readonly headers: Record<string, string> }> {
  const enter = async (who: { email: string; password: string }) => {
    const { headers, body } = await call<{ csrfToken: string }>('POST', '/api/session', {
      body: who,
      key: null,
    })
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
    return { key: null, headers: { Cookie: cookie, 'X-CSRF-Token': body.csrfToken } }
  }
  if (role === 'owner') return enter(admin)
  const who = { email: `${role}@acme.example`, password: `plum orchard lantern ${role}` }
  await call('POST', '/api/accounts', { ...(await enter(admin)), body: { ...who, name: role, role } })
  return enter(who)
}
