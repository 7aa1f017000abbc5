import { secondMs } from '../../../shared/clock.ts'
import type { IdentityFault } from '../../../shared/identity-check.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { DocumentStore } from '../../storage/port.ts'

const identityCheckKind = 'identity-check'
const everyMs = 2 * secondMs

/** Keeps it where the set-up page reads it, at most every two seconds; nothing waits for that. */
export function createIdentityWatch(documents: DocumentStore, now: () => number) {
  const written = new Map<WorkspaceId, number>()
  return (workspaceId: WorkspaceId, fault: IdentityFault | null): void => {
    const at = now()
    if (Math.abs(at - (written.get(workspaceId) ?? Number.NEGATIVE_INFINITY)) < everyMs) return
    written.set(workspaceId, at)
    documents.put(identityCheckKind, workspaceId, { at, fault }).catch(() => written.delete(workspaceId))
  }
}
