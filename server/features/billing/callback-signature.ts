import { createHmac } from 'node:crypto'

/**
 * Signed as the Standard Webhooks specification says (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256
 * over `id.timestamp.body` under the base64 part of a `whsec_` secret. Any of its libraries verifies this.
 */
export function signedHeaders(
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
    'Idempotency-Key': id,
  }
}
