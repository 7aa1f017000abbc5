import { timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { operationsApi } from '../../../shared/api/operations.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Metrics } from '../../prometheus.ts'
import { type Storage, StorageUnavailable } from '../../storage/port.ts'

const tag = 'Operation'

export interface OpsRouteParts {
  readonly storage: Storage
  readonly metrics: Metrics
  readonly metricsToken: string | null
  /** Whether the server says of itself that a proxy stands before it: then loopback proves nothing. */
  readonly isProxied: boolean
  readonly version: string
  readonly draining: () => boolean
}

/** A proxy on this host reaches us over loopback too, and not every one says for whom. */
const isLocal = (request: Request): boolean =>
  /^(::1|127\.|::ffff:127\.)/.test(request.socket.remoteAddress ?? '') &&
  forwarding.every((name) => request.get(name) === undefined)
const forwarding = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

const matches = (given: string, token: string): boolean =>
  given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token))

export function opsRoutes({
  storage,
  metrics,
  metricsToken,
  isProxied,
  version,
  draining,
}: OpsRouteParts): Route[] {
  return [
    route(operationsApi, 'GET /healthz', {
      id: 'health',
      tag,
      summary: 'Check that the process is alive',
      role: 'none',
      handle: async () => ok({ status: 'ok', version }, { 'Cache-Control': 'no-store' }),
    }),
    route(operationsApi, 'GET /readyz', {
      id: 'ready',
      tag,
      summary: 'Check that requests can be served: the database answers and the server is not stopping',
      role: 'none',
      problems: ['unavailable'],
      async handle() {
        if (draining()) throw new ProblemError('unavailable', { detail: 'This server is stopping.' })
        await storage.ping().catch((error: unknown) => {
          if (!(error instanceof StorageUnavailable)) throw error
          throw new ProblemError(
            'unavailable',
            { detail: 'The database does not answer.' },
            { 'Retry-After': '2' },
          )
        })
        return ok({ status: 'ready', storage: storage.engine.name }, { 'Cache-Control': 'no-store' })
      },
    }),
    route(operationsApi, 'GET /metrics', {
      id: 'metrics',
      tag,
      summary: 'Get Prometheus metrics; with METRICS_TOKEN, else from loopback only',
      role: 'none',
      problems: ['forbidden'],
      async handle({ raw }) {
        const given = /^Bearer (\S{1,500})$/.exec(raw.get('authorization') ?? '')?.[1]
        const allowed =
          metricsToken === null
            ? !isProxied && isLocal(raw)
            : given !== undefined && matches(given, metricsToken)
        if (!allowed)
          throw new ProblemError('forbidden', { detail: 'Set METRICS_TOKEN and send it as a bearer token.' })
        return ok(await metrics.registry.metrics(), {
          'Content-Type': metrics.registry.contentType,
          'Cache-Control': 'no-store',
        })
      },
    }),
  ]
}
