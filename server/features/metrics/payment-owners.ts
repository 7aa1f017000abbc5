import type { WorkspaceId } from '../../../shared/trial.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { RevenueEntry } from './money.ts'

/** As they are attached to trials: what billing systems tell names no one. Without those who have been erased since. */
export async function withOwners(
  workspaceId: WorkspaceId,
  entries: readonly RevenueEntry[],
  documents: DocumentStore,
): Promise<RevenueEntry[]> {
  const missing = new Set(entries.flatMap(({ userId, externalId }) => (userId === null ? externalId : [])))
  if (missing.size === 0) return [...entries]
  const ofUsers = trialIdOfUser(workspaceId, '')
  const owners = new Map<string, string>()
  for await (const { id, body } of eachDocument(documents, 'payment', { prefix: ofUsers }))
    if (missing.has(body.externalId))
      owners.set(
        body.externalId,
        id.slice(ofUsers.length, id.lastIndexOf('/')).replaceAll('%2F', '/').replaceAll('%25', '%'),
      )
  return entries.map((entry) => ({ ...entry, userId: entry.userId ?? owners.get(entry.externalId) ?? null }))
}
