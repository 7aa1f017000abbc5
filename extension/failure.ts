import type { Card } from '../shared/api/card.ts'
import type { Failure, FailureCode } from './messages.ts'

/** An expected failure on its way to the page that asked. */
export class Refused extends Error {
  readonly failure: Failure
  constructor(code: FailureCode, detail: string, card?: Card) {
    super(detail)
    this.failure = { code, detail, ...(card ? { card } : {}) }
  }
}

/** An invitation rather than a fault: no one has signed in yet. */
export const signedOut = (): Refused =>
  new Refused(
    'signed_out',
    'See how far the people you write with are in their trial. Sign in once to start.',
  )

export function failureOf(error: unknown): Failure {
  if (error instanceof Refused) return error.failure
  return {
    code: 'server',
    detail: 'Something went wrong in the extension. Try again; if it keeps failing, sign in again.',
  }
}
