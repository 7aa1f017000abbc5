import { Router } from 'express'
import { ProblemError } from '../http/problem.ts'
import { loopbackOnly } from './loopback-only.ts'

/** Everything that exists in demo mode only, and for this machine only. */
export function createDemoRoutes(parts: {
  pages: Router
  app: Router
  clock: Router
  inbox: Router
}): Router {
  const router = Router()
  router.use(['/demo', '/inbox'], loopbackOnly)
  router.use(parts.pages)
  router.use('/demo/api/app', parts.app)
  router.use('/demo/api', parts.clock)
  router.use('/inbox/api', parts.inbox)
  router.use(['/demo', '/inbox'], () => {
    throw new ProblemError('not-found', { detail: 'The demo has no such page.' })
  })
  return router
}
