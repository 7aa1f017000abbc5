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
  const isForeign =
    origin !== undefined && origin !== 'null' && !isLoopbackHost(origin.replace(/^https?:\/\//, ''))
  if (!isLoopbackAddress(request.socket.remoteAddress ?? '') || !isLoopbackHost(host) || isForeign)
    throw new ProblemError('forbidden', { detail: 'The demo answers only the machine it runs on.' })
  next()
}
