import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import type { Logger } from 'pino'
import * as z from 'zod'
import type { Clock, Ids } from '../ports.ts'
import type { Metrics } from '../prometheus.ts'
import { fingerprintOf, type Idempotency, idempotencyKeyPattern } from './app-idempotency.ts'
import type { Answer, Principal, Route } from './app-route.ts'
import { countingAuditRows } from './audit-count.ts'
import { networkOf } from './client-address.ts'
import { createLateRefusals, type LateRefusals } from './late-refusals.ts'
import { parseRequest } from './parse-request.ts'
import { createErrorHandler, ProblemError, sendProblem } from './problem.ts'
import { createBodyReaders, parsedBody, refuseDeep } from './request-body.ts'
import { createTokenBuckets } from './token-bucket.ts'

/** Who is asking; feature `accounts` knows. */
interface Authentication {
  /** @throws ProblemError unauthorized or forbidden */
  principalOf(request: Request, route: Pick<Route, 'role' | 'method' | 'path'>): Promise<Principal>
}

export interface AppParts {
  readonly routes: readonly Route[]
  readonly auth: Authentication
  readonly idempotency: Idempotency
  readonly audit: RouteAudit
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  readonly ids: Ids
  readonly trustProxy: number | string[] | false
  /** Requests a second that one key, session or unknown address may make. */
  readonly ratePerSecond: number
  /** Mounted before the API: SDK files, links in emails, webhooks. */
  readonly before: readonly RequestHandler[]
  /** Mounted after it: the dashboard’s files. */
  readonly after: readonly RequestHandler[]
}

const nothing = z.strictObject({})

const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
}

/** OpenAPI writes `{name}`, Express `:name`. */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

function writeAnswer(response: Response, answer: Answer): Promise<void> | void {
  response.status(answer.status).set(answer.headers ?? {})
  if (answer.stream) return answer.stream(response)
  if (answer.body === undefined) response.end()
  else if (typeof answer.body === 'string') response.send(answer.body)
  else response.type('application/json').send(JSON.stringify(answer.body))
}

const noPrincipal = new Proxy({} as Principal, {
  get(_, name) {
    throw new Error(`a route without a role asked for the principal's ${String(name)}`)
  },
})

/** Posts that only ask: they leave nothing behind. */
const asking: ReadonlySet<string> = new Set([
  'lookUpTrialists',
  'validatePlaybook',
  'dryRunPlaybook',
  'simulate',
  'previewTemplate',
  'previewContent',
  'listContentVariables',
  'readTranslations',
  'linkNudgePreview',
  'receiveMail',
])

/** Who may write that something was changed; see features/audit. */
interface RouteAudit {
  write(
    workspaceId: Principal['workspace']['id'],
    entry: { by: string; action: string; ip: string | null },
  ): Promise<unknown>
}

function createHandler(route: Route, { idempotency, audit }: AppParts): RequestHandler {
  const changes = route.method !== 'get' && route.role !== 'none' && !asking.has(route.id)
  return async (request, response) => {
    const principal = (response.locals.principal as Principal | undefined) ?? noPrincipal
    const handle = async () =>
      route.handle({
        params: parseRequest(route.params ?? nothing, { ...request.params }, 'path'),
        query: parseRequest(route.query ?? nothing, { ...request.query }, 'query'),
        body: parsedBody(request, route),
        principal,
        get workspace() {
          return principal.workspace
        },
        header: (name) => request.get(name),
        ip: request.ip ?? '',
        raw: request,
      })
    /** Every change has a row: its own, which says more, or this one. */
    const work = async () => {
      if (!changes) return handle()
      const { result, count } = await countingAuditRows(handle)
      if (count === 0 && result.status < 300)
        await audit.write(principal.workspace.id, {
          by: principal.id,
          action: `api.${route.id}`,
          ip: request.ip ?? null,
        })
      return result
    }
    const key = route.method === 'post' && route.role !== 'none' ? request.get('idempotency-key') : undefined
    if (key === undefined) return writeAnswer(response, await work())
    if (!idempotencyKeyPattern.test(key))
      throw new ProblemError('invalid-request', {
        detail: 'The Idempotency-Key is not valid.',
        errors: [{ pointer: 'header/idempotency-key', detail: 'must be 1 to 200 visible ASCII characters' }],
      })
    refuseDeep(request.body)
    const fingerprint = fingerprintOf(request.method, request.originalUrl, request.body)
    const scope = `${principal.workspace.id}/${principal.id}`
    await writeAnswer(response, await idempotency.run({ scope, key, fingerprint }, work))
  }
}

