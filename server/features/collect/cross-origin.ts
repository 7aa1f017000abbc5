import type { IncomingMessage, ServerResponse } from 'node:http'

/** Any page may send, none may send cookies: the write key is public and nothing here rests on credentials. */
export const open = { 'Access-Control-Allow-Origin': '*' } as const

export const retryAfter = (seconds: number) => ({
  ...open,
  'Retry-After': String(seconds),
  'Access-Control-Expose-Headers': 'Retry-After',
})

/** `*` as allowed headers would not cover Authorization, so the asked ones are named back. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, methods: string): void {
  const asked = request.headers['access-control-request-headers']
  response.writeHead(204, {
    ...open,
    'Access-Control-Allow-Methods': methods,
    ...(asked && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': '86400',
    Vary: 'Access-Control-Request-Headers',
  })
  response.end()
}
