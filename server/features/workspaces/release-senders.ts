import type { WorkspaceId } from '../../../shared/trial.ts'
import { unreleased } from '../../domain/sending.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

const kind = 'workspace'
/** Emails looked at for one that has gone out: one that has sent anything nearly always shows it in the first. */
const mostMails = 2000

/**
 * Workspaces of versions that sent at once: one that has sent goes on sending, any other waits for its release.
 * It can be broken off and run again, also by two processes at once.
 */
export async function releaseSenders(storage: Storage, now: number): Promise<void> {
  for await (const { id, body } of eachDocument(storage.documents, kind)) {
    if (body.sending) continue
    const hasSent = await hasSentEmail(storage, id as WorkspaceId)
    await updateDocument(storage.documents, kind, id, (stored) =>
      !stored || stored.sending
        ? null
        : { ...stored, sending: { ...unreleased, releasedAt: hasSent ? now : null } },
    )
  }
}

async function hasSentEmail({ documents, trials }: Storage, workspaceId: WorkspaceId): Promise<boolean> {
  let looked = 0
  for await (const { id: token, body } of eachDocument(documents, 'mail')) {
    if (++looked > mostMails) return false
    if (!body.trialId.startsWith(`${workspaceId}:`)) continue
    const trial = await trials.get(body.trialId)
    const message = trial?.outbox.find((one) => one.token === token)
    if (message && (message.sentAt !== null || message.dotAt !== null)) return true
  }
  return false
}
