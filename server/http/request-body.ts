import express, { type Request, type RequestHandler } from 'express'
import type { Route } from './app-route.ts'
import { jsonDepthExceeds, maxJsonDepth, parseRequest } from './parse-request.ts'
import { ProblemError } from './problem.ts'

const bodyLimit = 100 * 1024

/** JSON bodies of no bytes: `express.json` reads them as `{}`. */
const empty = new WeakSet<object>()

const json = (limit: number): RequestHandler =>
  express.json({
    limit,
    strict: true,
    type: ['application/json', 'application/*+json'],
    verify: (request, _response, bytes) => {
      if (bytes.length === 0) empty.add(request)
    },
  })

/** @returns what reads the body of a route; most of them share one reader. */
export function createBodyReaders(): (route: Route) => RequestHandler {
  const small = json(bodyLimit)
  return ({ bodyLimit: limit = bodyLimit, rawTypes }) => {
    if (rawTypes) return express.raw({ limit, type: [...rawTypes] })
    return limit === bodyLimit ? small : json(limit)
  }
}

const wrongType = (what: string, types: string): ProblemError =>
  new ProblemError('invalid-request', {
    detail: `Send ${what} with \`Content-Type: ${types}\`.`,
    errors: [{ pointer: 'header/content-type', detail: `must be ${types}` }],
  })

const noBody = (): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'The body is missing. Send a JSON object with `Content-Type: application/json`.',
    errors: [{ pointer: '', detail: 'must be a JSON object' }],
  })

/** Before anything walks through it: anyone who does would overflow the stack. */
export function refuseDeep(body: unknown): void {
  if (!Buffer.isBuffer(body) && jsonDepthExceeds(body))
    throw new ProblemError('invalid-request', {
      detail: `The body is nested deeper than ${maxJsonDepth} levels.`,
    })
}

/** Whether a client sent bytes that no reader took. Their number may be said, or come in chunks. */
const hasBytes = (request: Request): boolean =>
  Number(request.get('content-length') ?? 0) > 0 || request.get('transfer-encoding') !== undefined

/**
 * A missing body is refused even where every member may be left out: more often a client has lost it on the way
 * (a redirect, a forgotten header) than it means `{}`.
 * @throws ProblemError `invalid-request`
 */
export function parsedBody(request: Request, route: Route): unknown {
  if (!route.body) return undefined
  const { body } = request
  if (route.rawTypes) {
    if (body === undefined && hasBytes(request)) throw wrongType('the body', route.rawTypes.join(' or '))
    return parseRequest(route.body, body ?? Buffer.alloc(0), 'body')
  }
  if (body === undefined && hasBytes(request)) throw wrongType('JSON', 'application/json')
  if (body === undefined || empty.has(request)) throw noBody()
  refuseDeep(body)
  return parseRequest(route.body, body, 'body')
}
