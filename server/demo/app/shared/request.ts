/** One JSON request to the demo’s own server. @throws Error with the problem’s own words. */
export async function request<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(wordsOf(answer) ?? `The server answered ${response.status}.`)
  return answer as T
}

interface ProblemLike {
  detail?: string
  title?: string
  errors?: { detail: string }[]
}

const wordsOf = ({ detail, title, errors }: ProblemLike): string | undefined =>
  errors?.map((fault) => fault.detail).join(' ') || detail || title
