import type { RequestHandler } from 'express'
import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { brandRoutes } from './brand-routes.ts'
import { createLogoFiles } from './logo-files.ts'
import { createLogos } from './logos.ts'
import { createSheet, type SheetParts } from './sheet.ts'

/** Logos, and a look at everything that is dressed in the brand. */
export function createBrandFeature({
  storage,
  audit,
  clock,
  publicUrl,
  ...parts
}: Omit<SheetParts, 'now'> & {
  storage: Storage
  audit: AuditLog
  clock: Clock
  publicUrl: string
}): { readonly handler: RequestHandler; readonly routes: Route[] } {
  const now = () => clock.now()
  const logos = createLogos(storage.documents, now)
  const sheet = createSheet({ ...parts, publicUrl, now })
  return { handler: createLogoFiles(logos), routes: brandRoutes({ logos, sheet, audit, publicUrl }) }
}
