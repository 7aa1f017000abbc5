import type { WorkspaceId } from '../../../shared/trial.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { DocumentStore } from '../../storage/port.ts'

const pageSize = 500
const plainId = /^(.+):([0-9a-f]{64})$/

/**
 * Entries of earlier versions were found by the SHA-256 of the address, which anyone can compute for an address they
 * suspect. Each is put under its keyed hash instead. It can be broken off and run again, also by two processes at once.
 * @returns how many were taken over.
 */
export async function takeOverPlainHashes(
  documents: DocumentStore,
  fingerprint: (text: string) => string,
): Promise<number> {
  let taken = 0
  for (let after: string | undefined; ; ) {
    const page = await documents.list('suppression', {
      limit: pageSize,
      ...(after !== undefined && { after }),
    })
    for (const { id, body } of page) {
      after = id
      const [, workspaceId, plain] = plainId.exec(id) ?? []
      if (workspaceId === undefined || plain === undefined) continue
      const hash = fingerprint(plain)
      for (const trialId of body.trialIds ?? []) {
        await documents.put('suppression-name', `${attachedTo(trialId)}${hash}`, {
          workspaceId: workspaceId as WorkspaceId,
        })
        await documents.delete('suppression-name', `${attachedTo(trialId)}${plain}`)
      }
      // An entry that is there already is newer: it was written under the key.
      await documents.put('suppression', `${workspaceId}:${hash}`, body, 0)
      await documents.delete('suppression', id)
      taken++
    }
    if (page.length < pageSize) return taken
  }
}
