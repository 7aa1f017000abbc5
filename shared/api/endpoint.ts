import type * as z from 'zod'

/** What the two sides of the HTTP API agree on. Types only: a browser bundle that uses them gains nothing. */

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

interface ApiAnswer {
  readonly description: string
  /** Without one there is no body, or it is no JSON. */
  readonly schema?: z.ZodType
  readonly mediaType?: string
  /** Other forms of the same, which a parameter asks for. */
  readonly otherMediaTypes?: readonly string[]
}

interface ApiEndpoint {
  /** Of the path, one for each `{name}` in it. */
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** By status; what every endpoint may answer besides is a problem, see `shared/problems.ts`. */
  readonly answers: Readonly<Record<number, ApiAnswer>>
}

/** Endpoints of one subject, by method and path in the form of OpenAPI: `GET /api/trialists/{userId}`. */
export type ApiTable = Readonly<Record<`${Method} /${string}`, ApiEndpoint>>

/** A part of the request as the server gets it: parsed. */
export type Parsed<E, Part extends 'params' | 'query' | 'body'> = E extends {
  readonly [P in Part]: infer Schema extends z.ZodType
}
  ? z.output<Schema>
  : undefined

/** No one changes an answer on its way out, so it may be made of readonly parts. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

type Headers = Readonly<Record<string, string>>

/** What a handler of the endpoint may answer: each status with the body that is promised for it. */
export type AnswerTo<E extends ApiEndpoint> = {
  [Status in keyof E['answers'] & number]: E['answers'][Status] extends {
    readonly schema: infer Schema extends z.ZodType
  }
    ? { readonly status: Status; readonly body: Frozen<z.output<Schema>>; readonly headers?: Headers }
    : { readonly status: Status; readonly body?: string; readonly headers?: Headers }
}[keyof E['answers'] & number]
