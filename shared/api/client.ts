import type { AnswerOf, EndpointName, RequestOf } from './endpoints.ts'

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** undefined: none. */
  readonly body?: unknown
}

interface Loose {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Everything but the name may be left out where nothing has to be said. */
export type Asked<Name extends EndpointName, More = object> =
  object extends RequestOf<Name> ? [request?: RequestOf<Name> & More] : [request: RequestOf<Name> & More]

/** Puts parameters into the path and the query behind it. Members that are undefined are left out. */
export function wireRequest<Name extends EndpointName>(name: Name, ...asked: Asked<Name>): WireRequest {
  const [method = '', template = ''] = name.split(' ')
  const { params = {}, query = {}, body } = (asked[0] ?? {}) as Loose
  const path = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])))
  const search = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`],
  )
  return {
    method,
    path: search.length > 0 ? `${path}?${search.join('&')}` : path,
    ...(body !== undefined && { body }),
  }
}

/** Typed calls over whatever sends: the answer is what `shared/api` says it is. */
export const createCall =
  <More extends object = object>(send: (request: WireRequest, more: More) => Promise<unknown>) =>
  <Name extends EndpointName>(name: Name, ...asked: Asked<Name, More>): Promise<AnswerOf<Name>> =>
    send(wireRequest(name, ...(asked as Asked<Name>)), (asked[0] ?? {}) as More) as Promise<AnswerOf<Name>>
