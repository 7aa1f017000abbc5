import type { TrialId, WorkspaceId } from '../../shared/trial.ts'
import type { Command, Reduced, Trial } from './model.ts'
import type { CompiledPlaybook } from './playbook.ts'

export declare function newTrial(
  who: { id: TrialId; workspaceId: WorkspaceId; userId: string | null; anonymousId: string | null },
  playbook: CompiledPlaybook,
  now: number,
): Trial

export declare function reduce(
  trial: Trial,
  command: Command,
  playbook: CompiledPlaybook,
  now: number,
): Reduced
