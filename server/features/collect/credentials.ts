import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Workspace, Workspaces } from '../../domain/workspace.ts'
import { mentionsHeader } from '../../http/mentions-header.ts'

export interface Access {
  readonly workspace: Workspace
  /** true: a secret key, so the caller is the team’s own server and may speak for any user. */
  readonly trusted: boolean
}

/** Decoded Basic headers: a client sends the same one with each request. */
const decoded = new LRUCache<string, string>({ max: 1000 })
/** No key is longer; a longer header is decoded each time rather than remembered. */
const maxHeaderChars = 400

function basicUserName(header: string): string {
  const known = decoded.get(header)
  if (known !== undefined) return known
  const text = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const name = colon < 0 ? text : text.slice(0, colon)
  if (header.length <= maxHeaderChars) decoded.set(header, name)
  return name
}

/**
 * The key of a request, the first of: Basic user name (the password is ignored, as Segment does), `writeKey` in the
 * body, in the query, the X-Write-Key header, a bearer token that is no JWT.
 */
export function keyOf(request: IncomingMessage, bodyKey: unknown, query: string): string | null {
  const header = authorizationOf(request)
  if (header !== undefined && isScheme(header, 'basic ')) {
    const name = basicUserName(header)
    if (name !== '') return name
  }
  if (typeof bodyKey === 'string' && bodyKey !== '') return bodyKey
  const queryKey = query === '' ? null : new URLSearchParams(query).get('writeKey')
  if (queryKey) return queryKey
  const own = request.headers['x-write-key']
  if (typeof own === 'string' && own !== '') return own
  const token = bearerToken(request)
  return token !== null && !token.includes('.') ? token : null
}

export function bearerToken(request: IncomingMessage): string | null {
  const header = authorizationOf(request)
  return header !== undefined && isScheme(header, 'bearer ') ? header.slice('Bearer '.length).trim() : null
}

const authorizationOf = (request: IncomingMessage): string | undefined =>
  mentionsHeader(request, 'authorization') ? request.headers.authorization : undefined

/** The scheme is case-insensitive (RFC 9110 §11.1). */
const isScheme = (header: string, scheme: string): boolean =>
  header.length > scheme.length && header.slice(0, scheme.length).toLowerCase() === scheme

export function accessOf(workspaces: Workspaces, key: string): Access | null {
  const open = workspaces.byWriteKey(key)
  if (open) return { workspace: open, trusted: false }
  const secret = workspaces.bySecretKey(key)
  return secret && (secret.scope === 'full' || secret.scope === 'events')
    ? { workspace: secret.workspace, trusted: true }
    : null
}
