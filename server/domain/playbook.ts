import type { Playbook } from '../../shared/playbook.ts'

/** A playbook with its look-ups made once, for the paths that every event takes. */
export interface CompiledPlaybook {
  readonly playbook: Playbook
  /** Version number in the workspace; 0 = the built-in default. */
  readonly version: number
}
