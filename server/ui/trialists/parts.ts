import type { Trialist } from '../../../shared/trialist.ts'

/** What each part of the page about one trialist is given. */
export interface TrialistParts {
  trialist: Trialist
  /** Of the trialist in the API. */
  path: string
  /** By the server’s clock. */
  now: number
  /** Called with the trialist as the server tells it after a change. */
  onChange: (trialist: Trialist) => void
}
