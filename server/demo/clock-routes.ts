import { json, Router } from 'express'
import * as z from 'zod'
import { durationMs, durationPattern, isoInstant, parseInstant } from '../../shared/clock.ts'
import { parseRequest } from '../http/parse-request.ts'
import { ProblemError } from '../http/problem.ts'
import type { MovableClock } from './movable-clock.ts'
import type { TimeTravel } from './time-travel.ts'

const longestJump = '370d'

const bodyOfMove = z.union(
  [
    z.strictObject({
      advance: z.string().regex(durationPattern, 'must be a duration such as 90s, 1h, 3d or 2w'),
    }),
    z.strictObject({
      now: z
        .string()
        .refine((text) => parseInstant(text) !== null, 'must be an ISO 8601 instant with a zone'),
    }),
  ],
  'must be {"advance":"3d"} or {"now":"2026-12-01T09:00:00Z"}',
)

const refuse = (pointer: string, detail: string): never => {
  throw new ProblemError('invalid-request', { detail, errors: [{ pointer, detail }] })
}

export function createClockRoutes({
  clock,
  travel,
  onMoved,
}: {
  clock: MovableClock
  travel: TimeTravel
  onMoved: (now: number) => Promise<void>
}): Router {
  const router = Router()
  const pass = async (to: () => number) => {
    const now = await travel.passTo(to)
    await onMoved(now)
    return { now: isoInstant(now) }
  }
  router.get('/clock', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ now: isoInstant(clock.now()) })
  })

  // Any content type: `curl -d '{"advance":"3d"}'` names the wrong one.
  router.post('/clock', json({ type: () => true }), async (request, response) => {
    const move = parseRequest(bodyOfMove, request.body, 'body')
    if ('advance' in move) {
      const ms = durationMs(move.advance)
      if (ms < 0) refuse('/advance', 'Time only moves forward: a sent email cannot be unsent.')
      if (ms > durationMs(longestJump)) refuse('/advance', `One step may be at most ${longestJump}.`)
      return void response.json(await pass(() => clock.now() + ms))
    }
    const target = parseInstant(move.now) as number
    const now = clock.now()
    if (target < now)
      refuse(
        '/now',
        `Time only moves forward: it is ${isoInstant(now)} now, and what has been sent cannot be unsent.`,
      )
    if (target - now > durationMs(longestJump)) refuse('/now', `One step may be at most ${longestJump}.`)
    response.json(await pass(() => target))
  })
  return router
}
