import type { ServerResponse } from 'node:http'
import { collectLimits } from '../../../shared/collect.ts'
import type { ProblemType } from '../../../shared/problems.ts'
import { answerProblem } from '../../http/raw-answer.ts'
import type { BodyFault } from '../../http/read-body.ts'
import { open, retryAfter } from './cross-origin.ts'

/** Why a whole request was not taken. */
export interface Refusal {
  readonly problem: ProblemType
  readonly detail: string
  readonly retryAfterSeconds?: number
}

/** As several clients want to read it: some stop for minutes when `code` and `message` are missing. */
export const refuseWith = (
  response: ServerResponse,
  { problem, detail, retryAfterSeconds }: Refusal,
  headers: Readonly<Record<string, string>> = open,
): void =>
  answerProblem(
    response,
    problem,
    detail,
    { ...headers, ...(retryAfterSeconds && retryAfter(retryAfterSeconds)) },
    { code: problem, message: detail },
  )

export const bodyRefusals: Readonly<Record<Exclude<BodyFault, 'gone'>, Refusal>> = {
  'too-large': {
    problem: 'too-large',
    detail: `A request may hold ${collectLimits.batchBytes} bytes, and no more when inflated.`,
  },
  'unsupported-encoding': { problem: 'unsupported-encoding', detail: 'Use identity, gzip, deflate or br.' },
  undecodable: { problem: 'invalid-request', detail: 'The body is not encoded as Content-Encoding says.' },
}

export const refusals = {
  wrongMethod: { problem: 'method-not-allowed', detail: 'Events are sent by POST.' },
  noKey: {
    problem: 'unauthorized',
    detail: 'Send the write key as Basic user name, as writeKey in the body or the query, or as X-Write-Key.',
  },
  unknownKey: { problem: 'unauthorized', detail: 'There is no such write key.' },
  unavailable: {
    problem: 'unavailable',
    detail: 'The events are not stored yet. Send the same request again in a moment.',
    retryAfterSeconds: 2,
  },
  busy: {
    problem: 'unavailable',
    detail: 'Too many events are waiting to be stored. Send the same request again in a moment.',
    retryAfterSeconds: 1,
  },
  broken: {
    problem: 'internal',
    detail: 'The error is logged. Sending the same request again does no harm.',
  },
} as const satisfies Record<string, Refusal>

export const tooManyFromAddress = (seconds: number): Refusal => ({
  problem: 'rate-limited',
  detail: 'This address sends too many requests.',
  retryAfterSeconds: seconds,
})
export const rateLimited = (seconds: number): Refusal => ({
  problem: 'rate-limited',
  detail: 'This key sends too many requests.',
  retryAfterSeconds: seconds,
})
