/** `unknown`: it could not be checked from here, which is not the same as wrong. */
export type FindingState = 'ok' | 'warning' | 'wrong' | 'unknown'

/** What one check of the installation came to. */
export interface Finding {
  readonly check: string
  readonly state: FindingState
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}
