import type { WorkspaceId } from '../../shared/trial.ts'

export const identityModes = ['required', 'trusting'] as const
export type IdentityMode = (typeof identityModes)[number]

/** A product team with its keys. Held in memory, refreshed from the storage; looked up on every request. */
export interface Workspace {
  readonly id: WorkspaceId
  readonly name: string
  /** `pk_…`, public: stands in web pages. */
  readonly writeKey: string
  /** HS256 secret with which the team’s server signs identities. */
  readonly identitySecret: string
  /** Keys the tokens in mail links. */
  readonly linkSecret: string
  /**
   * `required`: an event that names a user without a valid token counts for the browser’s visitor alone.
   * `trusting`: it counts for the user it names, apart from what is proven. Anyone can send such an event.
   */
  readonly identity: IdentityMode
}

export interface Workspaces {
  all(): readonly Workspace[]
  get(id: WorkspaceId): Workspace | null
  byWriteKey(key: string): Workspace | null
  /** Compares SHA-256 digests; the key itself (`sk_…`) is stored nowhere. */
  bySecretKey(key: string): Workspace | null
}
