import { createHash } from 'node:crypto'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { IdentityMode, KeyScope } from '../../../shared/trust.ts'
import { type Sending, unreleased } from '../../domain/sending.ts'
import type { Workspace, Workspaces } from '../../domain/workspace.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { KeyInfo, StoredKey, StoredWorkspace } from '../../storage/documents/server.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import { releaseSenders } from './release-senders.ts'
import type { Vault } from './vault.ts'

export type { KeyInfo }

const infoOf = ({ hash: _, scope = 'full', ...info }: StoredKey): KeyInfo => ({ ...info, scope })

interface WorkspaceSeed {
  readonly writeKey: string | null
  readonly secretKey: string | null
  readonly identitySecret: string | null
  /** What a new workspace starts with. Default: required. */
  readonly identity?: IdentityMode
  /** Whether it may send at once. Default: no, until a person releases it. */
  readonly released?: boolean
}

/** Secrets that exist in clear only in this moment; print them once. */
export interface MadeSecrets {
  readonly workspaceId: WorkspaceId
  readonly writeKey: string
  /** null: it came from the environment, or was made at an earlier start. */
  readonly secretKey: string | null
  readonly identitySecret: string | null
}

export interface WorkspaceService extends Workspaces {
  /** Makes the first workspace when there is none, applies keys of the environment, loads all. */
  start(seed: WorkspaceSeed): Promise<MadeSecrets | null>
  /** Reads again what other processes may have changed. */
  refresh(): Promise<void>
  keys(id: WorkspaceId): Promise<KeyInfo[]>
  /** @returns null when there are {@link maxSecretKeys} already. */
  createSecretKey(
    id: WorkspaceId,
    label: string,
    scope: KeyScope,
  ): Promise<{ info: KeyInfo; key: string } | null>
  /** @returns false when there is no such key. */
  revokeSecretKey(id: WorkspaceId, keyId: string): Promise<boolean>
  /** The old public key goes on working for `overlapMs`, so that pages in the field can be updated. */
  rotateWriteKey(id: WorkspaceId, overlapMs: number): Promise<string>
  rotateIdentitySecret(id: WorkspaceId): Promise<string>
  setIdentity(id: WorkspaceId, identity: IdentityMode): Promise<void>
  rename(id: WorkspaceId, name: string): Promise<void>
  /** @returns as it was before. */
  setSending(id: WorkspaceId, change: Partial<Sending>): Promise<Sending>
  revealIdentitySecret(id: WorkspaceId): string | null
  /** Workspace of a key that was revoked or rotated away. */
  retiredIn(key: string): WorkspaceId | null
  /** Keys of the environment that are not in use because they were revoked or rotated since. */
  ignoredSeeds(seed: WorkspaceSeed): (keyof WorkspaceSeed)[]
}

/** More are a mistake, and each is looked at whenever keys are loaded. */
export const maxSecretKeys = 50
const maxOldWriteKeys = 10

const kind = 'workspace'
const firstId = 'main' as WorkspaceId
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
const hintOf = (key: string): string => `${key.slice(0, 6)}…${key.slice(-4)}`

interface Loaded {
  readonly byId: Map<WorkspaceId, Workspace>
  readonly byWriteKey: Map<string, { workspace: Workspace; expiresAt: number | null }>
  readonly byHash: Map<string, { workspace: Workspace; key: StoredKey }>
  readonly retired: Map<string, WorkspaceId>
}

