import type { ServerResponse } from 'node:http'
import { type ProblemType, problem, problems } from '../../shared/problems.ts'

/** Answers for the handlers that stand before Express. Each ends the response; a client that has left is no error. */

/** Nothing here is ever a page. */
export const secured = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': 'no-store',
} as const
const securedList = Object.entries(secured).flat()

function answerText(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    ...secured,
    ...headers,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** The short way for the one answer that nearly every request gets: ASCII text, no headers but these. */
export function answerShortJson(response: ServerResponse, text: string): void {
  response.writeHead(200, [
    'Content-Type',
    'application/json',
    'Content-Length',
    text.length,
    'Access-Control-Allow-Origin',
    '*',
    ...securedList,
  ])
  response.end(text)
}

export const answerJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void => answerText(response, status, 'application/json', JSON.stringify(body), headers)

/** RFC 9457. */
export const answerProblem = (
  response: ServerResponse,
  type: ProblemType,
  detail: string,
  headers: Readonly<Record<string, string>>,
  members: Readonly<Record<string, unknown>> = {},
): void =>
  answerText(
    response,
    problems[type].status,
    'application/problem+json',
    JSON.stringify(problem(type, { detail, ...members })),
    headers,
  )
