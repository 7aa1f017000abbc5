import type { connectionStates } from '../../../shared/api/billing-connections.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import { BillingError } from './billing-provider.ts'
import type { Connection, Connections } from './connections.ts'
import type { EventLog } from './event-log.ts'

/** What is kept of how a connection does, beside its events. */
interface StoredStatus {
  /** The last call of the provider’s API that was made to see whether the key works. */
  readonly check: { readonly at: number; readonly ok: boolean; readonly detail: string | null } | null
  /** Webhooks that were refused since the last one that was taken. */
  readonly refused: { readonly count: number; readonly at: number; readonly why: string } | null
}

interface Troubles {
  /** Given up, or waiting for someone. */
  readonly stuck: number
  /** Being tried again. */
  readonly retrying: number
}

export interface ConnectionStatus {
  readonly state: (typeof connectionStates)[number]
  /** In sentences, most important first. */
  readonly says: readonly string[]
  readonly check: { at: string; ok: boolean; detail: string | null } | null
  readonly lastEvent: { at: string; type: string; outcome: string } | null
  readonly refused: { count: number; at: string; why: string } | null
  readonly stuck: number
  readonly retrying: number
}

export interface ConnectionStatuses {
  /** Calls the provider once, and keeps what came of it. */
  check(connection: Connection): Promise<void>
  noteRefusal(connectionId: string, why: string): Promise<void>
  noteAccepted(connectionId: string): Promise<void>
  of(connection: Connection, troubles: Troubles): Promise<ConnectionStatus>
  forget(connectionId: string): Promise<void>
}

const kind = 'billing-status'
const blank: StoredStatus = { check: null, refused: null }
const things = (count: number, rest: string) => `${count} ${count === 1 ? 'thing' : 'things'} ${rest}`

/** Most important first; the first one names the state. */
function findings(
  { settings }: Connection,
  { check, refused }: StoredStatus,
  { stuck, retrying }: Troubles,
  hasEvents: boolean,
): (readonly [ConnectionStatus['state'], string])[] {
  const found: (readonly [ConnectionStatus['state'], string])[] = []
  if (settings.isPaused) found.push(['paused', 'Paused: webhooks are kept, nothing is read or written back.'])
  if (check && !check.ok) found.push(['failing', `The API call to test the key failed. ${check.detail}`])
  if (refused)
    found.push([
      'refusing',
      `${refused.count} ${refused.count === 1 ? 'webhook was' : 'webhooks were'} refused, the last one because: ${refused.why}`,
    ])
  if (stuck > 0) found.push(['stuck', things(stuck, stuck === 1 ? 'needs you.' : 'need you.')])
  if (retrying > 0)
    found.push([
      'retrying',
      things(retrying, retrying === 1 ? 'is being tried again.' : 'are being tried again.'),
    ])
  if (!hasEvents) found.push(['silent', 'No webhook has arrived yet.'])
  return found
}

export function createConnectionStatuses({
  documents,
  connections,
  eventLog,
  clock,
}: {
  documents: DocumentStore
  connections: Pick<Connections, 'open'>
  eventLog: Pick<EventLog, 'list'>
  clock: Clock
}): ConnectionStatuses {
  const change = (id: string, next: (status: StoredStatus) => StoredStatus | null) =>
    updateDocument(documents, kind, id, (status) => next(status ?? blank))

  /** A key that may not do this, a wrong site or a wrong region answer like this; a moment’s trouble also does. */
  async function tryOut({
    id,
  }: Connection): Promise<Pick<NonNullable<StoredStatus['check']>, 'ok' | 'detail'>> {
    try {
      const opened = await connections.open(id)
      await opened?.provider.listTrialing(null, 1)
      return { ok: true, detail: null }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      return { ok: false, detail: error.message }
    }
  }

  return {
    async check(connection) {
      const check = { ...(await tryOut(connection)), at: clock.now() }
      await change(connection.id, (status) => ({ ...status, check }))
    },
    async noteRefusal(connectionId, why) {
      await change(connectionId, (status) => ({
        ...status,
        refused: { count: (status.refused?.count ?? 0) + 1, at: clock.now(), why },
      }))
    },
    async noteAccepted(connectionId) {
      await change(connectionId, (status) => (status.refused ? { ...status, refused: null } : null))
    },
    async of(connection, troubles) {
      const stored = (await documents.get(kind, connection.id))?.body ?? blank
      const [last] = await eventLog.list(connection.id, 1)
      const found = findings(connection, stored, troubles, last !== undefined)
      const { check, refused } = stored
      return {
        state: found[0]?.[0] ?? 'ok',
        says: found.map(([, words]) => words),
        check: check && { ...check, at: isoInstant(check.at) },
        lastEvent: last ? { at: isoInstant(last.at), type: last.type, outcome: last.outcome } : null,
        refused: refused && { ...refused, at: isoInstant(refused.at) },
        ...troubles,
      }
    },
    async forget(connectionId) {
      await documents.delete(kind, connectionId)
    },
  }
}
