import type { RequestHandler } from 'express'
import type { Route } from '../../http/app-route.ts'
import type { Storage } from '../../storage/port.ts'
import { nudgeLiftRoutes } from './lift-routes.ts'
import { createNudgePreviewHandler, type NudgePreviewParts, nudgePreviewRoutes } from './preview.ts'

/** What nudges bring, and a look at one on the team’s own site. */
export const createNudgesFeature = ({
  storage,
  ...parts
}: NudgePreviewParts & { storage: Storage }): {
  readonly handler: RequestHandler
  readonly routes: Route[]
} => ({
  handler: createNudgePreviewHandler(parts),
  routes: [...nudgePreviewRoutes(parts), ...nudgeLiftRoutes({ storage, playbooks: parts.playbooks })],
})
