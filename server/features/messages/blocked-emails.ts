import { createHash } from 'node:crypto'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { isBlocked } from '../../domain/messages/withheld.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore, TrialStore } from '../../storage/port.ts'
import type { TrialChanges } from '../trials/change-trial.ts'

const kind = 'blocked-email'

const idOf = (trialId: TrialId, key: string): string =>
  attachedTo(trialId) + createHash('sha256').update(key).digest('base64url').slice(0, 22)

/** Where blocked emails are listed, so that no one has to go through all trials for them. */
export const createBlockedList = ({
  documents,
  clock,
}: {
  documents: DocumentStore
  clock: Pick<Clock, 'now'>
}) => ({
  async list({ key, kind: of, notAfter }: OutboxMessage, trialId: TrialId): Promise<void> {
    const entry = { trialId, key, kind: of, at: clock.now(), until: notAfter }
    await documents.put(kind, idOf(trialId, key), entry)
  },
})

interface BlockedEmail {
  readonly trial: Trial
  readonly message: OutboxMessage
}

export interface BlockedEmails {
  /** Those that would still be of use, in the order of the trials’ ids. */
  of(workspaceId: WorkspaceId, limit: number): Promise<BlockedEmail[]>
  /** Chore: their cause may be gone, for instance a template that was mended. */
  retry(signal?: AbortSignal): Promise<void>
}

export function createBlockedEmails({
  documents,
  trials,
  changes,
  clock,
}: {
  documents: DocumentStore
  trials: Pick<TrialStore, 'get'>
  changes: TrialChanges
  clock: Pick<Clock, 'now'>
}): BlockedEmails {
  /** What is no longer blocked, or of no more use, leaves the list. */
  async function* found(prefix: string): AsyncGenerator<BlockedEmail> {
    for await (const { id, body } of eachDocument(documents, kind, { prefix })) {
      const trial = await trials.get(body.trialId)
      const message = trial?.outbox.find(({ key }) => key === body.key)
      if (trial && message && isBlocked(message, clock.now())) yield { trial, message }
      // One that is being sent right now is listed a moment before it is blocked.
      else if (message?.state !== 'claimed') await documents.delete(kind, id)
    }
  }

  return {
    async of(workspaceId, limit) {
      const list: BlockedEmail[] = []
      for await (const one of found(`${workspaceId}:`)) {
        list.push(one)
        if (list.length === limit) break
      }
      return list
    },
    async retry(signal) {
      for await (const { trial, message } of found('')) {
        if (signal?.aborted) return
        await changes.change(trial.id, [{ type: 'retryBlocked', key: message.key }, { type: 'advance' }])
      }
    },
  }
}