export function createWorkspaces({
  storage,
  vault,
  clock,
  ids,
}: {
  storage: Storage
  vault: Vault
  clock: Clock
  ids: Ids
}): WorkspaceService {
  let loaded: Loaded = { byId: new Map(), byWriteKey: new Map(), byHash: new Map(), retired: new Map() }
  const fingerprintOfHash = (hash: string) => vault.fingerprint(hash, 'retired')
  const fingerprint = (key: string) => fingerprintOfHash(sha256(key))
  const sealed = (id: string, field: string, secret: string) => vault.seal(secret, `${id}/${field}`)

  const storedKey = (key: string, label: string): StoredKey => ({
    id: sha256(key).slice(0, 12),
    label,
    hint: hintOf(key),
    createdAt: clock.now(),
    expiresAt: null,
    hash: sha256(key),
  })

  function load(id: WorkspaceId, stored: StoredWorkspace, into: Loaded) {
    const workspace: Workspace = {
      id,
      name: stored.name,
      writeKey: stored.writeKey,
      identitySecret: vault.open(stored.identitySecret, `${id}/identitySecret`),
      linkSecret: vault.open(stored.linkSecret, `${id}/linkSecret`),
      // Workspaces of earlier versions counted unsigned usage unless they said otherwise: nothing of it is lost.
      identity: stored.identity ?? (stored.allowUnverifiedUsage === false ? 'required' : 'trusting'),
      sending: stored.sending ?? unreleased,
    }
    into.byId.set(id, workspace)
    into.byWriteKey.set(stored.writeKey, { workspace, expiresAt: null })
    for (const old of stored.oldWriteKeys)
      into.byWriteKey.set(old.key, { workspace, expiresAt: old.expiresAt })
    for (const retired of stored.retired ?? []) into.retired.set(retired, id)
    for (const key of stored.secretKeys) into.byHash.set(key.hash, { workspace, key })
  }

  async function refresh() {
    const fresh: Loaded = { byId: new Map(), byWriteKey: new Map(), byHash: new Map(), retired: new Map() }
    for await (const { id, body } of eachDocument(storage.documents, kind))
      load(id as WorkspaceId, body, fresh)
    loaded = fresh
  }

  /** Another process may be changing the same workspace. */
  async function update(
    id: WorkspaceId,
    change: (stored: StoredWorkspace) => StoredWorkspace,
  ): Promise<void> {
    const { before } = await updateDocument(storage.documents, kind, id, (stored) => stored && change(stored))
    if (!before) throw new Error(`there is no workspace ${id}`)
    await refresh()
  }

  async function make(seed: WorkspaceSeed): Promise<MadeSecrets | null> {
    const secretKey = seed.secretKey ?? `sk_${ids.secret()}`
    const identitySecret = seed.identitySecret ?? ids.secret()
    const writeKey = seed.writeKey ?? `pk_${ids.secret().slice(0, 32)}`
    const stored: StoredWorkspace = {
      name: 'Main',
      writeKey,
      oldWriteKeys: [],
      secretKeys: [storedKey(secretKey, 'first key')],
      identitySecret: sealed(firstId, 'identitySecret', identitySecret),
      linkSecret: sealed(firstId, 'linkSecret', ids.secret()),
      identity: seed.identity ?? 'required',
      createdAt: clock.now(),
      sending: { ...unreleased, releasedAt: seed.released ? clock.now() : null },
    }
    if ((await storage.documents.put(kind, firstId, stored, 0)) === null) return null
    return {
      workspaceId: firstId,
      writeKey,
      secretKey: seed.secretKey ? null : secretKey,
      identitySecret: seed.identitySecret ? null : identitySecret,
    }
  }

  /** Keys of the environment are the operator's word: they take effect at each start. */
  const applySeed = (seed: WorkspaceSeed) =>
    update(firstId, (stored) => {
      let next = stored
      const isNew = (key: string) => !stored.retired?.includes(fingerprint(key))
      if (seed.writeKey && seed.writeKey !== stored.writeKey && isNew(seed.writeKey))
        next = { ...next, writeKey: seed.writeKey }
      if (
        seed.secretKey &&
        isNew(seed.secretKey) &&
        !stored.secretKeys.some((key) => key.hash === sha256(seed.secretKey as string))
      )
        next = {
          ...next,
          secretKeys: [...next.secretKeys, storedKey(seed.secretKey, 'from the environment')],
        }
      if (
        seed.identitySecret &&
        isNew(seed.identitySecret) &&
        vault.open(stored.identitySecret, `${firstId}/identitySecret`) !== seed.identitySecret
      )
        next = { ...next, identitySecret: sealed(firstId, 'identitySecret', seed.identitySecret) }
      const { sending = unreleased } = next
      if (seed.released && sending.releasedAt === null)
        next = { ...next, sending: { ...sending, releasedAt: clock.now() } }
      return next
    })

  /** After the encryption key was changed: each secret is sealed again with the new one. */
  async function renewSecrets() {
    await refresh()
    for (const id of loaded.byId.keys())
      await update(id, (stored) => {
        const identitySecret = vault.renew(stored.identitySecret, `${id}/identitySecret`)
        const linkSecret = vault.renew(stored.linkSecret, `${id}/linkSecret`)
        const isSame = identitySecret === stored.identitySecret && linkSecret === stored.linkSecret
        return isSame ? stored : { ...stored, identitySecret, linkSecret }
      })
  }

  const secretKeyEntry = (key: string) => {
    const entry = loaded.byHash.get(sha256(key))
    return entry && (entry.key.expiresAt === null || entry.key.expiresAt > clock.now()) ? entry : null
  }

  return {
    async start(seed) {
      const made = await make(seed)
      if (made) await refresh()
      else {
        await releaseSenders(storage, clock.now())
        await applySeed(seed)
      }
      await renewSecrets()
      return made
    },
    refresh,
    all: () => [...loaded.byId.values()],
    get: (id) => loaded.byId.get(id) ?? null,
    byWriteKey(key) {
      const entry = loaded.byWriteKey.get(key)
      return entry && (entry.expiresAt === null || entry.expiresAt > clock.now()) ? entry.workspace : null
    },
    bySecretKey(key) {
      const entry = secretKeyEntry(key)
      return entry && { workspace: entry.workspace, scope: entry.key.scope ?? 'full', keyId: entry.key.id }
    },
    retiredIn: (key) => loaded.retired.get(fingerprint(key)) ?? null,
    ignoredSeeds: (seed) =>
      (['writeKey', 'secretKey', 'identitySecret'] as const).filter(
        (name) => seed[name] && loaded.retired.has(fingerprint(seed[name])),
      ),
    async keys(id) {
      const stored = await storage.documents.get(kind, id)
      return (stored?.body.secretKeys ?? []).map(infoOf)
    },
    async createSecretKey(id, label, scope) {
      const key = `sk_${ids.secret()}`
      const made: StoredKey = { ...storedKey(key, label), scope }
      let isFull = false
      await update(id, (stored) => {
        isFull = stored.secretKeys.length >= maxSecretKeys
        return isFull ? stored : { ...stored, secretKeys: [...stored.secretKeys, made] }
      })
      if (isFull) return null
      return { info: infoOf(made), key }
    },
    async revokeSecretKey(id, keyId) {
      let found = false
      await update(id, (stored) => {
        const revoked = stored.secretKeys.find((key) => key.id === keyId)
        found = revoked !== undefined
        return revoked
          ? {
              ...stored,
              secretKeys: stored.secretKeys.filter((key) => key !== revoked),
              retired: [...(stored.retired ?? []), fingerprintOfHash(revoked.hash)],
            }
          : stored
      })
      return found
    },
    async rotateWriteKey(id, overlapMs) {
      const writeKey = `pk_${ids.secret().slice(0, 32)}`
      const now = clock.now()
      await update(id, (stored) => ({
        ...stored,
        writeKey,
        retired: [...(stored.retired ?? []), fingerprint(stored.writeKey)],
        oldWriteKeys: [
          ...stored.oldWriteKeys.filter((old) => old.expiresAt > now).slice(1 - maxOldWriteKeys),
          { key: stored.writeKey, expiresAt: now + overlapMs },
        ],
      }))
      return writeKey
    },
    async rotateIdentitySecret(id) {
      const secret = ids.secret()
      await update(id, (stored) => ({
        ...stored,
        identitySecret: sealed(id, 'identitySecret', secret),
        retired: [
          ...(stored.retired ?? []),
          fingerprint(vault.open(stored.identitySecret, `${id}/identitySecret`)),
        ],
      }))
      return secret
    },
    rename: (id, name) => update(id, (stored) => ({ ...stored, name })),
    async setSending(id, change) {
      let before: Sending = unreleased
      await update(id, (stored) => {
        before = stored.sending ?? unreleased
        return { ...stored, sending: { ...before, ...change } }
      })
      return before
    },
    setIdentity: (id, identity) => update(id, (stored) => ({ ...stored, identity })),
    revealIdentitySecret: (id) => loaded.byId.get(id)?.identitySecret ?? null,
  }
}
