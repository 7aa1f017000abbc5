import type { WorkspaceId } from '../../shared/trial.ts'
import type { IdentityMode, KeyScope } from '../../shared/trust.ts'
import type { Sending } from './sending.ts'

interface SecretKeyAccess {
  readonly workspace: Workspace
  readonly scope: KeyScope
  readonly keyId: string
}

/** A product team with its keys. Held in memory, refreshed from the storage; looked up on every request. */
export interface Workspace {
  readonly id: WorkspaceId
  readonly name: string
  /** `pk_…`, public: is in web pages. */
  readonly writeKey: string
  /** HS256 secret with which the team’s server signs identities. */
  readonly identitySecret: string
  /** Keys the tokens in email links. */
  readonly linkSecret: string
  readonly identity: IdentityMode
  readonly sending: Sending
}

export interface Workspaces {
  all(): readonly Workspace[]
  get(id: WorkspaceId): Workspace | null
  byWriteKey(key: string): Workspace | null
  /** Compares SHA-256 digests; the key itself (`sk_…`) is stored nowhere. */
  bySecretKey(key: string): SecretKeyAccess | null
}
