import { createHash } from 'node:crypto'
import type { EmailAddress, WorkspaceId } from '../../../shared/trial.ts'
import type { SuppressionReason } from '../../domain/model.ts'
import type { DocumentStore } from '../../storage/port.ts'

/** An address that gets no mail in this workspace, whoever it belongs to. It outlives the erasure of its person. */
export interface Suppression {
  readonly reason: SuppressionReason
  readonly at: number
}

export const suppressionKind = 'suppression'

/** Holds no address, only its SHA-256, so that the list survives an erasure request. */
export const suppressionId = (workspaceId: WorkspaceId, address: EmailAddress): string =>
  `${workspaceId}:${createHash('sha256').update(address).digest('hex')}`

export interface Suppressions {
  find(workspaceId: WorkspaceId, address: EmailAddress): Promise<Suppression | null>
  /** Keeps the older entry when there is one. */
  add(workspaceId: WorkspaceId, address: EmailAddress, suppression: Suppression): Promise<void>
  remove(workspaceId: WorkspaceId, address: EmailAddress): Promise<boolean>
}

export const createSuppressions = (documents: DocumentStore): Suppressions => ({
  async find(workspaceId, address) {
    const found = await documents.get<Suppression>(suppressionKind, suppressionId(workspaceId, address))
    return found?.body ?? null
  },
  async add(workspaceId, address, suppression) {
    await documents.put(suppressionKind, suppressionId(workspaceId, address), suppression, 0)
  },
  remove: (workspaceId, address) => documents.delete(suppressionKind, suppressionId(workspaceId, address)),
})
