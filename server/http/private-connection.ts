import type { Request } from 'express'
import { ProblemError } from './problem.ts'

const isLoopbackName = (host: string): boolean =>
  /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)

/** Whether an address leads no further than this machine. */
export const isLoopbackUrl = (url: string): boolean => isLoopbackName(new URL(url).host)

/** Whether an address begins with https, or leads no further than this machine. */
export const isPrivateUrl = (url: string): boolean => {
  return new URL(url).protocol === 'https:' || isLoopbackUrl(url)
}

/**
 * A session cookie over plain http can be read by everyone on the way: it is given to this machine only.
 * @throws ProblemError
 */
export function assertPrivateConnection(request: Request, publicUrl: string): void {
  if (publicUrl.startsWith('https:') || isLoopbackName(request.get('host') ?? '')) return
  throw new ProblemError('forbidden', {
    detail:
      'Sign-in over plain http is not allowed. Put TLS in front of the server and set PUBLIC_URL to its https address.',
  })
}
