import type { Trialist } from '../../../shared/trialist.ts'

/** What each part of the page about one trialist is given. */
export interface TrialistParts {
  trialist: Trialist
  /** Of the trialist’s endpoints in the API. */
  params: { userId: string }
  /** By the server’s clock. */
  now: number
  /** Called with the trialist as the server tells it after a change. */
  onChange: (trialist: Trialist) => void
}
