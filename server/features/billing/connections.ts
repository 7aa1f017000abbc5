import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { DocumentStore, Storage, Versioned } from '../../storage/port.ts'
import type { Vault } from '../workspaces/vault.ts'
import type { BillingProvider, BillingProviderName } from './billing-provider.ts'
import { type BillingRegion, createProvider, providerUrl } from './providers.ts'

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
}

interface ConnectionSecrets {
  readonly apiKey: string
  readonly webhookSecrets: readonly string[]
}

interface StoredConnection extends Omit<Connection, 'id'> {
  /** {@link ConnectionSecrets} as JSON. */
  readonly sealed: string
}

export interface Connections {
  list(workspaceId: WorkspaceId): Promise<Connection[]>
  get(id: string): Promise<Connection | null>
  /** @returns null when there are {@link maxConnections} already. */
  create(
    connection: Omit<Connection, 'id' | 'createdAt'>,
    secrets: ConnectionSecrets,
  ): Promise<Connection | null>
  /** Absent keeps. @returns null when the workspace has no such connection. */
  update(
    workspaceId: WorkspaceId,
    id: string,
    change: { name?: string | undefined; apiKey?: string | undefined; webhookSecrets?: string[] | undefined },
  ): Promise<Connection | null>
  remove(workspaceId: WorkspaceId, id: string): Promise<boolean>
  /** @returns null when there is no such connection (any more). */
  open(id: string): Promise<{ connection: Connection; provider: BillingProvider } | null>
}

export const maxConnections = 20
const kind = 'billing-connection'
const place = (id: string): string => `${kind}/${id}`

async function storedConnections(documents: DocumentStore, workspaceId: WorkspaceId) {
  const found: Versioned<StoredConnection>[] = []
  for (let after: string | undefined; ; ) {
    const page = await documents.list<StoredConnection>(kind, { limit: 100, ...(after && { after }) })
    found.push(...page.filter(({ body }) => body.workspaceId === workspaceId))
    after = page.at(-1)?.id
    if (page.length < 100) return found
  }
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
  const adapters = new Map<string, { version: number; provider: BillingProvider }>()

  const shown = (id: string, { sealed: _, ...connection }: StoredConnection): Connection => ({
    ...connection,
    id,
  })
  const seal = (id: string, secrets: ConnectionSecrets) => vault.seal(JSON.stringify(secrets), place(id))
  const unseal = (id: string, sealed: string) =>
    JSON.parse(vault.open(sealed, place(id))) as ConnectionSecrets

  const list = async (workspaceId: WorkspaceId): Promise<Connection[]> =>
    (await storedConnections(documents, workspaceId)).map(({ id, body }) => shown(id, body))

  return {
    list,
    async get(id) {
      const found = await documents.get<StoredConnection>(kind, id)
      return found && shown(id, found.body)
    },
    async create(connection, secrets) {
      if ((await list(connection.workspaceId)).length >= maxConnections) return null
      const id = ids.uuid(clock.now())
      const stored: StoredConnection = { ...connection, createdAt: clock.now(), sealed: seal(id, secrets) }
      await documents.put(kind, id, stored, 0)
      return shown(id, stored)
    },
    async update(workspaceId, id, { name, ...change }) {
      for (;;) {
        const found = await documents.get<StoredConnection>(kind, id)
        if (found?.body.workspaceId !== workspaceId) return null
        const before = unseal(id, found.body.sealed)
        const secrets: ConnectionSecrets = {
          apiKey: change.apiKey ?? before.apiKey,
          webhookSecrets: change.webhookSecrets ?? before.webhookSecrets,
        }
        const stored = { ...found.body, name: name ?? found.body.name, sealed: seal(id, secrets) }
        if ((await documents.put(kind, id, stored, found.version)) !== null) return shown(id, stored)
      }
    },
    async remove(workspaceId, id) {
      const found = await documents.get<StoredConnection>(kind, id)
      if (found?.body.workspaceId !== workspaceId) return false
      adapters.delete(id)
      return documents.delete(kind, id)
    },
    async open(id) {
      const found = await documents.get<StoredConnection>(kind, id)
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
