import { LRUCache } from 'lru-cache'
import type { BillingRegion } from '../../../shared/api/billing-connections.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Truth } from '../../domain/billing/agreement.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { DocumentBodies } from '../../storage/document-registry.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore, Storage, Versioned } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Vault } from '../workspaces/vault.ts'
import type { BillingProvider, BillingProviderName } from './billing-provider.ts'
import { createProvider, providerUrl } from './providers.ts'

/** One account at a billing system, as it may be shown: its secrets are never given out again. */
export interface Connection {
  readonly id: string
  readonly workspaceId: WorkspaceId
  readonly provider: BillingProviderName
  readonly name: string
  /** The merchant’s own host name, where the provider has one. */
  readonly site: string | null
  readonly region: BillingRegion
  readonly createdAt: number
  readonly settings: ConnectionSettings
}

/** What the team decides about a connection. */
export interface ConnectionSettings {
  /** Rests: webhooks are kept, nothing is read or told. */
  readonly isPaused: boolean
  /** Ids of the products, plans or prices that are what the trial is about; empty: all. */
  readonly products: readonly string[]
  /** `reference`: an id that the billing system was given is the user id here. `email`: its ids are others. */
  readonly matchBy: 'reference' | 'email'
  readonly truth: Truth
  /** How long emails rest while a first payment is being tried; 0: they go on. */
  readonly pendingRestDays: number
}

const defaultSettings: ConnectionSettings = {
  isPaused: false,
  products: [],
  matchBy: 'reference',
  truth: 'later',
  pendingRestDays: 3,
}

interface ConnectionSecrets {
  readonly apiKey: string
  readonly webhookSecrets: readonly string[]
}

/** `settings` are absent on connections of older versions; `sealed`: {@link ConnectionSecrets} as JSON. */
type StoredConnection = DocumentBodies['billing-connection']

export interface Connections {
  list(workspaceId: WorkspaceId): Promise<Connection[]>
  get(id: string): Promise<Connection | null>
  /** @returns null when there are {@link maxConnections} already. */
  create(
    connection: Omit<Connection, 'id' | 'createdAt' | 'settings'> & {
      settings?: Partial<ConnectionSettings>
    },
    secrets: ConnectionSecrets,
  ): Promise<Connection | null>
  /** Absent keeps. @returns null when the workspace has no such connection. */
  update(
    workspaceId: WorkspaceId,
    id: string,
    change: {
      name?: string | undefined
      apiKey?: string | undefined
      webhookSecrets?: string[] | undefined
      settings?: Partial<ConnectionSettings> | undefined
    },
  ): Promise<Connection | null>
  remove(workspaceId: WorkspaceId, id: string): Promise<boolean>
  /** After the encryption key was changed: all secrets are sealed with the new one. */
  renewSecrets(): Promise<void>
  /** Of all workspaces. */
  all(): AsyncGenerator<Connection>
  /** @returns null when there is no such connection (any more). */
  open(id: string): Promise<{ connection: Connection; provider: BillingProvider } | null>
}

export const maxConnections = 20
const kind = 'billing-connection'
const place = (id: string): string => `${kind}/${id}`

async function storedConnections(documents: DocumentStore, workspaceId: WorkspaceId) {
  const found: Versioned<StoredConnection>[] = []
  for await (const stored of eachDocument(documents, kind))
    if (stored.body.workspaceId === workspaceId) found.push(stored)
  return found
}

export const hasConnection = async (documents: DocumentStore, workspaceId: WorkspaceId): Promise<boolean> =>
  (await storedConnections(documents, workspaceId)).length > 0

export function createConnections({
  storage: { documents },
  vault,
  clock,
  ids,
  baseUrl,
}: {
  storage: Storage
  vault: Vault
  clock: Clock
  ids: Ids
  /** In place of the providers’ own hosts. */
  baseUrl: string | null
}): Connections {
  /** Adapters by document version: a Stripe client keeps its connections open between calls. */
  const adapters = new LRUCache<string, { version: number; provider: BillingProvider }>({ max: 1000 })

  const shown = (id: string, { sealed: _, settings, ...connection }: StoredConnection): Connection => ({
    ...connection,
    id,
    settings: { ...defaultSettings, ...settings },
  })
  const seal = (id: string, secrets: ConnectionSecrets) => vault.seal(JSON.stringify(secrets), place(id))
  const unseal = (id: string, sealed: string) =>
    JSON.parse(vault.open(sealed, place(id))) as ConnectionSecrets

  const list = async (workspaceId: WorkspaceId): Promise<Connection[]> =>
    (await storedConnections(documents, workspaceId)).map(({ id, body }) => shown(id, body))

  return {
    list,
    async renewSecrets() {
      for await (const { id, body } of eachDocument(documents, kind)) {
        if (vault.renew(body.sealed, place(id)) === body.sealed) continue
        await updateDocument(documents, kind, id, (stored) =>
          stored ? { ...stored, sealed: vault.renew(stored.sealed, place(id)) } : null,
        )
      }
    },
    async *all() {
      for await (const { id, body } of eachDocument(documents, kind)) yield shown(id, body)
    },
    async get(id) {
      const found = await documents.get(kind, id)
      return found && shown(id, found.body)
    },
    async create(connection, secrets) {
      if ((await list(connection.workspaceId)).length >= maxConnections) return null
      const id = ids.uuid(clock.now())
      const stored: StoredConnection = { ...connection, createdAt: clock.now(), sealed: seal(id, secrets) }
      await documents.put(kind, id, stored, 0)
      return shown(id, stored)
    },
    async update(workspaceId, id, { name, settings, ...change }) {
      const { after } = await updateDocument(documents, kind, id, (stored) => {
        if (stored?.workspaceId !== workspaceId) return null
        const before = unseal(id, stored.sealed)
        const secrets: ConnectionSecrets = {
          apiKey: change.apiKey ?? before.apiKey,
          webhookSecrets: change.webhookSecrets ?? before.webhookSecrets,
        }
        return {
          ...stored,
          name: name ?? stored.name,
          settings: { ...stored.settings, ...settings },
          sealed: seal(id, secrets),
        }
      })
      return after?.workspaceId === workspaceId ? shown(id, after) : null
    },
    async remove(workspaceId, id) {
      const found = await documents.get(kind, id)
      if (found?.body.workspaceId !== workspaceId) return false
      adapters.delete(id)
      return documents.delete(kind, id)
    },
    async open(id) {
      const found = await documents.get(kind, id)
      if (!found) return null
      const connection = shown(id, found.body)
      const known = adapters.get(id)
      if (known?.version === found.version) return { connection, provider: known.provider }
      const url = baseUrl ?? providerUrl(connection.provider, connection)
      const account = { ...unseal(id, found.body.sealed), baseUrl: url }
      const provider = createProvider(connection.provider, account, () => clock.now())
      adapters.set(id, { version: found.version, provider })
      return { connection, provider }
    },
  }
}
