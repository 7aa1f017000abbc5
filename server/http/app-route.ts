import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { AnswerTo, ApiTable, Parsed } from '../../shared/api/endpoint.ts'
import type { ProblemType } from '../../shared/problems.ts'
import type { Role } from '../../shared/roles.ts'
import type { Actor } from '../domain/trial/model.ts'
import type { Workspace } from '../domain/workspace.ts'

/** Who asks: always bound to one workspace, which comes from the credential and from nothing else. */
export interface Principal {
  /** `grant`: the Gmail companion of someone who signed in. */
  readonly kind: 'key' | 'session' | 'grant'
  readonly role: Role
  readonly workspace: Workspace
  /** Stable, without secrets: `key:<id>` or `account:<id>`. */
  readonly id: string
  readonly actor: Actor
  /** Of the session, to be sent back in `X-CSRF-Token`. */
  readonly csrfToken: string | null
}

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly principal: Principal
  readonly workspace: Workspace
  readonly header: (name: string) => string | undefined
  readonly ip: string
  readonly raw: Request
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** When it is not JSON. */
  readonly stream?: (response: Response) => Promise<void>
}

/** How an endpoint is served; what is sent and answered is in `shared/api`. */
interface Definition<E extends ApiTable[keyof ApiTable]> {
  readonly id: string
  readonly tag: string
  readonly summary: string
  /** Least role. `none`: anyone; the handler then gets no principal worth reading. */
  readonly role: Role | 'none'
  /** Bytes, when 100 KB are not enough. */
  readonly bodyLimit?: number
  /** Media types of a body that is no JSON: it is taken as it comes, and `body` is its schema as bytes. */
  readonly rawTypes?: readonly string[]
  readonly problems?: readonly ProblemType[]
  readonly handle: (
    request: RouteRequest<Parsed<E, 'params'>, Parsed<E, 'query'>, Parsed<E, 'body'>>,
  ) => Promise<AnswerTo<E> | Streamed>
}

/** A body that is written piece by piece, or is no JSON. */
interface Streamed {
  readonly status: 200
  readonly headers: Readonly<Record<string, string>>
  readonly stream: (response: Response) => Promise<void>
}

/** An endpoint that is served: by this table routes are registered and OpenAPI is written. */
export interface Route extends Omit<Definition<ApiTable[keyof ApiTable]>, 'handle'> {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  /** OpenAPI form: `/api/trialists/{userId}`. */
  readonly path: string
  readonly params?: z.ZodType | undefined
  readonly query?: z.ZodType | undefined
  readonly body?: z.ZodType | undefined
  readonly answers: ApiTable[keyof ApiTable]['answers']
  readonly handle: (request: RouteRequest<unknown, unknown, unknown>) => Promise<Answer>
}

/** Serves an endpoint of `shared/api`. A handler that answers something else does not compile. */
export function route<Table extends ApiTable, Key extends keyof Table & keyof ApiTable>(
  table: Table,
  key: Key,
  { handle, ...definition }: Definition<Table[Key]>,
): Route {
  const [method = '', path = ''] = key.split(' ')
  const { params, query, body, answers }: ApiTable[keyof ApiTable] = table[key] as Table[Key]
  return {
    ...definition,
    method: method.toLowerCase() as Route['method'],
    path,
    params,
    query,
    body,
    answers,
    handle: handle as Route['handle'],
  }
}

export const ok = <Body>(body: Body, headers?: Record<string, string>) => ({
  status: 200 as const,
  body,
  ...(headers && { headers }),
})
