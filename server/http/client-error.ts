import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ProblemType, problem, problems } from '../../shared/problems.ts'
import { mentionsHeader } from './mentions-header.ts'
import { answerProblem, secured } from './raw-answer.ts'

const refusals: Readonly<Record<string, { type: ProblemType; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { type: 'timeout', detail: 'The request did not arrive in time. Send it again.' },
  HPE_HEADER_OVERFLOW: { type: 'headers-too-large', detail: 'All headers together may have at most 16 KB.' },
}
const unreadable = { type: 'invalid-request', detail: 'This is not HTTP/1.1.' } as const

/**
 * Answers what Node refuses before there is a request, for a server’s `clientError`: in the same words as every
 * other fault, and then hangs up.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { type, detail } = refusals[error.code ?? ''] ?? unreadable
  const body = JSON.stringify(problem(type, { detail }))
  const { status } = problems[type]
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...Object.entries(secured).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/**
 * RFC 9112 §3.2 asks for a Host. Node would refuse such a request by itself, with none of our headers.
 * @returns whether it was answered.
 */
export function refuseWithoutHost(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.httpVersion !== '1.1' || mentionsHeader(request, 'host')) return false
  answerProblem(response, 'invalid-request', 'The Host header is missing.', { Connection: 'close' })
  return true
}
