import { ProblemError } from '../../http/problem.ts'

/** The calls that a customer’s server makes, over real HTTP with the secret key. */
export interface TrialpaceApi {
  upsert(userId: string, trialist: Record<string, unknown>): Promise<unknown>
  read(userId: string): Promise<unknown>
  convert(userId: string, plan: string): Promise<unknown>
}

export function createTrialpaceApi({
  baseUrl,
  secretKey,
}: {
  baseUrl: string
  secretKey: string
}): TrialpaceApi {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}/api/trialists/${path}`, {
      method,
      headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json().catch(() => ({}))) as { detail?: string; errors?: [] }
    if (response.ok) return answer
    if (response.status === 404) throw new ProblemError('not-found', { detail: 'No trial yet.' })
    throw new ProblemError('invalid-request', {
      detail: answer.detail ?? `Trialpace answered ${response.status}.`,
      ...(answer.errors && { errors: answer.errors }),
    })
  }
  const idOf = encodeURIComponent
  return {
    upsert: (userId, trialist) => call('PUT', idOf(userId), trialist),
    read: (userId) => call('GET', idOf(userId)),
    convert: (userId, plan) => call('POST', `${idOf(userId)}/conversion`, { plan }),
  }
}
