import { Agent, request } from 'node:http'

/** One request as some program on some machine makes it. */
export interface Visit {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly agent: string
  /** Where it seems to come from; the server believes the proxy before it. */
  readonly address: string
  readonly type?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Seen {
  readonly status: number
  readonly location: string | null
  readonly body: string
}

export interface Web {
  /** Follows no redirect. */
  visit(visit: Visit): Promise<Seen>
  close(): void
}

export function createWeb(): Web {
  const agent = new Agent({ keepAlive: true, maxSockets: 24 })
  return {
    visit: ({ url, method = 'GET', agent: userAgent, address, type, body, headers }) =>
      new Promise((resolve, reject) => {
        const sent = request(
          url,
          {
            agent,
            method,
            headers: {
              'X-Forwarded-For': address,
              ...(userAgent !== '' && { 'User-Agent': userAgent }),
              ...(type !== undefined && { 'Content-Type': type }),
              ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
              ...headers,
            },
          },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                location: response.headers.location ?? null,
                body: Buffer.concat(chunks).toString(),
              }),
            )
          },
        )
        sent.on('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}
