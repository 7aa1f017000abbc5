import { createCall, type WireRequest } from '../../../shared/api/client.ts'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { Problem } from '../../../shared/problems.ts'
import { type Role, isAtLeast as roleIsAtLeast } from '../../../shared/roles.ts'

/** An answer that is an error, in words a person can act on. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

export type Session = AnswerOf<'POST /api/session'>

/** Whether to offer what the server lets this role do, and those above it. */
export const isAtLeast = ({ account }: Session, least: Role): boolean => roleIsAtLeast(account.role, least)
export const isAdmin = (session: Session): boolean => isAtLeast(session, 'admin')

/** The server’s clock less ours; theirs is the one by which emails leave. */
let clockOffsetMs = 0
export const serverNow = (): number => Date.now() + clockOffsetMs

let csrfToken = ''
let onSignedOut = () => {}

/** @param signedOut called when the server no longer knows us. */
export function useSession(session: Session | null, signedOut: () => void): void {
  csrfToken = session?.csrfToken ?? ''
  onSignedOut = signedOut
}

/** The same person goes on in another session. */
export const renewToken = (session: Session): void => {
  csrfToken = session.csrfToken
}

const unreachable: Problem = {
  type: 'https://trialpace.dev/problems/unavailable',
  title: 'The server cannot be reached',
  detail: 'The server cannot be reached. Check your connection and try again.',
  status: 0,
}

interface Options {
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

const rawType = 'application/octet-stream'
/** A file goes as it is. */
const isRaw = (body: unknown): body is Uint8Array<ArrayBuffer> => body instanceof Uint8Array

/** @throws ApiError */
async function send({ method, path, body }: WireRequest, { headers, signal }: Options): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(method === 'GET' ? {} : { 'X-CSRF-Token': csrfToken }),
        ...(body === undefined ? {} : { 'Content-Type': isRaw(body) ? rawType : 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(unreachable)
  }
  const now = Number(response.headers.get('x-server-now'))
  if (now > 0) clockOffsetMs = now - Date.now()
  const text = await response.text()
  const answer: unknown = text ? JSON.parse(text) : null
  if (response.ok) return answer
  if (response.status === 401 && path !== '/api/session') onSignedOut()
  throw new ApiError(answer as Problem)
}

/** Asks an endpoint of `shared/api`. @throws ApiError */
export const call = createCall<Options>(send)
