import type { Problem } from '../../shared/problems.ts'
import { CommandError, exitCodes } from './output.ts'

export interface ApiOptions {
  readonly url?: string
  readonly key?: string
}

interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  readonly etag: string | null
}

export interface ApiClient {
  /** @throws CommandError with the problem’s own words when the answer is an error. */
  call(
    method: string,
    path: string,
    options?: {
      body?: unknown
      headers?: Record<string, string>
      /** A body that is no JSON. */
      raw?: { readonly text: string; readonly type: string }
    },
  ): Promise<ApiAnswer>
  /** What is no JSON. @throws CommandError */
  text(path: string): Promise<string>
}

const timeoutMs = 30_000
const maxTries = 5

const problemText = ({ title, detail, errors }: Partial<Problem>, status: number): string =>
  [
    `${title ?? `HTTP ${status}`}${detail ? `: ${detail}` : ''}`,
    ...(errors ?? []).map((fault) => `  ${fault.pointer || '/'}  ${fault.detail}`),
  ].join('\n')

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Talks to a running server with a secret key; waits as 429 and 503 ask. */
export function createApiClient({ url, key }: ApiOptions, env = process.env): ApiClient {
  const base = (url ?? env.TRIALPACE_URL ?? env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT ?? 8080}`).replace(
    /\/+$/,
    '',
  )
  const secret = key ?? env.TRIALPACE_SECRET_KEY
  if (!secret)
    throw new CommandError(
      'Pass a secret key with --key or TRIALPACE_SECRET_KEY; `trialpace keys create` creates one.',
      exitCodes.usage,
    )

  async function once(
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Response> {
    try {
      return await fetch(base + path, {
        method,
        headers: {
          Authorization: `Bearer ${secret}`,
          ...headers,
        },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch {
      throw new CommandError(
        `${base} cannot be reached. Is the server running? Use --url for another one.`,
        exitCodes.failed,
      )
    }
  }

  return {
    async text(path) {
      const response = await once('GET', path, undefined, {})
      const received = await response.text()
      if (!response.ok)
        throw new CommandError(problemText((parse(received) ?? {}) as Partial<Problem>, response.status))
      return received
    },
    async call(method, path, { body, headers = {}, raw } = {}) {
      const text = raw?.text ?? (body === undefined ? undefined : JSON.stringify(body))
      const type = text === undefined ? {} : { 'Content-Type': raw?.type ?? 'application/json' }
      for (let tries = 1; ; tries++) {
        const response = await once(method, path, text, { ...type, ...headers })
        const received = await response.text()
        if ((response.status === 429 || response.status === 503) && tries < maxTries) {
          await pause(Math.min(Number(response.headers.get('retry-after')) || 1, 30) * 1000)
          continue
        }
        const answer = parse(received)
        if (!response.ok)
          throw new CommandError(problemText((answer ?? {}) as Partial<Problem>, response.status))
        return { status: response.status, body: answer, etag: response.headers.get('etag') }
      }
    },
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    throw new CommandError('The server did not answer with JSON. Is that a Trialpace server?')
  }
}