/** 429 as problem+json; `Retry-After` and `RateLimit` come from the library. */
function createLimiter(perSecond: number, refuse: LateRefusals) {
  return rateLimit({
    windowMs: 10_000,
    limit: perSecond * 10,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { trustProxy: false, keyGeneratorIpFallback: false },
    keyGenerator: (request, response) =>
      (response as Response).locals.principal?.id ?? networkOf(request.ip ?? ''),
    handler: (request, response) => refuse(request, () => tooMany(response)),
  })
}

const tooMany = (response: Response, headers?: Readonly<Record<string, string>>): void =>
  sendProblem(response, 'rate-limited', { detail: 'Wait as long as Retry-After says.' }, headers)

/**
 * Finds out who asks. Guessing 256 bits is hopeless anyway: that wrong keys from one address are refused late from
 * some number on spares the thread. Right ones are never held up by them: the address may be that of a whole company,
 * or of a proxy.
 */
function createAuthenticate(auth: Authentication, refuse: LateRefusals) {
  const failures = createTokenBuckets({ perSecond: 10, burst: 600 })
  return (route: Route): RequestHandler =>
    async (request, response, next) => {
      response.locals.route = route.id
      if (route.role === 'none') return next()
      try {
        response.locals.principal = await auth.principalOf(request, route)
      } catch (error) {
        const isWrong = error instanceof ProblemError && error.type === 'unauthorized'
        const seconds = isWrong ? failures.take(networkOf(request.ip ?? ''), performance.now()) : 0
        if (seconds === 0) throw error
        refuse(request, () => tooMany(response, { 'Retry-After': String(seconds) }))
        return
      }
      next()
    }
}

function register(app: Express, parts: AppParts): void {
  const refuse = createLateRefusals()
  const limiter = createLimiter(parts.ratePerSecond, refuse)
  const authenticate = createAuthenticate(parts.auth, refuse)
  const bodyReader = createBodyReaders()
  const methods = new Map<string, string[]>()
  for (const route of parts.routes) {
    const path = expressPath(route.path)
    methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
    const body = route.body ? [bodyReader(route)] : []
    app[route.method](path, authenticate(route), limiter, ...body, createHandler(route, parts))
  }
  // Fixed paths first: `/keys/:id` would answer for `/keys/rotate-write-key` too.
  const byParameters = [...methods].sort(([a], [b]) => a.split(':').length - b.split(':').length)
  for (const [path, allowed] of byParameters)
    app.all(path, (request, response) => {
      const allow = [...new Set(allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed)].join(', ')
      sendProblem(
        response,
        'method-not-allowed',
        { detail: `${request.method} is not supported here; use ${allow} is.` },
        { Allow: allow },
      )
    })
}

/** Request id in, one log line out: ids and numbers only, no addresses, no query strings, no bodies. */
function observe({ log, metrics, clock, ids }: AppParts): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    const requestId = ids.uuid(clock.now())
    response.locals.requestId = requestId
    response.set('X-Request-Id', requestId)
    response.on('finish', () => {
      const ms = performance.now() - startedAt
      const name: string = response.locals.route ?? 'other'
      metrics.httpRequest(name, request.method, response.statusCode, ms / 1000)
      log.debug(
        { requestId, route: name, method: request.method, status: response.statusCode, ms: Math.round(ms) },
        'request',
      )
    })
    next()
  }
}

export function createApp(parts: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('trust proxy', parts.trustProxy)
  app.set('etag', false)
  app.use(observe(parts))
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: { maxAge: 31_536_000 } }))
  for (const handler of parts.before) app.use(handler)
  app.use('/api', (_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Server-Now': String(parts.clock.now()) })
    next()
  })
  register(app, parts)
  for (const handler of parts.after) app.use(handler)
  app.use((_request, response) => sendProblem(response, 'not-found', { detail: 'This path does not exist.' }))
  app.use(createErrorHandler(parts.log))
  return app
}
