import { isoInstant } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'

/** What someone has changed in the playbook and not yet published; each person has one, and only they see it. */
interface PlaybookDraft {
  readonly playbook: Readonly<Record<string, unknown>>
  readonly basedOn: number
  readonly revision: number
  readonly at: string
}

export interface PlaybookDrafts {
  get(workspaceId: WorkspaceId, owner: string): Promise<PlaybookDraft | null>
  /** @returns null when another window has saved since `revision`. */
  save(
    workspaceId: WorkspaceId,
    owner: string,
    draft: Pick<PlaybookDraft, 'playbook' | 'basedOn' | 'revision'>,
  ): Promise<PlaybookDraft | null>
  discard(workspaceId: WorkspaceId, owner: string): Promise<void>
}

const kind = 'playbook-draft'
const idOf = (workspaceId: WorkspaceId, owner: string): string => `${workspaceId}/${owner}`

export function createPlaybookDrafts({
  storage: { documents },
  clock,
}: {
  storage: Storage
  clock: Clock
}): PlaybookDrafts {
  return {
    async get(workspaceId, owner) {
      const found = await documents.get(kind, idOf(workspaceId, owner))
      if (!found) return null
      const { playbook, basedOn, at } = found.body
      return { playbook: JSON.parse(playbook), basedOn, revision: found.version, at: isoInstant(at) }
    },
    async save(workspaceId, owner, { playbook, basedOn, revision }) {
      const at = clock.now()
      const body = { playbook: JSON.stringify(playbook), basedOn, at }
      const saved = await documents.put(kind, idOf(workspaceId, owner), body, revision)
      return saved === null ? null : { playbook, basedOn, revision: saved, at: isoInstant(at) }
    },
    async discard(workspaceId, owner) {
      await documents.delete(kind, idOf(workspaceId, owner))
    },
  }
}
