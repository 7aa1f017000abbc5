import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect } from 'vitest'
import { collectAnswerSchema } from '../../shared/collect.ts'
import { type CollectServer, identitySecret, serveCollect, writeKey } from './serve-collect.ts'

/** A client of the collect door, with a server of its own for the file. */

let serial = 0
export const fresh = (name: string) => `${name}-${++serial}`
export const track = (event: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'track',
  event,
  messageId: fresh('m'),
  ...more,
})
export const basic = (key: string) => ({
  authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
})
export const sign = (claims: Record<string, unknown>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('30m')
    .sign(new TextEncoder().encode(identitySecret))

export async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  const { type, status } = (await response.json()) as { type: string; status: number }
  expect(response.status).toBe(status)
  return type.split('/').at(-1)
}

export function collectSetup() {
  let server: CollectServer
  beforeAll(async () => {
    server = await serveCollect()
  })
  afterAll(() => server.close())
  return {
    get server() {
      return server
    },
    /** Posts a batch with the public key and returns the parsed answer. */
    async send(batch: unknown[], more: Record<string, unknown> = {}, key = writeKey) {
      const response = await server.post('/v1/batch', { writeKey: key, batch, ...more })
      expect(response.status).toBe(200)
      return collectAnswerSchema.parse(await response.json())
    },
    countOf: async (userId: string, event: string) =>
      (await server.trialOf(userId))?.usage.counters[event]?.count ?? 0,
  }
}
