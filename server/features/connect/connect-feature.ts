import type { Request, RequestHandler, Response } from 'express'
import { connectApi } from '../../../shared/api/connect.ts'
import { dayMs, isoInstant, minuteMs, secondMs } from '../../../shared/clock.ts'
import { peopleIn } from '../../domain/trial/recipient.ts'
import { ok, type Principal, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Auth } from '../accounts/auth.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { EventFeed } from '../collect/event-feed.ts'

const feedPath = '/api/connect/events'
/** Then the browser asks again, and whether it still may is looked at anew. */
const longestMs = 10 * minuteMs
const beatMs = 15 * secondMs
const peopleLooked = 50
const rowsLooked = 100

/** What a team sees while it connects its product: each event as it arrives, and how far it has come. */
export function createConnectFeature({
  feed,
  auth,
  storage,
  audit,
  wallClock,
}: {
  feed: EventFeed
  auth: Auth
  storage: Storage
  audit: AuditLog
  wallClock: Clock
}): { readonly handler: RequestHandler; readonly routes: Route[]; close(): void } {
  const open = new Set<Response>()

  function stream(request: Request, response: Response, { workspace }: Principal): void {
    const stop = feed.watch(workspace.id, (event) => {
      // One who reads too slowly misses events; the server’s memory is not theirs to fill.
      if (response.writableLength < 64 * 1024) response.write(`data: ${JSON.stringify(event)}\n\n`)
    })
    if (!stop) throw new ProblemError('rate-limited', { detail: 'Too many pages watch already; close one.' })
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold events back.
      'X-Accel-Buffering': 'no',
    })
    response.write('retry: 1000\n\n')
    open.add(response)
    const beat = setInterval(() => response.write(': still here\n\n'), beatMs)
    const end = setTimeout(() => response.end(), longestMs)
    response.once('close', () => {
      clearInterval(beat)
      clearTimeout(end)
      stop()
      open.delete(response)
    })
    request.socket.setTimeout(0)
  }

  const handler: RequestHandler = (request, response, next) => {
    if (request.path !== feedPath || request.method !== 'GET') return next()
    auth
      .principalOf(request, { role: 'rep', method: 'get', path: feedPath })
      .then((principal) => stream(request, response, principal))
      .catch(next)
  }

  return {
    handler,
    routes: [progressRoute({ storage, audit, now: () => wallClock.now() })],
    close() {
      for (const response of open) response.end()
    },
  }
}

function progressRoute({
  storage: { trials, documents },
  audit,
  now,
}: {
  storage: Storage
  audit: AuditLog
  now: () => number
}): Route {
  return route(connectApi, 'GET /api/connect', {
    id: 'getConnect',
    tag: 'Workspace',
    summary: 'Get how far the product is connected: events, users, signature, addresses, milestones',
    role: 'rep',
    async handle({ workspace: { id: workspaceId } }) {
      const latest = { workspaceId, sort: '-lastSeenAt', limit: peopleLooked } as const
      const { trials: people } = await trials.list(latest)
      const { trials: visitors } = await trials.list({ ...latest, status: 'anonymous', limit: 1 })
      const seen = [...people, ...visitors].filter(({ usage }) => usage.total > 0)
      const identity = await documents.get('identity-check', workspaceId)
      const forwarded = await documents.get('forwarded-seen', 'this')
      const rows = await audit.list(workspaceId, { limit: rowsLooked })
      const lastAt = Math.max(...seen.map(({ usage }) => usage.lastSeenAt ?? 0))
      return ok({
        lastEventAt: seen.length > 0 ? isoInstant(lastAt) : null,
        identified: people.some(
          ({ userId, company, usage }) => (userId !== null || company !== undefined) && usage.total > 0,
        ),
        identity: identity && { signed: identity.body.fault === null, fault: identity.body.fault },
        addressed: people.flatMap(peopleIn).some(({ person }) => person.email !== null),
        milestone: people.some(({ standing }) => Object.keys(standing.reachedAt).length > 0),
        testSent: rows.some(({ action }) => action === 'template.testSend'),
        unknownProxy: forwarded !== null && now() - forwarded.body.at < 7 * dayMs,
      })
    },
  })
}
