import type { RequestHandler } from 'express'
import { ProblemError } from '../http/problem.ts'

const isLoopbackAddress = (address: string): boolean => /^(::ffff:)?127\./.test(address) || address === '::1'

const isLoopbackHost = (host: string): boolean =>
  /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)

/**
 * The demo’s own pages ask for no key, so they answer only this machine: not another host, and not a foreign web
 * page in this machine’s browser (which would send its Origin, or reach us under a name rebound to 127.0.0.1).
 */
export const loopbackOnly: RequestHandler = (request, _response, next) => {
  const { host = '', origin } = request.headers
  const site = request.headers['sec-fetch-site']
  // A page in a sandbox or from a file is `null`; an image of a foreign page has no origin, but says cross-site.
  const isForeign =
    (origin !== undefined && !isLoopbackHost(origin.replace(/^https?:\/\//, ''))) ||
    (site === 'cross-site' && request.headers['sec-fetch-mode'] !== 'navigate') ||
    (site === 'cross-site' && request.method !== 'GET')
  if (!isLoopbackAddress(request.socket.remoteAddress ?? '') || !isLoopbackHost(host) || isForeign)
    throw new ProblemError('forbidden', { detail: 'The demo answers only the machine it runs on.' })
  next()
}
