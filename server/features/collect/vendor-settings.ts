import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Workspaces } from '../../domain/workspace.ts'
import { answerJson, answerProblem } from '../../http/raw-answer.ts'
import { accessOf, keyOf } from './credentials.ts'
import { answerPreflight, open } from './cross-origin.ts'
import { isSourceConfig, settingsKey } from './routes.ts'

export interface VendorSettings {
  /** @returns false when the path is not one of theirs. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): boolean
}

/**
 * What steers unchanged vendor clients to us. Both answers were checked against the clients themselves:
 * `@segment/analytics-next` with nothing but `cdnURL` set, `@rudderstack/analytics-js` with `configUrl`.
 */
export function createVendorSettings(workspaces: Workspaces, publicUrl: string | undefined): VendorSettings {
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    key: string | null,
    isSegment: boolean,
  ) => {
    const access = key === null ? null : accessOf(workspaces, key)
    if (!access || access.trusted)
      return answerProblem(response, 'not-found', 'There is no such write key.', open)
    const { writeKey, id } = access.workspace
    const headers = { ...open, 'Cache-Control': 'public, max-age=60' }
    const body = isSegment
      ? segmentSettings(writeKey, publicUrl ?? originOf(request))
      : rudderSourceConfig(writeKey, id)
    answerJson(response, 200, body, headers)
  }

  return {
    handle(request, response, path, query) {
      const segmentKey = settingsKey(path)
      if (segmentKey === null && !isSourceConfig(path)) return false
      if (request.method === 'OPTIONS') answerPreflight(request, response, 'GET')
      else if (request.method === 'GET')
        answer(request, response, segmentKey ?? keyOf(request, null, query), segmentKey !== null)
      else
        answerProblem(response, 'method-not-allowed', 'Settings are read by GET.', {
          ...open,
          Allow: 'GET, OPTIONS',
        })
      return true
    },
  }
}

/** A Host header that is no host cannot steer a client anywhere but back here. */
function originOf({ headers, socket }: IncomingMessage): string {
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  const origin = `${scheme}://${headers.host ?? ''}`
  return URL.canParse(origin) ? origin : `${scheme}://localhost`
}

/** @param origin of this server, `https://host[:port]`, with the path it is mounted under if any. */
function segmentSettings(writeKey: string, origin: string) {
  const { protocol, host, pathname } = new URL(origin)
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${host}${pathname.replace(/\/$/, '')}/v1`,
        protocol: protocol.slice(0, -1),
        deliveryStrategy: { strategy: 'batching', config: { size: 20, timeout: 300 } },
      },
    },
  }
}

const rudderSourceConfig = (writeKey: string, workspaceId: string) => ({
  source: {
    id: workspaceId,
    name: 'Trialpace',
    writeKey,
    enabled: true,
    workspaceId,
    destinations: [],
    config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
    dataplanes: {},
  },
})
