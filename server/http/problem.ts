import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { type Fault, type ProblemType, problem, problems } from '../../shared/problems.ts'
import { QueryTooLong, StorageUnavailable } from '../storage/port.ts'

/** An expected refusal on its way out of a handler; the error handler writes it as RFC 9457. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly type: ProblemType
  readonly members: { detail?: string; errors?: Fault[]; [extra: string]: unknown }
  readonly headers: Readonly<Record<string, string>>

  constructor(
    type: ProblemType,
    members: ProblemError['members'] = {},
    headers: Record<string, string> = {},
  ) {
    super(members.detail ?? problems[type].title)
    this.type = type
    this.members = members
    this.headers = headers
  }
}

export function sendProblem(
  response: Response,
  type: ProblemType,
  members: ProblemError['members'] = {},
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .status(problems[type].status)
    .set(headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem(type, members)))
}

/** What Express and its parsers throw carries a status and, from body-parser, a `type`. */
interface HttpError {
  status?: unknown
  type?: unknown
  /** Bytes, of bodies that were too large. */
  limit?: unknown
}

const sizeText = (limit: unknown): string => {
  const kilobytes = typeof limit === 'number' ? limit / 1024 : 100
  return kilobytes < 1024 ? `${Math.floor(kilobytes)} KB` : `${Math.floor(kilobytes / 1024)} MB`
}

function problemOf(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error
  if (error instanceof QueryTooLong)
    return new ProblemError('unavailable', {
      detail:
        'This took too long and was given up. Search for more letters, or filter by segment, pace or status.',
    })
  if (error instanceof StorageUnavailable)
    return new ProblemError(
      'unavailable',
      { detail: 'Please try again in a few seconds.' },
      { 'Retry-After': '2' },
    )
  const { status, type, limit } = (error ?? {}) as HttpError
  if (type === 'entity.parse.failed')
    return new ProblemError('invalid-json', { detail: 'Send one JSON object as the body.' })
  if (status === 413)
    return new ProblemError('too-large', { detail: `The body may have at most ${sizeText(limit)}.` })
  if (status === 415)
    return new ProblemError('unsupported-encoding', { detail: 'Use identity, gzip, deflate or br.' })
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new ProblemError('invalid-request', { detail: 'The request could not be read.' })
  return null
}

/** The last handler of the app: every error leaves as problem+json, unforeseen ones are logged and say nothing. */
export function createErrorHandler(log: Logger): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const known = problemOf(error)
    if (!known)
      log.error(
        { err: error, requestId: response.locals.requestId, path: request.route?.path },
        'request failed',
      )
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (known) sendProblem(response, known.type, known.members, known.headers)
    else
      sendProblem(response, 'internal', {
        detail: 'The error is logged under this request id.',
        requestId: response.locals.requestId,
      })
  }
}
