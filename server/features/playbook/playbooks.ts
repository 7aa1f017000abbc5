import type { WorkspaceId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'

/** The published playbook of each workspace, compiled once and kept in memory; read on every event. */
export interface Playbooks {
  /** @throws when the workspace has none (each gets the default one when it is made). */
  current(workspaceId: WorkspaceId): CompiledPlaybook
  /** The same, read again first: another process may have published one since. */
  newest(workspaceId: WorkspaceId): Promise<CompiledPlaybook>
}
