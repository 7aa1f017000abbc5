import { operationsApi } from '../../../shared/api/operations.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { version } from '../../package-root.ts'
import type { Metrics } from '../../prometheus.ts'
import type { Storage } from '../../storage/port.ts'
import { opsRoutes } from './health-routes.ts'
import { openApiDocument } from './openapi-document.ts'

/**
 * Health, Prometheus, and the API described: the document made of all routes is its own last entry.
 * @returns `table` and what operators ask for.
 */
export function createOperationsFeature({
  table,
  publicUrl,
  ...parts
}: {
  table: readonly Route[]
  storage: Storage
  metrics: Metrics
  metricsToken: string | null
  isProxied: boolean
  publicUrl: string
  draining: () => boolean
}): { readonly routes: Route[] } {
  /** Made once, when first asked for: it never changes while the server runs. */
  let written: Record<string, unknown> | null = null
  const document: Route = route(operationsApi, 'GET /openapi.json', {
    id: 'openApi',
    tag: 'Operation',
    summary: 'Get this API as OpenAPI 3.1',
    role: 'none',
    handle: async () => {
      written ??= openApiDocument(routes, { version, publicUrl })
      return ok(written)
    },
  })
  const routes: Route[] = [...table, ...opsRoutes({ ...parts, version }), document]
  return { routes }
}
