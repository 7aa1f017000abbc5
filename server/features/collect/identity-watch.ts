import { secondMs } from '../../../shared/clock.ts'
import type { IdentityFault } from '../../../shared/identity-check.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { DocumentStore } from '../../storage/port.ts'

/** What became of the last identify call of a browser; kind `identity-check`, one for each workspace. */
interface StoredIdentityCheck {
  readonly at: number
  readonly fault: IdentityFault | null
}

const identityCheckKind = 'identity-check'
const everyMs = 2 * secondMs

/** Keeps it where the set-up page reads it, at most every two seconds; nothing waits for that. */
export function createIdentityWatch(documents: DocumentStore, now: () => number) {
  const written = new Map<WorkspaceId, number>()
  return (workspaceId: WorkspaceId, fault: IdentityFault | null): void => {
    const at = now()
    if (Math.abs(at - (written.get(workspaceId) ?? Number.NEGATIVE_INFINITY)) < everyMs) return
    written.set(workspaceId, at)
    const check: StoredIdentityCheck = { at, fault }
    documents.put(identityCheckKind, workspaceId, check).catch(() => written.delete(workspaceId))
  }
}
