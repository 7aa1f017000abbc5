import { createHash } from 'node:crypto'
import { minuteMs } from '../../shared/clock.ts'
import type { Clock } from '../ports.ts'
import { type KeptAnswer, keepAnswersMs } from '../storage/documents/server.ts'
import type { Storage } from '../storage/port.ts'
import type { Answer } from './app-route.ts'
import { ProblemError } from './problem.ts'

/**
 * `Idempotency-Key` on POST: the first answer is kept and given again, so that a client may repeat after a lost
 * connection. Answers hold personal data, so they are stored encrypted and for a day only.
 */
export interface Idempotency {
  run(
    request: { scope: string; key: string; fingerprint: string },
    work: () => Promise<Answer>,
  ): Promise<Answer>
}

/** Encrypts what is kept; `context` binds a text to its place. */
interface Sealing {
  seal(plain: string, context: string): string
  open(sealed: string, context: string): string
}

const kind = 'idempotency'
/** A first request that has not answered for so long has died with its process. */
const abandonedMs = minuteMs
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,200}$/

export const fingerprintOf = (method: string, path: string, body: unknown): string =>
  createHash('sha256')
    .update(`${method} ${path}\n`)
    .update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null))
    .digest('base64url')

export function createIdempotency({
  storage: { documents },
  vault,
  clock,
}: {
  storage: Storage
  vault: Sealing
  clock: Clock
}): Idempotency {
  async function kept(id: string, fingerprint: string): Promise<{ answer: Answer } | { version: number }> {
    const found = await documents.get(kind, id)
    if (!found || clock.now() - found.body.at > keepAnswersMs) return { version: found?.version ?? 0 }
    const { body } = found
    if (body.fingerprint !== fingerprint)
      throw new ProblemError('idempotency-conflict', { detail: 'Use a new key for a new request.' })
    if (body.answer !== null) return { answer: JSON.parse(vault.open(body.answer, id)) as Answer }
    if (clock.now() - body.at > abandonedMs) return { version: found.version }
    throw new ProblemError(
      'conflict',
      { detail: 'The first request with this key is still running.' },
      { 'Retry-After': '1' },
    )
  }

  return {
    async run({ scope, key, fingerprint }, work) {
      const id = createHash('sha256').update(`${scope}\n${key}`).digest('base64url')
      const before = await kept(id, fingerprint)
      if ('answer' in before)
        return { ...before.answer, headers: { ...before.answer.headers, 'Idempotency-Replayed': 'true' } }
      const mark: KeptAnswer = { fingerprint, at: clock.now(), answer: null }
      const version = await documents.put(kind, id, mark, before.version)
      if (version === null)
        throw new ProblemError(
          'conflict',
          { detail: 'The first request with this key is still running.' },
          { 'Retry-After': '1' },
        )
      try {
        const answer = await work()
        await documents.put(kind, id, { ...mark, answer: vault.seal(JSON.stringify(answer), id) }, version)
        return answer
      } catch (error) {
        await documents.delete(kind, id)
        throw error
      }
    },
  }
}
