/**
 * Registry of every error the HTTP API can answer, as RFC 9457 `application/problem+json`. `type` is stable:
 * clients may switch on it. `detail` says what to do about it.
 */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-json': { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'No valid key or session' },
  forbidden: { status: 403, title: 'This key or role may not do that' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed on this path' },
  timeout: { status: 408, title: 'The request took too long' },
  conflict: { status: 409, title: 'It has changed in the meantime' },
  'idempotency-conflict': { status: 409, title: 'The same Idempotency-Key came with another request' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-encoding': { status: 415, title: 'The content encoding is not supported' },
  'policy-refused': { status: 422, title: 'The extension policy does not allow that' },
  'invalid-playbook': { status: 422, title: 'The playbook is not valid' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  unavailable: { status: 503, title: 'The database cannot be reached' },
  internal: { status: 500, title: 'Something went wrong on our side' },
} as const

export type ProblemType = keyof typeof problems

/** One fault in a request: where (JSON pointer or parameter name) and what is wrong with it. */
export interface Fault {
  pointer: string
  detail: string
}

export interface Problem {
  type: `https://trialpace.dev/problems/${ProblemType}`
  title: string
  status: number
  detail?: string
  instance?: string
  errors?: Fault[]
  [extra: string]: unknown
}

export const problem = (
  type: ProblemType,
  members: { detail?: string; errors?: Fault[]; [extra: string]: unknown } = {},
): Problem => ({
  type: `https://trialpace.dev/problems/${type}`,
  ...problems[type],
  ...members,
})
