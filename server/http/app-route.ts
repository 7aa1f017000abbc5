import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { ProblemType } from '../../shared/problems.ts'
import type { Actor } from '../domain/trial/model.ts'
import type { Workspace } from '../domain/workspace.ts'

/**
 * Each may do what those before it may.
 * - `analyst`: figures, nothing about a person. - `rep`: sees trialists, extends, pauses.
 * - `admin`: also playbook, keys, erasure; a secret key is one. - `owner`: also accounts.
 */
export const roles = ['analyst', 'rep', 'admin', 'owner'] as const
export type Role = (typeof roles)[number]

export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least)

/** Who asks: always bound to one workspace, which comes from the credential and from nothing else. */
export interface Principal {
  /** `grant`: the Gmail companion of somebody who signed in. */
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

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  /** OpenAPI form: `/api/trialists/{userId}`. */
  readonly path: string
  readonly id: string
  readonly tag: string
  readonly summary: string
  /** Least role. `none`: anyone; the handler then gets no principal worth reading. */
  readonly role: Role | 'none'
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Bytes, when 100 KB are not enough. */
  readonly bodyLimit?: number
  /** Media types of a body that is no JSON: it is taken as it comes, and `body` is its schema as a Buffer. */
  readonly rawTypes?: readonly string[]
  readonly answers: Readonly<Record<number, { description: string; schema?: z.ZodType; mediaType?: string }>>
  readonly problems?: readonly ProblemType[]
  readonly handle: (
    request: RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<Answer>
}

/** Keeps the types of the schemas inside, so that one list can hold all routes. */
export const route = <Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Route<Params, Query, Body>,
): Route => definition as unknown as Route

export const ok = (body: unknown, headers?: Record<string, string>): Answer => ({
  status: 200,
  body,
  ...(headers && { headers }),
})
