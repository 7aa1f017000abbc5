import type { Problem } from '../../../shared/problems.ts'

/** An answer that is an error, in words a person can act on. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

/** Each may do what those before it may. */
const roles = ['analyst', 'rep', 'admin', 'owner'] as const
export type Role = (typeof roles)[number]

export interface Session {
  account: { id: string; name: string; email: string; role: Role }
  workspace: { id: string; name: string }
  csrfToken: string
}

/** Whether to offer what the server lets this role do, and those above it. */
export const isAtLeast = ({ account }: Session, least: Role): boolean =>
  roles.indexOf(account.role) >= roles.indexOf(least)
export const isAdmin = (session: Session): boolean => isAtLeast(session, 'admin')

/** The server’s clock less ours; theirs is the one by which mails leave. */
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
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** @throws ApiError */
export async function api<T>(
  method: string,
  path: string,
  { body, headers, signal }: Options = {},
): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(method === 'GET' ? {} : { 'X-CSRF-Token': csrfToken }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
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
  if (response.ok) return answer as T
  if (response.status === 401 && path !== '/api/session') onSignedOut()
  throw new ApiError(answer as Problem)
}
